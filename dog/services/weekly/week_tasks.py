"""The three sweeps of a week as tasks over ranges of partitions: any process may run any of them, and run it again.

A task that follows another one uses what that has kept in its process, and makes it again where that is missing: the
process was killed, or is another one. All of it follows from the frozen input of the week, so the same bits come out.
Tasks write only to the keys of a version that nobody reads before the leader publishes it, under a name that hashes its
input: one that is run twice, or whose leader has lost the lease, writes the same values again.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

from dog.core.learning.week_changes import WeekChanges
from dog.errors import WeekHeld
from dog.services.runner import LocalRunner, Runner
from dog.services.runner_tasks import Edge, no_edge
from dog.services.runtime import Runtime
from dog.services.spill_buffer import SpillFile
from dog.services.weekly.partition_pass import GatheredEvidence, PartitionPasses, PolicyPriors, WeekInput
from dog.storage.store import Store

PARTITIONS_PER_TASK = 8
TASKS_PER_WORKER = 4
"""At least, where there are partitions enough: a worker that is faster takes more of them."""
CONTACTS_A_TASK = 1_000
"""At least, on average: each task has costs of its own, so that a small tenant is one task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekJob:
    """What all tasks of a week are given."""

    run: str  # what one run has kept, another one does not use
    tenant: str
    week: WeekInput


class KeptPasses:
    """The passes that this process keeps between the sweeps of one run, in one file."""

    def __init__(self, run: str) -> None:
        self.run, self.file = run, SpillFile()
        self.passes: dict[range, PartitionPasses] = {}

    def begin(self, runtime: Runtime, partitions: range, job: WeekJob) -> PartitionPasses:
        """Return new passes over some partitions."""
        passes = PartitionPasses(runtime.store(job.tenant), job.week, partitions, self.file)
        self.passes[partitions] = passes
        return passes

    def take(self, runtime: Runtime, partitions: range, job: WeekJob) -> PartitionPasses:
        """Return the passes over some partitions with their evidence, gathered again where it is not kept here."""
        if partitions not in self.passes:
            self.begin(runtime, partitions, job).gather_evidence()
        return self.passes[partitions]


class KeptRuns:
    """What this process keeps, by tenant: a tenant has one run at a time."""

    def __init__(self) -> None:
        self._runs: dict[str, KeptPasses] = {}

    def of(self, job: WeekJob) -> KeptPasses:
        """Return what is kept of a run; what an earlier run of the tenant has left is dropped."""
        if job.tenant not in self._runs or self._runs[job.tenant].run != job.run:
            self._drop(job.tenant)
            self._runs[job.tenant] = KeptPasses(job.run)
        return self._runs[job.tenant]

    def drop(self, partitions: range, job: WeekJob) -> None:
        """Drop the passes over some partitions, with the last ones the file."""
        kept = self.of(job)
        kept.passes.pop(partitions, None)
        if not kept.passes:
            self._drop(job.tenant)

    def close(self) -> None:
        """Drop everything."""
        for tenant in list(self._runs):
            self._drop(tenant)

    def _drop(self, tenant: str) -> None:
        if tenant in self._runs:
            self._runs.pop(tenant).file.close()


def gather(runtime: Runtime, partitions: range, job: WeekJob) -> GatheredEvidence:
    """First sweep: read the ledgers, and bring every pair's evidence to the week's end."""
    return runtime.shared(KeptRuns).of(job).begin(runtime, partitions, job).gather_evidence()


def compute(
    runtime: Runtime, partitions: range, job: WeekJob, priors: Mapping[str, PolicyPriors]
) -> dict[str, WeekChanges]:
    """Second sweep: compute every pair's multiplier, and add up what changes."""
    return runtime.shared(KeptRuns).of(job).take(runtime, partitions, job).compute_multipliers(priors)


def write(runtime: Runtime, partitions: range, job: WeekJob, priors: Mapping[str, PolicyPriors], version: str) -> None:
    """Third sweep: write the multipliers of a version that nobody reads yet."""
    runtime.shared(KeptRuns).of(job).take(runtime, partitions, job).write_multipliers(priors, version)


def drop(runtime: Runtime, partitions: range, job: WeekJob) -> None:
    """Drop what is kept of some partitions."""
    runtime.shared(KeptRuns).drop(partitions, job)


@dataclass(frozen=True, slots=True)
class WeekSweeps:
    """The sweeps as the leader runs them, over all partitions."""

    runner: Runner
    job: WeekJob
    parts: list[range]

    @classmethod
    def begin(cls, runner: Runner, store: Store, week: WeekInput) -> "WeekSweeps":
        """Prepare the sweeps of one week."""
        count, contacts = store.tenant.partition_count, sum(store.in_partitions("SCARD", "logged"))
        job = WeekJob(run=secrets.token_hex(8), tenant=store.tenant.name, week=week)
        return cls(runner, job, partition_ranges(count, count_tasks(count, contacts=contacts, workers=runner.workers)))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Drop what is kept, but not where a run ended early in other processes: they end, or the next run drops it."""
        if kind is None or issubclass(kind, WeekHeld) or isinstance(self.runner, LocalRunner):
            for _ in self._sweep(drop):
                pass

    def gather(self, edge: Edge) -> GatheredEvidence:
        """Return the evidence of all pairs, summed up."""
        found = iter(self._sweep(gather, edge=edge))
        first = next(found)
        for later in found:
            first.add(later, self.job.week.product_count)
        return first

    def compute(self, priors: Mapping[str, PolicyPriors], edge: Edge) -> dict[str, WeekChanges]:
        """Return what changes, by policy."""
        found = iter(self._sweep(compute, priors, edge=edge))
        first = next(found)
        for later in found:
            for name, changes in later.items():
                first[name].join(changes)
        return first

    def write(self, priors: Mapping[str, PolicyPriors], version: str, edge: Edge) -> None:
        """Write the version."""
        for _ in self._sweep(write, priors, version, edge=edge):
            pass

    def _sweep(self, task: Any, *common: Any, edge: Edge = no_edge) -> Iterator[Any]:
        return self.runner.map(task, self.parts, self.job, *common, edge=edge, keep=True)


def count_tasks(partition_count: int, *, contacts: int, workers: int) -> int:
    """Return into how many tasks a sweep is divided, given how many contacts have events.

    Examples
    --------
    >>> [count_tasks(64, contacts=contacts, workers=4) for contacts in (100, 5_000, 1_000_000)]
    [1, 5, 16]

    """
    most = max(-(-partition_count // PARTITIONS_PER_TASK), min(partition_count, TASKS_PER_WORKER * workers))
    return max(1, min(most, contacts // CONTACTS_A_TASK))


def partition_ranges(partition_count: int, tasks: int) -> list[range]:
    """Divide the partitions into ranges of nearly the same length.

    Examples
    --------
    >>> partition_ranges(8, 3)
    [range(0, 2), range(2, 5), range(5, 8)]

    """
    ends = [partition_count * number // tasks for number in range(tasks + 1)]
    return [range(start, end) for start, end in pairwise(ends)]
