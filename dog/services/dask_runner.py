"""The runner whose workers belong to a Dask cluster, on this machine or on many; Dask is imported only here.

Each task is complete: it needs no result of another task, so that no worker waits for one that was killed. What Dask
loses with a worker it makes again. A part of which something is kept runs on its worker only; once that is gone the
leader submits the part again, for any worker.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Self, TypeVar

from dog.errors import InvalidSettings, NotReady, WorkerLost
from dog.extras import install_extra
from dog.log import log
from dog.services.runner_tasks import EDGE_SECONDS, PARTS_AHEAD, Edge, WorkerSetup, no_edge, run_task

SCHEDULER_SECONDS = 15.0
LEAST_AHEAD = 32
"""Parts that are queued at least: a cluster that adapts starts workers for what waits."""
HOW_TO_INSTALL = f"Dask is not installed; install it: {install_extra('dask')}"

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class _TaskCall:
    """A task with its part; Dask looks into no object of a class that it does not know."""

    setup: WorkerSetup
    task: Callable[..., Any]
    part: Any
    common: tuple[Any, ...] = field(repr=False)  # the arguments of all parts


@dataclass(slots=True)
class _Submitted:
    """A part that runs or waits, on a certain worker or on any."""

    call: _TaskCall
    worker: str | None
    future: Any  # a `Future` of Dask: the worker's address and the result


class DaskRunner:
    """Runs tasks on the workers of a Dask scheduler; used inside a `with` that forgets what it asked for."""

    def __init__(self, setup: WorkerSetup, address: str) -> None:
        self._setup, self._address = setup, address
        self._kept: dict[Any, str] = {}  # of each part, the address of its worker

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection; the scheduler cancels what it has not begun for us."""
        if "_client" in self.__dict__:
            self._client.close()

    @cached_property
    def _client(self) -> Any:
        return connect_to_dask(self._address)

    @property
    def workers(self) -> int:
        """How many workers the cluster has now."""
        return max(1, len(self._addresses()))

    def map(
        self, task: Callable[..., Result], parts: Sequence[Any], *common: Any, edge: Edge = no_edge, keep: bool = False
    ) -> Iterator[Result]:
        """Do what `Runner.map` says."""
        kept, self._kept = self._kept, {}
        if not (workers := self._addresses()):
            log.warning("dask_has_no_workers", address=self._address)
        coming, ahead = iter(parts), max(LEAST_AHEAD, PARTS_AHEAD * len(workers))
        begun: deque[_Submitted] = deque()
        try:
            for done in range(len(parts)):
                for part in islice(coming, ahead - len(begun)):
                    call = _TaskCall(setup=self._setup, task=task, part=part, common=common)
                    begun.append(_Submitted(call, kept.get(part), self._submit(call, kept.get(part))))
                while (found := _result(begun[0].future)) is None:
                    self._move_from_lost_workers(begun)
                    edge(done / len(parts))
                part, (worker, result) = begun.popleft().call.part, found
                if keep:
                    self._kept[part] = worker
                edge((done + 1) / len(parts))
                yield result
        finally:
            self._client.cancel([one.future for one in begun])

    def _submit(self, call: _TaskCall, worker: str | None) -> Any:
        return self._client.submit(_run, call, workers=worker, pure=False)

    def _move_from_lost_workers(self, begun: deque[_Submitted]) -> None:
        alive = self._addresses()
        for one in begun:
            if one.worker is not None and one.worker not in alive:  # with what it had done
                one.worker, one.future = None, self._submit(one.call, None)

    def _addresses(self) -> set[str]:
        return set(self._client.scheduler_info(n_workers=-1)["workers"])


def _result(future: Any) -> tuple[str, Any] | None:
    """Wait some seconds; return what the task returned, or None if it runs or waits still."""
    from distributed import KilledWorker  # noqa: PLC0415  # Dask is optional

    try:
        found: tuple[str, Any] = future.result(timeout=EDGE_SECONDS)
    except KilledWorker:
        raise WorkerLost("all workers that ran a part were killed, perhaps for lack of memory") from None
    except (CancelledError, OSError) as error:
        if future.status == "error":  # the task's own
            raise
        if isinstance(error, TimeoutError):
            return None
        raise WorkerLost("Dask's scheduler is gone, or has ended; see: dog doctor") from None
    return found


def connect_to_dask(address: str) -> Any:
    """Connect to a scheduler, `tcp://HOST:PORT` or `tls://HOST:PORT`; certificates come from Dask's configuration.

    Raises
    ------
    NotReady
        Dask is not installed.
    WorkerLost
        The scheduler cannot be reached.
    InvalidSettings
        Dask's configuration has no certificates for a `tls://` address.

    """
    try:
        from distributed import Client  # noqa: PLC0415  # Dask is optional
    except ImportError:
        raise NotReady(HOW_TO_INSTALL) from None
    try:
        return Client(address, timeout=SCHEDULER_SECONDS, set_as_default=False, name="dog")  # type: ignore[no-untyped-call]
    except OSError as error:
        raise WorkerLost(f"Dask's scheduler {address} cannot be reached: {error}") from None
    except (TypeError, ValueError) as error:
        raise InvalidSettings(f"DOG_DASK {address}: {error}") from None


def _run(call: _TaskCall) -> tuple[str, Any]:
    from distributed import get_worker  # noqa: PLC0415  # Dask is optional

    return get_worker().address, run_task(call.setup, call.task, call.part, *call.common)
