"""Leases of jobs: one process runs a job at a time; a process that sleeps loses its lease."""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Self

from dog.errors import Conflict, DogError, StoreError
from dog.services.runtime import Runtime
from dog.storage.job_log import Job, put_job, read_holder, renew_lease, take_lease
from dog.storage.store import Store

LEASE_MS = 30_000
WAIT_SECONDS, MOST_WAITS = 0.5, 64
"""Together longer than the lease of a killed process lives."""


def release_dead(store: Store, name: str) -> None:
    """Release the lease of a process of this machine that has ended, for work that two processes may do at once.

    A process in a container that has the name of this machine may be taken for one that has ended.
    """
    holder = read_holder(store, name)
    host, _, rest = holder.partition(":")
    process = rest.partition(":")[0]
    if host != socket.gethostname() or not process.isdigit():
        return
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        renew_lease(store, name, holder, 0)
    except PermissionError:  # it lives, and is another user's
        return


@contextmanager
def repeated(every_seconds: float, work: Callable[[], object]) -> Iterator[None]:
    """Repeat some work in a thread of its own until the block ends; what the store refuses is tried again."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(every_seconds):
            with suppress(StoreError):
                work()

    thread = threading.Thread(target=repeat, name="repeated", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class Interrupted(Exception):  # not a DogError: the job continues elsewhere or later
    """The job ends between two partitions; nothing it has written is visible."""

    def __init__(self, outcome: str, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


class Lease:
    """A job's lease, held inside a `with` block; entering raises `Conflict` if another process holds it."""

    def __init__(self, store: Store, name: str, stopping: threading.Event) -> None:
        self._store, self._name, self._stopping = store, name, stopping
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}:{secrets.token_hex(4)}"
        self.token = 0

    def __enter__(self) -> Self:
        """Take the lease."""
        token = take_lease(self._store, self._name, self.holder, LEASE_MS)
        if token is None:
            raise Conflict(f"{self._name} is running already; see: dog jobs list", code="job_running")
        self.token = token
        return self

    def renew(self) -> None:
        """Extend the lease; raise `Interrupted` if it was lost or the process is stopping."""
        if self._stopping.is_set():
            raise Interrupted("stopped", "the process was asked to stop; run it again to continue")
        if not renew_lease(self._store, self._name, self.holder, LEASE_MS):
            raise Interrupted("fenced", "this process was suspended beyond its lease, and another may have taken over")

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Extend the lease from a thread of its own, for work whose steps may last longer than a lease."""
        with repeated(LEASE_MS / 3000, lambda: renew_lease(self._store, self._name, self.holder, LEASE_MS)):
            yield

    def __exit__(self, *_: object) -> None:
        """Release the lease."""
        with suppress(StoreError):
            renew_lease(self._store, self._name, self.holder, 0)


def hold_lease(stack: ExitStack, runtime: Runtime, store: Store, name: str) -> None:
    """Hold a lease until the stack is closed; wait for that of a process that was killed to expire."""
    for waits in count():
        try:
            lease = stack.enter_context(Lease(store, name, runtime.stopping))
        except Conflict:
            if waits == MOST_WAITS:
                raise
            runtime.wait(WAIT_SECONDS)
        else:
            stack.enter_context(lease.kept())
            return


def fail_job(runtime: Runtime, store: Store, job: Job, error: DogError) -> None:
    """Record that a job failed, or stopped with its process, as far as the store can be reached."""
    state = "stopped" if runtime.stopping.is_set() else "failed"
    with suppress(StoreError):
        put_job(store, replace(job, state=state, finished_at_ms=runtime.clock(), error=error.message))
