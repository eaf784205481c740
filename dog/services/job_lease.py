"""The right to run a job, for a while at a time: lost by a process that sleeps, given back by one that ends."""

import os
import secrets
import socket
import threading
from contextlib import suppress
from typing import Self

from dog.errors import Conflict, StoreError
from dog.storage.job_log import renew_lease, take_lease
from dog.storage.store import Store

LEASE_MS = 30_000


class Interrupted(Exception):  # no error: the job goes on elsewhere or later
    """A job ends at a partition's edge; nothing it has written so far is seen."""

    def __init__(self, outcome: str, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


class Lease:
    """A job's lease, held inside a `with`."""

    def __init__(self, store: Store, name: str, stopping: threading.Event) -> None:
        self._store, self._name, self._stopping = store, name, stopping
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}:{secrets.token_hex(4)}"
        self.token = 0

    def __enter__(self) -> Self:
        """Take the lease.

        Raises
        ------
        Conflict
            Another process holds it.

        """
        token = take_lease(self._store, self._name, self.holder, LEASE_MS)
        if token is None:
            raise Conflict(f"{self._name} is running in another process; see: python -m jobs list", code="job_running")
        self.token = token
        return self

    def renew(self) -> None:
        """Prolong the lease; called at every edge at which the job may end.

        Raises
        ------
        Interrupted
            The lease was lost to a later holder, or the process was asked to stop.

        """
        if self._stopping.is_set():
            raise Interrupted("stopped", "the process was asked to stop; run it again to go on")
        if not renew_lease(self._store, self._name, self.holder, LEASE_MS):
            raise Interrupted("fenced", "this process slept beyond its lease, and a later one may have taken over")

    def __exit__(self, *_: object) -> None:
        """Give the lease back."""
        with suppress(StoreError):
            renew_lease(self._store, self._name, self.holder, 0)
