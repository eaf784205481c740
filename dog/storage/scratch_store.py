"""A scratch store: what is read comes from a tenant, what is written goes to a server of its own that is thrown away.

Each key is copied from the tenant just before the first command that names it; from then on the scratch server has it.
So every script and command works as on the tenant, which is only ever read.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dog.storage.connection import Redis, connect, store_errors
from dog.storage.embedded import EmbeddedServer
from dog.storage.round_trip import Argument, Command, RoundTrip
from dog.storage.store import Store, ensure_tenant, put_tenant
from dog.storage.tenant_dump import dump_keys, in_order, write_dumped_keys

KEYS_OF_ALL = frozenset({"MGET", "DEL", "UNLINK", "EXISTS"})
"""Commands whose arguments are all keys."""
ANSWER_SECONDS = 30


@dataclass(slots=True)
class CopiedKeys:
    """The keys of a tenant that the scratch server has."""

    source: Store | None  # None where the tenant does not exist
    known: set[bytes] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def copy(self, redis: Redis, keys: Iterable[bytes]) -> None:
        """Copy those of the keys that are not known yet."""
        if self.source is None:
            return
        with self.lock:
            new = set(keys) - self.known
            if new:
                write_dumped_keys(redis, self.source.tenant.name, dump_keys(self.source, in_order(new)))
                self.known |= new


@dataclass(frozen=True, slots=True)
class ScratchStore(Store):
    """The store of a scratch server."""

    copied: CopiedKeys = field(kw_only=True)

    def execute(self, *command: Argument) -> Any:
        """Send one command and return its answer."""
        return self.execute_all([command])[0]

    def trip(self) -> RoundTrip:
        """Return a new round trip, which copies the keys that it names."""
        return _CopyingTrip(self)


class _CopyingTrip(RoundTrip):
    """A round trip to the scratch server."""

    def __init__(self, store: ScratchStore) -> None:
        super().__init__(store.redis)
        self._store = store

    def _parts(self, coming: Iterable[None], confirmations: Sequence[Command]) -> Iterator[list[Any]]:
        for part in super()._parts(coming, confirmations):
            self._store.copied.copy(self._store.redis, (key for call in part for key in _keys_of(call.command)))
            yield part


def _keys_of(command: Command) -> Iterable[bytes]:
    """Return the keys that a command names."""
    name = command[0]
    if name == "EVALSHA":
        return command[3 : 3 + int(command[2])]  # type: ignore[return-value]  # keys are bytes
    return command[1:] if name in KEYS_OF_ALL else command[1:2]  # type: ignore[return-value]  # the same


@contextmanager
def scratch_store(tenant: str, source: Store | None) -> Iterator[ScratchStore]:
    """Open a scratch store of a tenant, `source`; None where it does not exist. It ends with the `with` block.

    Raise `StoreUnavailable` where this machine has no server program.
    """
    with TemporaryDirectory(prefix="dog-rehearsal-") as folder:
        server = EmbeddedServer(Path(folder), "everysec")
        server.start()
        try:
            with connect(server.url, timeout_seconds=ANSWER_SECONDS) as redis:
                with store_errors():
                    redis.config_set("appendonly", "no")  # nothing of it is kept
                if source is None:
                    own = ensure_tenant(redis, tenant)
                else:
                    put_tenant(redis, own := source.tenant)
                yield ScratchStore(redis, own, copied=CopiedKeys(source))
        finally:
            server.stop()
