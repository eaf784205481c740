"""Pages whose shell commands are run in order, in one shell; what a page shows must be what comes out."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
MARK = "@@ end of block @@"
COMMAND = '#!/bin/sh\nexec python -m jobs.dog_script "$@"\n'
"""The command `dog` of an installed package, for a checkout."""


@dataclass(frozen=True)
class Step:
    """One block of commands, what the page shows of their output, and what they printed."""

    commands: str
    shown: list[tuple[str, str]]
    printed: str

    def missing(self) -> Iterator[str]:
        """Return what is shown and was not printed, in this order; `...` stands for anything."""
        for language, text in self.shown:
            is_json = language == "json" or text.startswith("{")
            yield from _missing_keys(text, self.printed) if is_json else _missing_lines(text, self.printed)


def run_page(text: str, *, folder: Path, environ: Mapping[str, str], skip: int = 0) -> list[Step]:
    """Run the blocks of bash of a page from a folder, but the first `skip`; raise AssertionError where one fails."""
    blocks = FENCE.findall(text)
    starts = [number for number, (language, _) in enumerate(blocks) if language == "bash"][skip:]
    script = "set -euo pipefail\n" + "".join(f"{blocks[start][1]}echo '{MARK}'\n" for start in starts)
    command = folder / "bin" / "dog"
    command.parent.mkdir(exist_ok=True)
    command.write_text(COMMAND)
    command.chmod(0o755)
    path = os.pathsep.join([str(command.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOG_")}
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "PATH": path, "COLUMNS": "200", "DOG_LOG_LEVEL": "error", **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    printed = ran.stdout.split(f"{MARK}\n")
    ends = [*starts[1:], len(blocks)]
    return [
        Step(blocks[start][1], [one for one in blocks[start + 1 : end] if one[0] in {"text", "json"}], output)
        for start, end, output in zip(starts, ends, printed, strict=False)
    ]


def _missing_lines(text: str, printed: str) -> Iterator[str]:
    found = [" ".join(line.split()) for line in printed.splitlines()]
    for line in (" ".join(line.split()) for line in text.splitlines()):
        pattern = re.compile(".*".join(re.escape(part) for part in line.split("...")))
        at = next((number for number, one in enumerate(found) if pattern.match(one)), None)
        if at is None:
            yield line
        else:
            found = found[at + 1 :]


def _missing_keys(text: str, printed: str) -> Iterator[str]:
    place = 0
    for key in re.findall(r'"\w+":', text):
        at = printed.find(key, place)
        if at < 0:
            yield key
        place = max(place, at)
