"""Processes that share the partitions of a recompute; the leader alone holds the lease, gates and publishes.

Nobody reads what they write before the leader flips the pointer. If a worker dies, the leader fails, and the next run
goes on from the partitions that were written. If the leader dies, the workers end at their next message to it.
"""

import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Self

from dog.core.learning.week_changes import WeekChanges
from dog.errors import DogError, StoreError
from dog.services.weekly.partition_pass import Checkpoint, GatheredEvidence, PartitionPasses, PolicyPriors, WeekInput
from dog.storage.connection import connect
from dog.storage.store import Store, find_tenant

CHECKPOINT_SECONDS = 5.0
"""How long the leader waits for messages before it calls its checkpoint."""
EXIT_SECONDS = 2.0
REDIS_SECONDS = 30.0
MAX_PROCESSES = 16


@dataclass(frozen=True, slots=True)
class WorkerPool:
    """Worker processes and the pipe to each; used inside a `with` that ends them."""

    workers: Sequence[tuple[BaseProcess, Connection]]

    @classmethod
    def start(cls, url: str, tenant: str, processes: int) -> Self:
        """Start workers, each with its own connection; this process counts as one of `processes`."""
        spawn, workers = get_context("spawn"), []
        for _ in range(processes - 1):
            here, there = spawn.Pipe()
            process = spawn.Process(target=_work, args=(there, url, tenant), daemon=True)
            process.start()
            there.close()  # else the end of the worker would not close the pipe
            workers.append((process, here))
        return cls(workers)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers, whatever they are doing."""
        for process, pipe in self.workers:
            pipe.close()
            process.terminate()
        for process, _pipe in self.workers:
            process.join(EXIT_SECONDS)

    def send(self, step: str, *arguments: Any) -> None:
        """Start a step in each worker."""
        for index in range(len(self.workers)):
            self.send_one(index, step, *arguments)

    def send_one(self, index: int, step: str, *arguments: Any) -> None:
        """Start a step in one worker."""
        with suppress(OSError):  # the worker has died: `receive` reports it
            self.workers[index][1].send((step, arguments))

    def receive(self, checkpoint: Checkpoint) -> list[Any]:
        """Wait for each worker's result, in their order; call the checkpoint meanwhile.

        Raises
        ------
        StoreError
            A worker failed, or was killed.

        """
        results: dict[Connection, Any] = {}
        pipes = [pipe for _, pipe in self.workers]
        while waiting := [pipe for pipe in pipes if pipe not in results]:
            for pipe in wait(waiting, CHECKPOINT_SECONDS):
                kind, result = _receive_one(pipe)  # type: ignore[arg-type]  # sockets and handles could be waited for too
                if kind == "failed":
                    raise StoreError(result)
                if kind == "done":
                    results[pipe] = result  # type: ignore[index]  # as above
            checkpoint(1.0)
        return [results[pipe] for pipe in pipes]


def _receive_one(pipe: Connection) -> tuple[str, Any]:
    try:
        message: tuple[str, Any] = pipe.recv()
    except (EOFError, OSError):
        return "failed", "a process of the recompute was killed; run it again, it goes on from there"
    return message


def _work(pipe: Connection, url: str, tenant: str) -> None:
    """Run the steps that the leader sends, in a process of its own, until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the leader receives it too, and ends this one
    passes: PartitionPasses | None = None
    with suppress(EOFError, OSError), connect(url, timeout_seconds=REDIS_SECONDS) as redis:
        while True:
            step, arguments = pipe.recv()
            try:
                if step == "begin":
                    passes = PartitionPasses(Store(redis, find_tenant(redis, tenant)), *arguments)
                else:
                    done = getattr(passes, step)(*arguments, lambda share: pipe.send(("checkpoint", share)))
                    pipe.send(("done", done))
            except DogError as error:
                pipe.send(("failed", error.message))


NO_WORKERS = WorkerPool(())


class SharedPasses:
    """The passes over all partitions, each process taking a range of them; used inside a `with`.

    Its results are the same, bit for bit, as those of `PartitionPasses` over all partitions.
    """

    def __init__(self, pool: WorkerPool, store: Store, week: WeekInput) -> None:
        self._pool, self._week = pool, week
        own, *others = partition_ranges(store.tenant.partition_count, len(pool.workers) + 1)
        self._own = PartitionPasses(store, week, own)
        for index, partitions in enumerate(others):
            pool.send_one(index, "begin", week, partitions)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drop what was kept; the workers do when they begin again, or end."""
        self._own.__exit__()

    def gather_evidence(self, checkpoint: Checkpoint) -> GatheredEvidence:
        """Do what `PartitionPasses.gather_evidence` does."""
        found: GatheredEvidence
        found, *others = self._run("gather_evidence", checkpoint)
        for part in others:
            found.add(part, self._week.product_count)
        return found

    def compute_multipliers(self, priors: Mapping[str, PolicyPriors], checkpoint: Checkpoint) -> dict[str, WeekChanges]:
        """Do what `PartitionPasses.compute_multipliers` does."""
        changes: dict[str, WeekChanges]
        changes, *others = self._run("compute_multipliers", checkpoint, priors)
        for part in others:
            for name, later in part.items():
                changes[name].join(later)
        return changes

    def write_multipliers(self, version: str, checkpoint: Checkpoint) -> None:
        """Do what `PartitionPasses.write_multipliers` does."""
        self._run("write_multipliers", checkpoint, version)

    def _run(self, step: str, checkpoint: Checkpoint, *arguments: Any) -> list[Any]:
        """Run a step in every process; return the results in the order of the partitions."""
        self._pool.send(step, *arguments)
        own = getattr(self._own, step)(*arguments, checkpoint)
        return [own, *self._pool.receive(checkpoint)]


def partition_ranges(partition_count: int, processes: int) -> list[range]:
    """Divide the partitions into ranges of nearly the same length.

    Examples
    --------
    >>> partition_ranges(8, 3)
    [range(0, 2), range(2, 5), range(5, 8)]

    """
    ends = [partition_count * number // processes for number in range(processes + 1)]
    return [range(start, end) for start, end in pairwise(ends)]
