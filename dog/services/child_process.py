"""Heavy work in a child process: it does not delay the answers of this process, and its memory goes with it."""

import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Event
from traceback import format_exc
from typing import Any, TypeVar

from dog.end_with_parent import end_with_pipe
from dog.errors import WorkerLost
from dog.services.runner_tasks import WorkerSetup, worker_runtime
from dog.services.runtime import Runtime
from dog.storage.audit_log import Actor, current_actor

POLL_SECONDS, STOP_SECONDS = 0.2, 0.5
"""How often the parent looks whether it is to stop, and for how long it does where both were asked to."""
SMALL_CONTACTS = 2_000
NICE = 10
"""How much lower the priority of the child is than that of processes that answer requests."""
REPORT, RETURN, RAISE = "report", "return", "raise"
Report = Callable[..., None]
Result = TypeVar("Result")


def run_in_child(runtime: Runtime, call: Callable[[Runtime, Report], Result], report: Report) -> Result:
    """Make a call in a process of its own: return what it returns, raise what it raises, pass on what it reports.

    The call can be pickled: a function at the top of a module, or a partial of one. Where no other process can reach
    the same Redis, it is made in this one.

    Raises
    ------
    WorkerLost
        The child was killed or could not be started, or this process was asked to stop.

    """
    if runtime.redis_url is None:
        return call(runtime, report)
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    given = (theirs, WorkerSetup.of(runtime), call, current_actor.get())
    child = context.Process(target=_work, args=given, daemon=True)
    with ours:
        with theirs:
            _start(child)
        try:
            return _receive(ours, runtime.stopping, report)
        finally:
            child.kill()
            child.join()


def run_in_child_if_large(
    runtime: Runtime, tenant: str, call: Callable[[Runtime, Report], Result], report: Report
) -> Result:
    """Do what `run_in_child` does, but for a small tenant in this process: that takes less time than to start one."""
    if sum(runtime.store(tenant).in_partitions("HLEN", "contacts")) <= SMALL_CONTACTS:
        return call(runtime, report)
    return run_in_child(runtime, call, report)


def _start(child: BaseProcess) -> None:
    try:
        child.start()
    except OSError as error:
        raise WorkerLost(f"its process could not be started: {error.strerror}; start it again") from error


def _receive(child: Connection, stopping: Event, report: Report) -> Any:
    while True:
        while not child.poll(POLL_SECONDS):
            if stopping.is_set():
                raise WorkerLost("the process was asked to stop; start it again")
        try:
            kind, value = child.recv()
        except (EOFError, OSError):  # the latter in the middle of what it sends
            stopping.wait(STOP_SECONDS)
            raise WorkerLost("its process was killed, perhaps for lack of memory; start it again") from None
        if kind == RETURN:
            return value
        if kind == RAISE:
            raise value
        report(*value)


def _work(parent: Connection, setup: WorkerSetup, call: Callable[..., Any], actor: Actor | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent receives it too, and ends this one
    os.nice(NICE)
    end_with_pipe(parent)
    current_actor.set(actor)
    try:
        parent.send((RETURN, call(worker_runtime(setup), lambda *told: parent.send((REPORT, told)))))
    except Exception as error:  # noqa: BLE001  # the parent raises it
        error.add_note(format_exc())  # its traceback here, for the parent's log
        parent.send((RAISE, error))
