"""A soak: the service under mixed load for hours, sampled all the time."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from tests.faults.checker import Findings, check
from tests.faults.journal import Journal
from tests.faults.worlds import World, world
from tests.soak.soak_load import MixedLoad, load_data
from tests.soak.soak_samples import Sample, name_processes, take_sample

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Soak:
    """What a soak saw."""

    samples: Sequence[Sample]
    findings: Findings
    failed: int  # calls without an answer, or with 5xx


def run_soak(seconds: float, sample_seconds: float, seed: int, file: Path, report: Callable[[Sample], None]) -> Soak:
    """Run the load for so long; each sample is reported, and appended to a file as it is taken."""
    samples: list[Sample] = []
    with world(DOG_WORKERS=str(WORKERS)) as here, TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "acknowledged.ndjson")
        serving = here.serve()
        scheduler = here.start("jobs", "scheduler", stdout=subprocess.DEVNULL)
        load_data(here)
        load = MixedLoad(here, journal, seed)
        began = time.monotonic()
        load.start()
        try:
            while time.monotonic() < began + seconds:
                time.sleep(sample_seconds)
                samples.append(_sample(here, load, serving.pid, scheduler.pid, began))
                with file.open("ab") as lines:
                    lines.write(orjson.dumps(samples[-1].to_document()) + b"\n")
                report(samples[-1])
        finally:
            load.stop()
        findings = check(here.redis_url, journal.read())
    return Soak(samples, findings, load.failed)


def _sample(here: World, load: MixedLoad, serving: int, scheduler: int, began: float) -> Sample:
    processes = name_processes(here, serving, scheduler)
    return take_sample(here, processes, began, load.journal.count, load.lists, load.take_times())


def read_samples(file: Path) -> list[Sample]:
    """Read the samples that a soak wrote."""
    return [Sample(**orjson.loads(line)) for line in file.read_bytes().splitlines()]
