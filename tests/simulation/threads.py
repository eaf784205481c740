"""What stands in for `threading` and `concurrent.futures` in a simulation: threads are tasks of the scheduler."""

from collections.abc import Callable, Iterable
from typing import Any, Self

from tests.simulation.scheduler import Crashed, Scheduler, Task


class Threading:
    """The names of the module `threading` that the product uses."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def Lock(self) -> "Lock":  # noqa: N802  # the module's name
        """Return a lock."""
        return Lock(self._scheduler)

    def Event(self) -> "Event":  # noqa: N802  # the module's name
        """Return an event."""
        return Event(self._scheduler)

    def Condition(self) -> "Condition":  # noqa: N802  # the module's name
        """Return a condition."""
        return Condition(self._scheduler)

    def Thread(self, **options: Any) -> "Thread":  # noqa: N802  # the module's name
        """Return a thread that is not started yet."""
        return Thread(self._scheduler, **options)

    def get_ident(self) -> int:
        """Return the same number for all: holders of leases differ by their random part."""
        return 1


class Lock:
    """A lock that lets other tasks run while it waits."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler, self._is_held = scheduler, False

    def __enter__(self) -> Self:
        while self._is_held:
            self._scheduler.pause(until=lambda: not self._is_held)
        self._is_held = True
        return self

    def __exit__(self, *_: object) -> None:
        self._is_held = False


class Event:
    """A flag to wait for."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler, self._is_set = scheduler, False

    def set(self) -> None:
        """Raise the flag."""
        self._is_set = True

    def clear(self) -> None:
        """Lower the flag."""
        self._is_set = False

    def is_set(self) -> bool:
        """Return whether the flag is raised."""
        return self._is_set

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the flag is raised; return whether it is."""
        return self._is_set or self._scheduler.pause(until=self.is_set, seconds=timeout)


class Condition(Lock):
    """A condition: what is waited for is asked again at every step."""

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until a predicate holds; return whether it does."""
        self._is_held = False
        found = predicate() or self._scheduler.pause(until=predicate, seconds=timeout)
        self.__enter__()
        return found

    def notify_all(self) -> None:
        """Do nothing: see the class."""


class Thread:
    """A thread of the current task's process."""

    def __init__(
        self,
        scheduler: Scheduler,
        *,
        target: Callable[..., Any],
        args: Iterable[Any] = (),
        name: str = "thread",
        daemon: bool = True,  # noqa: ARG002  # all end with their process
    ) -> None:
        self._scheduler, self._name = scheduler, name
        self._body = lambda: target(*args)
        self._task: Task | None = None

    def start(self) -> None:
        """Start the thread."""
        process = self._scheduler.current.process if self._scheduler.current else None
        name = f"{process.name} {self._name}" if process else self._name
        self._task = self._scheduler.spawn(name, self._body, process, is_background=True)

    def join(self) -> None:
        """Wait until the thread has ended."""
        task = self._task
        if task is not None and not task.done:
            self._scheduler.pause(until=lambda: task.done)


def executor(scheduler: Scheduler) -> Callable[..., "Executor"]:
    """Return what stands in for the class `ThreadPoolExecutor`."""
    return lambda _workers=1, _prefix="": Executor(scheduler)


class Executor:
    """One thread that makes calls in their order."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler, self._last = scheduler, Call(scheduler, None)

    def submit(self, function: Callable[..., Any], *arguments: Any, **more: Any) -> "Call":
        """Make a call after those before it."""
        before, process = self._last, self._scheduler.current.process if self._scheduler.current else None

        def body() -> Any:
            before.wait()
            return function(*arguments, **more)

        name = f"{process.name} thread" if process else "thread"
        self._last = Call(self._scheduler, self._scheduler.spawn(name, body, process, is_awaited=True))
        return self._last

    def shutdown(self, wait: bool = True) -> None:
        """Wait for the last call."""
        if wait:
            self._last.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()


class Call:
    """The result to come of a call."""

    def __init__(self, scheduler: Scheduler, task: Task | None) -> None:
        self._scheduler, self._task = scheduler, task

    def wait(self) -> None:
        """Wait until the call has ended."""
        task = self._task
        if task is not None and not task.done:
            self._scheduler.pause(until=lambda: task.done)

    def result(self) -> Any:
        """Return what the call returned, or raise what it raised."""
        self.wait()
        assert self._task is not None
        if isinstance(self._task.error, Crashed):
            raise Crashed
        if self._task.error is not None:
            raise self._task.error
        return self._task.result
