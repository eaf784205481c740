"""How many bytes each class of keys takes, and what the log will come to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dog.storage.connection import store_errors
from dog.storage.keys import ID_BUCKETS, REFERENCE
from dog.storage.store import Store
from dog.storage.week_archive import WEEK_BYTES

SCANNED = 1000
SAMPLED = 200
"""Keys of a class whose bytes are asked for; the rest are taken to be like them."""
RECENT_WEEKS = 4
EVENT_CLASSES = ("log", "outcomes", "verdicts", "ids")


@dataclass(slots=True)
class ClassSize:
    """How many keys of a class there are, and about how many bytes they take."""

    keys: int = 0
    sampled: int = 0
    sampled_bytes: int = 0

    @property
    def bytes(self) -> int:
        """About how many bytes the class takes, keys and overheads included."""
        return round(self.sampled_bytes / self.sampled * self.keys) if self.sampled else 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the log takes, and what it comes to once as much is archived as comes in."""

    events: int
    bytes_an_event: float
    events_a_week: float
    weeks_kept: int

    @property
    def bytes(self) -> int:
        """What the events of all kept weeks come to at the pace of the last weeks."""
        return round(self.events_a_week * self.weeks_kept * self.bytes_an_event)


def measure_keys(store: Store) -> dict[str, ClassSize]:
    """Count keys and bytes of each class that has any, in one pass over the tenant's keys."""
    patterns = [
        (name, re.compile(_expression(pattern, store.tenant.name))) for name, (pattern, *_) in REFERENCE.items()
    ]
    sizes: dict[str, ClassSize] = {}
    for keys in _tenant_keys(store):
        sampled: list[tuple[str, bytes]] = []
        for key in keys:
            name = next((name for name, pattern in patterns if pattern.fullmatch(key)), None)
            if name is None:
                continue
            size = sizes.setdefault(name, ClassSize())
            size.keys += 1
            if size.sampled < SAMPLED:
                size.sampled += 1
                sampled.append((name, key))
        trip = store.trip()
        for _, key in sampled:
            trip.add("MEMORY", "USAGE", key, "SAMPLES", 0)
        for (name, _), taken in zip(sampled, trip.send(), strict=True):
            sizes[name].sampled_bytes += taken or 0
    return {name: sizes[name] for name in REFERENCE if name in sizes}


def forecast_log_size(store: Store, sizes: Mapping[str, ClassSize], week: int, weeks_kept: int) -> Forecast:
    """Foretell what the log comes to, from the remembered ids of one partition of ids in the last weeks.

    Parameters
    ----------
    store
        Whose log.
    sizes
        From `measure`.
    week
        The running week.
    weeks_kept
        Weeks until events are archived.

    """
    trip = store.trip()
    keys = store.keys.partition(0)
    for bucket in range(ID_BUCKETS):
        trip.add("HVALS", keys.of("ids", str(bucket)))
    weeks = [int.from_bytes(value[WEEK_BYTES], "little") for values in trip.send() for value in values]
    recent = sum(week - RECENT_WEEKS <= of < week for of in weeks) * store.tenant.partition_count / RECENT_WEEKS
    events = len(weeks) * store.tenant.partition_count
    taken = sum(sizes[name].bytes for name in EVENT_CLASSES if name in sizes)
    return Forecast(events, taken / events if events else 0.0, recent, weeks_kept)


def _tenant_keys(store: Store) -> Iterator[list[bytes]]:
    """Walk over the tenant's keys, some at a time; `*` stands for itself in no tenant's name."""
    found: list[bytes] = []
    with store_errors():
        for key in store.redis.scan_iter(match=f"dog:{{{store.tenant.name}*", count=SCANNED):
            found.append(key)
            if len(found) == SCANNED:
                yield found
                found = []
    yield found


def _expression(pattern: str, tenant: str) -> bytes:
    """Turn a pattern of `REFERENCE` into a regular expression for one tenant."""
    escaped = re.escape(pattern)
    escaped = escaped.replace(re.escape("{t:p}"), re.escape(f"{{{tenant}:") + r"\d+" + re.escape("}"))
    escaped = escaped.replace(re.escape("{t}"), re.escape(f"{{{tenant}}}"))
    return re.sub(r"(?<=:)[A-Z]+", ".+", escaped).encode()
