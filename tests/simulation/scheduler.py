"""One seeded scheduler: it decides which task runs next, what time it is, and which process dies.

Tasks are greenlets of one thread: one runs at a time, and only a `pause` lets another run. Time is simulated: it moves
a little with every step, and to the next deadline when no task can run. So the seed decides everything, and the same
seed takes the same steps.
"""

import random
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from greenlet import getcurrent, greenlet

MOST_STEPS = 30_000
"""More steps than any seed takes: a run that has more does not end."""
MOST_STEP_MS = 3


class Crashed(BaseException):
    """The process was killed; not an `Exception`, so that no handler of the product survives it."""


class Stuck(AssertionError):
    """No task can run, or the run does not end."""


class Process:
    """Tasks that share memory and die together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.paused_until_ms = 0.0


class Task:
    """A function that runs until it pauses; `result` and `error` are set when it has ended."""

    def __init__(
        self,
        hub: greenlet,
        name: str,
        body: Callable[[], Any],
        process: Process | None,
        *,
        is_background: bool,
        is_awaited: bool,
    ) -> None:
        self.name, self.process = name, process
        self.is_background, self.is_awaited = is_background, is_awaited
        self.until: Callable[[], bool] | None = None
        self.wakes_ms: float | None = 0.0
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None
        self._body = body
        self.greenlet = greenlet(self._run, hub)

    @property
    def is_dead(self) -> bool:
        """Whether the task's process was killed."""
        return self.process is not None and not self.process.alive

    def check_alive(self) -> None:
        """Raise `Crashed` if the task's process was killed."""
        if self.is_dead:
            raise Crashed

    def _run(self) -> None:
        try:
            self.check_alive()  # its process may have been killed before it began
            self.result = self._body()
        except BaseException as error:  # noqa: BLE001  # what waits for the task handles it
            self.error = error
        self.done = True

    def can_run(self, now_ms: float) -> bool:
        """Return whether what the task waits for has come."""
        if self.process is not None and self.process.paused_until_ms > now_ms:
            return False
        if self.wakes_ms is not None and self.wakes_ms <= now_ms:
            return True
        return self.until is not None and self.until()


class Scheduler:
    """Runs tasks in an order that follows from the seed."""

    def __init__(self, seed: int, now_ms: int, log: Callable[[str], None] | None = None) -> None:
        self.chance, self.hub = random.Random(seed), getcurrent()
        self.now_ms = float(now_ms)
        self.steps = 0
        self.tasks: list[Task] = []
        self.current: Task | None = None
        self.before_step: Callable[[], None] = lambda: None
        self._log, self._digest = log, blake2b(digest_size=8)

    def spawn(
        self,
        name: str,
        body: Callable[[], Any],
        process: Process | None = None,
        *,
        is_background: bool = False,
        is_awaited: bool = False,
    ) -> Task:
        """Start a task: the run does not end before it, unless it is in the background or awaited by another.

        The error of one that is awaited is left to that other; any other error ends the run.
        """
        is_background = is_background or is_awaited
        task = Task(self.hub, name, body, process, is_background=is_background, is_awaited=is_awaited)
        self.tasks.append(task)
        return task

    def pause(self, *, until: Callable[[], bool] | None = None, seconds: float | None = None) -> bool:
        """Let others run, until a condition holds or some time has passed; return whether the condition holds.

        Without arguments the task can continue at once. Raise `Crashed` where the process was killed meanwhile.
        """
        task = self.current
        assert task is not None, "only a task can pause"
        assert getcurrent() is task.greenlet, f"{task.name} pauses in a thread of its own"
        task.check_alive()
        task.until = until
        task.wakes_ms = None if seconds is None and until is not None else self.now_ms + 1000 * (seconds or 0)
        self.hub.switch()
        task.check_alive()
        return until is None or until()

    def kill(self, process: Process) -> None:
        """Kill a process: each of its tasks ends where it is; called between steps."""
        self.note(f"{process.name} is killed")
        process.alive = False
        for task in [task for task in self.tasks if task.process is process]:
            self._step(task)

    def run(self) -> None:
        """Take steps until all tasks but those in the background have ended; their errors are raised."""
        while any(not task.is_background for task in self.tasks):
            self.before_step()
            able = [task for task in self.tasks if task.can_run(self.now_ms)]
            if able:
                self.now_ms += self.chance.randrange(MOST_STEP_MS + 1)
                self._step(self.chance.choice(able))
            else:
                self._skip()
        for process in {id(task.process): task.process for task in self.tasks if task.process}.values():
            self.kill(process)

    def note(self, text: str) -> None:
        """Add a line to the trace."""
        line = f"{self.steps:5} {self.now_ms / 1000:.3f} {text}"
        self._digest.update(line.encode())
        if self._log is not None:
            self._log(line)

    @property
    def trace_digest(self) -> str:
        """A hash of all lines of the trace."""
        return self._digest.hexdigest()

    def _skip(self) -> None:
        """Move the time to the next moment at which a task can run."""
        moments = [
            max(task.wakes_ms, task.process.paused_until_ms if task.process else 0.0)
            for task in self.tasks
            if task.wakes_ms is not None
        ]
        moments += [task.process.paused_until_ms for task in self.tasks if task.process and task.wakes_ms is None]
        later = [moment for moment in moments if moment > self.now_ms]
        if not later:
            raise Stuck(f"no task can run: {', '.join(task.name for task in self.tasks)} wait for each other")
        self.now_ms = min(later)

    def _step(self, task: Task) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Stuck(f"{MOST_STEPS} steps, and no end: {', '.join(task.name for task in self.tasks)}")
        self.current, before = task, self.current
        try:
            task.greenlet.switch()
        finally:
            self.current = before
        if task.done:
            self.tasks.remove(task)
            if task.error is not None and not task.is_awaited and not task.is_dead:
                raise task.error
