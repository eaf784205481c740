"""Large keys, read in stretches: no command takes Redis more than some milliseconds, however many contacts there are.

An entry that is there from the beginning to the end is read; of one that changes meanwhile, some state of it.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from dog.batched import batched
from dog.storage.store import Store

STRETCH = 1_000
"""About how many entries one command reads: a page of arrays is some hundred kilobytes."""
KEYS_PER_TRIP = 8


def scan(
    store: Store, command: str, keys: Iterable[bytes], keys_per_trip: int = KEYS_PER_TRIP
) -> Iterator[tuple[bytes, Any]]:
    """Yield keys with a page of their entries by HSCAN, SSCAN or ZSCAN, some keys at once; an entry may come twice."""
    left, cursors = iter(keys), dict[bytes, int]()
    while True:
        while len(cursors) < keys_per_trip and (key := next(left, None)) is not None:
            cursors[key] = 0
        if not cursors:
            return
        some = list(cursors)
        pages = store.execute_all((command, key, cursors[key], "COUNT", STRETCH) for key in some)
        for key, (cursor, page) in zip(some, pages, strict=True):
            cursors[key] = cursor
            if not cursor:
                del cursors[key]
            if page:
                yield key, page


def read_hashes(
    store: Store, keys: Iterable[bytes], keys_per_trip: int = KEYS_PER_TRIP
) -> Iterator[dict[bytes, bytes]]:
    """Yield the whole of each hash, sorted by field, in the order of the keys."""
    for found in _read(store, "HSCAN", keys, dict, keys_per_trip):
        yield dict(sorted(found.items()))


def read_hash(store: Store, key: bytes) -> dict[bytes, bytes]:
    """Read a whole hash, sorted by field."""
    return next(read_hashes(store, [key]))


def read_sets(store: Store, keys: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield the members of each set, sorted, in the order of the keys."""
    yield from map(sorted, _read(store, "SSCAN", keys, set, KEYS_PER_TRIP))


def read_zset(store: Store, key: bytes) -> dict[bytes, float]:
    """Read a whole sorted set: scores by member, sorted by member."""
    return dict(sorted(next(_read(store, "ZSCAN", [key], dict, 1)).items()))


def read_members(store: Store, key: bytes) -> Iterator[bytes]:
    """Yield the members of a sorted set whose scores are all the same, in order."""
    after = b"-"
    while members := store.execute("ZRANGEBYLEX", key, after, "+", "LIMIT", 0, STRETCH):
        yield from members
        after = b"(" + members[-1]


def _read(
    store: Store, command: str, keys: Iterable[bytes], kind: Callable[[Any], Any], keys_per_trip: int
) -> Iterator[Any]:
    """Yield each key's entries; the first pages of some keys together, since most keys have no other."""
    for some in batched(keys, keys_per_trip):
        begun = store.execute_all((command, key, 0, "COUNT", STRETCH) for key in some)
        for place, key in enumerate(some):
            cursor, page = begun[place]
            begun[place], found = None, kind(page)
            while cursor:
                cursor, page = store.execute(command, key, cursor, "COUNT", STRETCH)
                found.update(page)
            yield found
