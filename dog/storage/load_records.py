"""Records of loads: which file, when, the result; the newest of a tenant."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import orjson

from dog.errors import NotFound
from dog.storage.store import Store
from dog.storage.week_archive import closed_until

KEPT_LOADS = 200
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
ALIVE_MS = 20_000
"""After that a load that was killed counts as interrupted."""
RUNNING, COMPLETE, UNDOING, UNDONE, INTERRUPTED = "running", "complete", "undoing", "undone", "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRecord:
    """One load of a file."""

    load_id: str  # sorts by time
    kind: str
    file: str  # its name
    at_ms: int  # begin
    state: str = RUNNING
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    quarantined: int = 0
    closed_until_ms: int = 0  # end of the weeks that were archived when it began
    unknown: Sequence[tuple[str, str, int]] = ()  # kind, name and count of what it counted as unknown
    has_journal: bool = True  # whether it can be undone


def make_load_id(at_ms: int) -> str:
    """Return an id that sorts by time: the milliseconds since 1970 in base 36.

    Examples
    --------
    >>> make_load_id(1_796_000_000_000)
    'mx2k114w'

    """
    digits = ""
    while at_ms:
        at_ms, digit = divmod(at_ms, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits


def begin_load(store: Store, kind: str, file: str, now_ms: int) -> LoadRecord:
    """Record that a load begins, under an id of its own; from then on it must be kept alive."""
    key, at_ms, closed = store.keys.of("file_loads"), now_ms, closed_until(store)
    while True:
        record = LoadRecord(load_id=make_load_id(at_ms), kind=kind, file=file, at_ms=now_ms, closed_until_ms=closed)
        if store.execute("HSETNX", key, record.load_id, orjson.dumps(asdict(record))):
            keep_alive(store, record.load_id)
            return record
        at_ms += 1


def keep_alive(store: Store, load_id: str) -> None:
    """Record that a load still runs."""
    store.execute("SET", store.keys.of("lease", f"load-{load_id}"), b"", "PX", ALIVE_MS)


def end_life(store: Store, load_id: str) -> None:
    """Record that a load does not run any more."""
    store.execute("DEL", store.keys.of("lease", f"load-{load_id}"))


def put_load(store: Store, record: LoadRecord) -> None:
    """Write the record of a load."""
    store.execute("HSET", store.keys.of("file_loads"), record.load_id, orjson.dumps(asdict(record)))


def list_loads(store: Store) -> list[LoadRecord]:
    """Return the kept loads, newest first."""
    records = [_parse(store, packed) for packed in store.execute("HVALS", store.keys.of("file_loads"))]
    return sorted(records, key=lambda record: record.load_id, reverse=True)


def read_load(store: Store, load_id: str) -> LoadRecord:
    """Read the record of a load; raise `NotFound` if it is unknown."""
    packed = store.execute("HGET", store.keys.of("file_loads"), load_id)
    if packed is None:
        raise NotFound(f"load '{load_id}' is not known; see: dog loads list", code="unknown_load")
    return _parse(store, packed)


def _parse(store: Store, packed: bytes) -> LoadRecord:
    """Return a record; one that has not told within the last seconds that it runs was interrupted."""
    record = LoadRecord(**orjson.loads(packed))
    if record.state == RUNNING and not store.execute("EXISTS", store.keys.of("lease", f"load-{record.load_id}")):
        return replace(record, state=INTERRUPTED)
    return record


def forget_loads(store: Store, load_ids: Sequence[str]) -> None:
    """Delete the records of loads."""
    if load_ids:
        store.execute("HDEL", store.keys.of("file_loads"), *load_ids)
