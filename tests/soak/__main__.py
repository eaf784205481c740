"""Keep the service under mixed load for two hours and show whether anything grows.

python -m tests.soak [--minutes 120] [--seed N] [--png FILE] [--history FILE]
"""

import argparse
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

from tests.faults.history import keep
from tests.faults.rows import Row
from tests.soak.run_soak import Soak, run_soak
from tests.soak.soak_picture import draw
from tests.soak.soak_samples import MOST_PERCENT_PER_HOUR, Sample, slopes

SAMPLE_SECONDS = 5.0


def main() -> int:
    """Run, draw and judge; exit 1 if something grows or feedback is lost, doubled or torn."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples", type=Path, help="file for the samples; a temporary one if left out")
    parser.add_argument("--png", type=Path)
    parser.add_argument("--history", type=Path, help="a file to which the result is appended as one line of JSON")
    options = parser.parse_args()
    file = options.samples or Path(mkdtemp(prefix="dog-soak-")) / "samples.ndjson"
    sys.stderr.write(f"samples are written to {file}\n")
    began = time.monotonic()
    soak = run_soak(options.minutes * 60, SAMPLE_SECONDS, options.seed, file, _print_sample)
    if options.png:
        draw(soak.samples, options.png)
    row = to_row(soak, options.seed)
    if options.history:
        keep(options.history, "soak", row, "long", time.monotonic() - began)
    return 0 if row.is_clean and not growing(soak) else 1


def _print_sample(sample: Sample) -> None:
    calls = sample.events + sample.lists
    sys.stderr.write(f"\r{sample.seconds / 60:6.1f} min  {calls:,} events and lists, {sample.keys:,} keys ")


def growing(soak: Soak) -> dict[str, float]:
    """Return what grows by more than a percent an hour."""
    return {name: slope for name, slope in slopes(soak.samples).items() if slope > MOST_PERCENT_PER_HOUR}


def to_row(soak: Soak, seed: int) -> Row:
    """Print the slopes and sum the soak up in one row."""
    found, last = soak.findings, soak.samples[-1]
    measured = slopes(soak.samples)
    for name, slope in measured.items():
        sys.stdout.write(f"{slope:+8.2f} %/h  {name}{'  GROWS' if slope > MOST_PERCENT_PER_HOUR else ''}\n")
    worst = max(measured, key=lambda name: measured[name])
    minutes = last.seconds / 60
    note = (
        f"{minutes:.0f} minutes, {last.lists:,} lists, {soak.failed} calls failed; "
        f"{len(growing(soak))} of {len(measured)} series grow by more than {MOST_PERCENT_PER_HOUR:g} %/h; "
        f"most: {worst} {measured[worst]:+.2f} %/h"
    )
    return Row("soak under mixed load", last.events, seed, found.lost, found.doubled, found.torn, None, note)


if __name__ == "__main__":
    raise SystemExit(main())
