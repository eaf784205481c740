"""Play everything against a checkout, in this process; to be started by `play_apart`."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import orjson

from tests.recorded import later_parts, parts
from tests.recorded.answers import Record
from tests.recorded.frozen import SharedClock, freeze
from tests.recorded.history import monday_of
from tests.recorded.policies import write_policies
from tests.recorded.service import Service, set_environment
from tests.recorded.stage import Stage
from tests.recorded.world import make_world

ROOT = Path(__file__).parent.parent.parent
PARTS: tuple[tuple[Callable[[Stage], None], bool], ...] = (
    (parts.load, False),
    (parts.weeks, False),
    (parts.verdicts, True),
    (parts.lists, False),
    (later_parts.shadow, False),
    (later_parts.reading, True),
    (later_parts.policies, False),
    (later_parts.commands, False),
    (later_parts.roll_back, False),
    (later_parts.degraded, True),
    (later_parts.evaluation, True),
)
"""Each part, and whether the app is started anew before it."""
PORTABLE = {
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
    "OPENBLAS_CORETYPE": "Haswell",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
"""The last bits of exp and log differ between kinds of processors: use what all of the last ten years have."""


def play(checkout: Path, work: Path) -> list[Record]:
    """Play all parts against a checkout; change this process for good."""
    clock = SharedClock()
    clock.set(monday_of(-1))
    freeze(clock)
    set_environment(checkout, work)
    write_policies(work / "policies")
    service = Service(clock, work)
    stage = Stage(service, make_world(), work)
    try:
        for part, anew in PARTS:
            began = time.monotonic()
            if anew:
                service.restart()
            part(stage)
            sys.stderr.write(f"{stage.part}: {time.monotonic() - began:.1f} s\n")
    finally:
        service.close()
    return stage.records


def play_apart(checkout: Path) -> list[Record]:
    """Play in a process and a folder of their own; return what was recorded.

    Raises
    ------
    RuntimeError
        The play broke off; the message holds what it wrote.

    """
    with tempfile.TemporaryDirectory(prefix="recorded") as folder:
        out = Path(folder) / "records.ndjson"
        work = Path(folder) / "work"
        work.mkdir()
        command = [sys.executable, "-m", "tests.recorded", "play", "--checkout", str(checkout)]
        done = subprocess.run(
            [*command, "--work", str(work), "--out", str(out)],
            check=False,
            cwd=ROOT,
            env={**os.environ, **PORTABLE},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            log = work / "app.log"
            more = log.read_text()[-3000:] if log.exists() else ""
            raise RuntimeError(f"the play broke off:\n{done.stderr[-3000:]}\n{more}")
        sys.stderr.write(done.stderr)
        return [Record(*orjson.loads(line)) for line in out.read_bytes().splitlines()]


def write_records(records: list[Record], out: Path) -> None:
    """Write records for the process that started this one."""
    out.write_bytes(b"".join(orjson.dumps([one.part, one.name, one.text]) + b"\n" for one in records))
