"""Record answers, or compare them with those recorded.

python -m tests.recorded record [--checkout PATH] [--part NAME]
python -m tests.recorded compare [--checkout PATH] [--against PATH]
"""

import argparse
import os
import sys
from pathlib import Path

from tests.recorded.answers import Record, by_part, read_answers, tell_differences, write_answers
from tests.recorded.play import ROOT, play, play_apart, write_records


def compare(found: list[Record], against: list[Record] | None) -> int:
    """Tell the differences of each part; return how many parts differ."""
    differing = 0
    others = None if against is None else by_part(against)
    for part, records in by_part(found).items():
        if others is None:
            stored = read_answers(part)
        else:
            stored = [{"name": record.name, "text": record.text} for record in others.get(part, [])]
        told = tell_differences(records, stored)
        differing += bool(told)
        sys.stdout.write(f"{part}: {told or f'{len(records)} answers, all the same'}\n")
    return differing


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.recorded", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("action", choices=["record", "compare", "play"])
    parser.add_argument("--checkout", type=Path, default=ROOT, help="whose code is played (default: this one)")
    parser.add_argument("--part", help="record this part alone; the others stay as they are")
    parser.add_argument("--against", type=Path, help="compare in full with another checkout, not with what is recorded")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    checkout = options.checkout.resolve()
    if options.action == "play":
        write_records(play(checkout, options.work.resolve()), options.out)
        sys.stderr.flush()
        os._exit(0)  # what the checkout registered at exit belongs to its forks
    found = play_apart(checkout)
    if options.action == "record":
        for part, count in write_answers(found, only=options.part).items():
            sys.stdout.write(f"{part}: {count} answers\n")
        return 0
    against = play_apart(options.against.resolve()) if options.against else None
    return 1 if compare(found, against) else 0


if __name__ == "__main__":
    sys.exit(main())
