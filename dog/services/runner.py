"""The port through which heavy jobs run tasks over parts of a tenant: in this process, in a pool, or on Dask.

A task is a function at the top of a module: `task(runtime, part, *common)`. It takes time and randomness as arguments,
and it is pure or writes absolute values, so that a part whose worker was killed is run again. Leases, fences, gates and
publication stay with the leader, which calls `map`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from dog.services.pool_runner import PoolRunner
from dog.services.runner_tasks import Edge, WorkerSetup, no_edge
from dog.services.runtime import Runtime

Result = TypeVar("Result")


class Runner(Protocol):
    """Runs tasks; `workers` processes share them."""

    @property
    def workers(self) -> int:
        """How many tasks run at once."""

    def map(
        self, task: Callable[..., Result], parts: Sequence[Any], *common: Any, edge: Edge = no_edge, keep: bool = False
    ) -> Iterator[Result]:
        """Run a task for each part; yield the results in the order of the parts, as they come.

        Parameters
        ----------
        task
            `task(runtime, part, *common)`. Its results are small, or name files.
        parts
            Hashable and small, such as numbers of partitions.
        edge
            Called after each part, and every 5 seconds while a result is waited for. What it raises cancels the tasks
            that have not begun.
        keep
            What the tasks keep in memory is used by the next map over the same parts: it runs each where it ran now, if
            that worker lives. Else its task makes again what it needs.

        Raises
        ------
        WorkerLost
            The worker of a part was killed again and again, or no worker can be reached.

        """


@dataclass(frozen=True, slots=True)
class LocalRunner:
    """Runs tasks in this process, one after another, with the caller's own runtime."""

    runtime: Runtime
    workers: int = 1

    def map(
        self,
        task: Callable[..., Result],
        parts: Sequence[Any],
        *common: Any,
        edge: Edge = no_edge,
        keep: bool = False,  # noqa: ARG002  # all is in this process
    ) -> Iterator[Result]:
        """Do what `Runner.map` says."""
        for done, part in enumerate(parts, 1):
            result = task(self.runtime, part, *common)
            edge(done / len(parts))
            yield result


@contextmanager
def open_runner(runtime: Runtime, *, processes: int = 1, dask: str | None = None) -> Iterator[Runner]:
    """Open the runner that a command asks for: of a Dask scheduler, of several processes, else as DOG_DASK says.

    Workers start, and the scheduler is reached, when the first task needs them; they end with the block.
    """
    address = dask or (runtime.settings.dask if processes == 1 else None)
    if address is not None:
        from dog.services.dask_runner import DaskRunner  # noqa: PLC0415  # Dask is optional

        with DaskRunner(WorkerSetup.of(runtime), address) as cluster:
            yield cluster
    elif processes > 1 and runtime.redis_url is not None:
        with PoolRunner(WorkerSetup.of(runtime), processes) as pool:
            yield pool
    else:
        yield LocalRunner(runtime)
