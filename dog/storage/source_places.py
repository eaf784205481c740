"""How far each source of a tenant was read, and the result of its last reading."""

from dataclasses import asdict, dataclass, replace

import orjson

from dog.storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlace:
    """How far a source was read: all rows before the value of its cursor, and of those with it the ones named here."""

    settings: str = ""  # a digest of what was read; a place of another query does not count
    value: tuple[str, str] | None = None  # of the cursor: its type, and it as text; None before the first row
    read_rows: tuple[str, ...] = ()  # digests of rows that have this value
    tried_at_ms: int = 0  # when it was last read, to its end or not
    succeeded_at_ms: int = 0  # when it was last read to its end
    failure: str | None = None  # why the last reading failed
    rejected: int = 0  # rows that the last reading rejected


def read_source_place(store: Store, source: str) -> SourcePlace:
    """Return how far a source was read."""
    record = store.execute("HGET", store.keys.of("sources"), source)
    return SourcePlace() if record is None else _place(record)


def read_source_places(store: Store) -> dict[str, SourcePlace]:
    """Return how far each source was read, by name."""
    found: dict[bytes, bytes] = store.execute("HGETALL", store.keys.of("sources"))
    return {name.decode(): _place(record) for name, record in sorted(found.items())}


def keep_source_place(store: Store, source: str, place: SourcePlace) -> None:
    """Store how far a source was read, once its rows are stored."""
    store.execute("HSET", store.keys.of("sources"), source, orjson.dumps(asdict(place)))


def keep_source_success(store: Store, source: str, place: SourcePlace, rejected: int, now_ms: int) -> None:
    """Note that a source was read to its end."""
    done = replace(place, tried_at_ms=now_ms, succeeded_at_ms=now_ms, failure=None, rejected=rejected)
    keep_source_place(store, source, done)


def note_source_failure(store: Store, source: str, failure: str, now_ms: int) -> None:
    """Note why a source could not be read; how far it was read stays."""
    place = read_source_place(store, source)
    keep_source_place(store, source, replace(place, tried_at_ms=now_ms, failure=failure))


def _place(record: bytes) -> SourcePlace:
    fields = orjson.loads(record)
    value = fields.pop("value")
    return SourcePlace(
        **fields | {"read_rows": tuple(fields["read_rows"])}, value=None if value is None else tuple(value)
    )
