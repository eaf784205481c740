"""What processes and the store hold, sample after sample, and how fast that grows."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.faults.processes import children
from tests.faults.worlds import World

WARM_UP = 1 / 3
"""Share of the time that is left out: caches fill up."""
MOST_PERCENT_PER_HOUR = 1.0
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at everything."""

    seconds: float  # since the load began
    resident_bytes: dict[str, int]  # by process
    open_files: dict[str, int]  # by process
    keys: int
    store_bytes: int
    events: int
    lists: int
    milliseconds: dict[str, list[float]]  # p50 and p99 of the calls since the last sample, by kind

    @property
    def counted(self) -> int:
        """Events and lists so far, 1 at least."""
        return max(1, self.events + self.lists)

    def to_document(self) -> dict[str, Any]:
        """Write it as JSON."""
        return asdict(self)


def name_processes(here: World, serving: int, scheduler: int) -> dict[str, int]:
    """Return the processes of the service by name; workers that replace others get names of their own."""
    servers = children(serving)
    workers = {f"worker {worker}": worker for server in servers for worker in sorted(children(server))}
    with here.redis() as client:
        store = int(client.info("server")["process_id"])
    return {
        "serve": serving,
        **{f"http server {pid}": pid for pid in servers},
        **workers,
        "scheduler": scheduler,
        "store": store,
    }


def take_sample(
    here: World,
    processes: Mapping[str, int],
    began: float,
    events: int,
    lists: int,
    took: Mapping[str, Sequence[float]],
) -> Sample:
    """Look at the processes and at the store."""
    with here.redis() as client:
        keys, memory = int(client.dbsize()), int(client.info("memory")["used_memory"])
    return Sample(
        seconds=round(time.monotonic() - began, 1),
        resident_bytes={name: _resident_bytes(pid) for name, pid in processes.items()},
        open_files={name: sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()) for name, pid in processes.items()},
        keys=keys,
        store_bytes=memory,
        events=events,
        lists=lists,
        milliseconds={
            kind: [round(float(value), 2) for value in np.percentile(of_kind, (50, 99))]
            for kind, of_kind in sorted(took.items())
        },
    )


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


def percent_per_hour(seconds: Sequence[float], values: Sequence[float]) -> float:
    """Return the slope of the values after the warm-up, in percent of their mean.

    Examples
    --------
    >>> round(percent_per_hour([0, 1800, 3600, 5400], [50, 100, 102, 104]), 1)
    3.9

    """
    first = next(place for place, at in enumerate(seconds) if at >= seconds[-1] * WARM_UP)
    slope, _ = np.polyfit(seconds[first:], values[first:], 1)
    return float(100 * 3600 * slope / np.mean(values[first:]))


def slopes(samples: Sequence[Sample]) -> dict[str, float]:
    """Return what grows by how many percent an hour: memory and files of each process, keys and bytes per call."""
    seconds = [sample.seconds for sample in samples]
    names = [name for name in samples[0].resident_bytes if all(name in sample.resident_bytes for sample in samples)]
    series: dict[str, Iterable[float]] = {
        **{
            f"memory of {name}": [sample.resident_bytes[name] for sample in samples]
            for name in names
            if name != "store"
        },
        **{f"open files of {name}": [sample.open_files[name] for sample in samples] for name in names},
        "keys per event and list": [sample.keys / sample.counted for sample in samples],
        "bytes of the store per event and list": [sample.store_bytes / sample.counted for sample in samples],
    }
    return {name: percent_per_hour(seconds, list(values)) for name, values in series.items()}
