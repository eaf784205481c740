"""The runner whose workers are processes of this machine, started for one job; a killed one is replaced."""

import signal
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Self, TypeVar

from dog.end_with_parent import end_with_pipe
from dog.errors import WorkerLost
from dog.services.runner_tasks import EDGE_SECONDS, PARTS_AHEAD, Edge, WorkerSetup, no_edge, run_task

ATTEMPTS = 3
"""How often a part is run whose process is killed: it may be the part that needs more memory than there is."""
STARTS = 10
"""How many processes in a row may be killed before they are ready for a part."""

Result = TypeVar("Result")


@dataclass(slots=True, kw_only=True)
class _Begun:
    """A part that is running or waits for its process."""

    index: int  # of the process
    call: tuple[Any, ...]  # task, part and common arguments
    future: Future[Any]
    losses: int = 0  # how often its process was killed while it ran

    @property
    def is_lost(self) -> bool:
        """Whether its process was killed."""
        return self.future.done() and isinstance(self.future.exception(), BrokenProcessPool)


class PoolRunner:
    """Runs tasks in processes; used inside a `with` that ends them.

    Each process is an executor of its own: a part can run where it ran before, and a killed process takes no other one
    with it.
    """

    def __init__(self, setup: WorkerSetup, processes: int) -> None:
        self.workers = processes
        self._setup, self._context = setup, get_context("spawn")
        self._open()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes, whatever they are doing."""
        self._close()

    def _open(self) -> None:
        self._reader, self._writer = self._context.Pipe(duplex=False)
        self._executors = [self._start() for _ in range(self.workers)]
        self._ready: dict[int, Future[None]] = {}  # of each process that was started, whether it can run a part
        self._lost_starts = 0
        self._kept: dict[Any, int] = {}  # of each part, the index of its process

    def _close(self) -> None:
        self._writer.close()
        for executor in self._executors:
            executor.shutdown()
        self._reader.close()

    def map(
        self, task: Callable[..., Result], parts: Sequence[Any], *common: Any, edge: Edge = no_edge, keep: bool = False
    ) -> Iterator[Result]:
        """Do what `Runner.map` says."""
        kept, self._kept = self._kept, {}
        begun: deque[_Begun] = deque()
        coming = iter(parts)
        try:
            for done in range(len(parts)):
                for part in islice(coming, PARTS_AHEAD * self.workers - len(begun)):
                    index = kept[part] if part in kept else self._least_busy(begun)
                    call = (task, part, *common)
                    begun.append(_Begun(index=index, call=call, future=self._submit(index, call)))
                while not self._first_is_done(begun):
                    edge(done / len(parts))
                first = begun.popleft()
                if keep:
                    self._kept[first.call[1]] = first.index
                result: Result = first.future.result()
                self._lost_starts = 0
                edge((done + 1) / len(parts))
                yield result
        finally:
            if begun:  # it ends early: tasks that run end with their processes
                self._close()
                self._open()

    def _first_is_done(self, begun: deque["_Begun"]) -> bool:
        """Wait some seconds for the result of the first part; run again what killed processes had begun."""
        wait([begun[0].future], EDGE_SECONDS)
        for index in {one.index for one in begun if one.is_lost}:
            self._executors[index].shutdown()
            self._executors[index] = self._start()
            lost = [one for one in begun if one.index == index and one.is_lost]
            ready = self._ready.pop(index, None)
            if ready is not None and ready.done() and ready.exception() is None:
                lost[0].losses += 1  # it was running, the others were waiting
            else:
                self._lost_starts += 1
            for one in lost:
                one.future = self._submit(index, one.call)
        if begun[0].losses == ATTEMPTS:
            raise WorkerLost(f"the process of a part was killed {ATTEMPTS} times, perhaps for lack of memory")
        if self._lost_starts >= STARTS:
            raise WorkerLost(f"{STARTS} processes were killed while they started, perhaps for lack of memory")
        return begun[0].future.done() and not begun[0].is_lost  # the new process may be killed already

    def _submit(self, index: int, call: tuple[Any, ...]) -> Future[Any]:
        try:
            if index not in self._ready:
                self._ready[index] = self._executors[index].submit(_be_ready)
            return self._executors[index].submit(run_task, self._setup, *call)
        except BrokenProcessPool as error:
            lost: Future[Any] = Future()
            lost.set_exception(error)
            return lost

    def _least_busy(self, begun: deque["_Begun"]) -> int:
        busy = Counter(one.index for one in begun if not one.future.done())
        return min(range(self.workers), key=lambda index: busy[index])

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, self._context, initializer=_begin, initargs=(self._reader,))


def _be_ready() -> None:
    """Do nothing: a process that has done so was started, and has imported this module."""


def _begin(reader: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the leader receives it too, and ends this one
    end_with_pipe(reader)
