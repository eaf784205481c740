"""Play everything against a checkout, in this process; to be started by `play_apart`."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.recorded import later_parts, parts
from tests.recorded.answers import Record
from tests.recorded.frozen import SharedClock, freeze
from tests.recorded.history import monday_of
from tests.recorded.policies import write_policies
from tests.recorded.random_cases.play import play_random_cases
from tests.recorded.service import Service, set_environment
from tests.recorded.stage import Stage
from tests.recorded.world import make_world

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomPlay:
    """Which random cases are played, and on which kind of store."""

    cases: int
    seed: int
    world: int | None = None  # only this one
    cluster: bool = False
    is_exact: bool = True  # whether numbers are told to the last digit

    def options(self) -> list[str]:
        """Return them as options of the command line."""
        given = [f"--cases={self.cases}", f"--seed={self.seed}"]
        given += [] if self.world is None else [f"--world={self.world}"]
        return given + ["--cluster"] * self.cluster + ["--rounded"] * (not self.is_exact)


RECORDED_CASES = RandomPlay(cases=600, seed=1, is_exact=False)
"""The random cases that are recorded; more are played by `python -m tests.recorded random`."""


def _play_recorded_cases(stage: Stage) -> None:
    play_random_cases(stage, cases=RECORDED_CASES.cases, seed=RECORDED_CASES.seed)


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
    (_play_recorded_cases, False),  # each of its tenants begins with a new app
)
"""Each part, and whether the app is started again before it."""
PORTABLE = {
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
    "OPENBLAS_CORETYPE": "Haswell",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
"""The last bits of exp and log differ between kinds of processors: use what all of the last ten years have."""


def play(checkout: Path, work: Path, only_random: RandomPlay | None = None) -> list[Record]:
    """Play all parts against a checkout, or only random cases; change this process for good."""
    clock = SharedClock()
    clock.set(monday_of(-1))
    freeze(clock)
    set_environment(checkout, work)
    write_policies(work / "policies")
    with ExitStack() as until_end:
        if only_random and only_random.cluster:
            os.environ["DOG_REDIS_URL"] = until_end.enter_context(_cluster(work / "var"))
        service = Service(clock, work)
        until_end.callback(service.close)
        stage = Stage(service, make_world(), work, is_exact=only_random is not None and only_random.is_exact)
        if only_random:
            play_random_cases(stage, cases=only_random.cases, seed=only_random.seed, only_world=only_random.world)
        else:
            _play_parts(stage)
    return stage.records


def _play_parts(stage: Stage) -> None:
    for part, again in PARTS:
        began = time.monotonic()
        if again:
            stage.service.restart()
        part(stage)
        sys.stderr.write(f"{stage.part}: {time.monotonic() - began:.1f} s\n")


@contextmanager
def _cluster(folder: Path) -> Iterator[str]:
    """Run a cluster while the block lasts; return its URL."""
    from tests.servers import cluster_url, running_cluster  # noqa: PLC0415  # it uses the code of the checkout

    folder.mkdir()
    with running_cluster(folder) as servers:
        yield cluster_url(servers)


def play_apart(checkout: Path, only_random: RandomPlay | None = None) -> list[Record]:
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
            [*command, "--work", str(work), "--out", str(out), *(only_random.options() if only_random else ())],
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
        return read_records(out)


def write_records(records: list[Record], out: Path) -> None:
    """Write records for the process that started this one."""
    out.write_bytes(b"".join(orjson.dumps([one.part, one.name, one.text]) + b"\n" for one in records))


def read_records(path: Path) -> list[Record]:
    """Read records that another process wrote."""
    return [Record(*orjson.loads(line)) for line in path.read_bytes().splitlines()]
