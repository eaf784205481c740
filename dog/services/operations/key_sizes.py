"""Bytes used by each class of keys, and a forecast for the event log."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dog.batched import batched
from dog.storage.keys import ID_BUCKETS, REFERENCE
from dog.storage.store import Store
from dog.storage.stretches import read_hashes
from dog.storage.tenant_dump import scan_keys
from dog.storage.week_archive import WEEK_BYTES

KEYS_PER_TRIP = 1_000
SAMPLED = 200
"""Keys of a class whose bytes are measured; the others are assumed to be alike."""
RECENT_WEEKS = 4
EVENT_CLASSES = ("log", "outcomes", "verdicts", "ids")


@dataclass(slots=True)
class ClassSize:
    """Number of keys of a class, and an estimate of their bytes."""

    keys: int = 0
    sampled: int = 0
    sampled_bytes: int = 0

    @property
    def bytes(self) -> int:
        """Estimated bytes of the class, keys and overhead included."""
        return round(self.sampled_bytes / self.sampled * self.keys) if self.sampled else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Size of the event log now, and once as many events are archived as come in."""

    events: int
    bytes_an_event: float
    events_a_week: float
    weeks_kept: int

    @property
    def bytes(self) -> int:
        """Bytes of the events of all kept weeks, at the rate of the last weeks."""
        return round(self.events_a_week * self.weeks_kept * self.bytes_an_event)


def measure_keys(store: Store) -> dict[str, ClassSize]:
    """Count keys and bytes of each class that has any, in one pass over the tenant's keys."""
    patterns = [
        (name, re.compile(_expression(pattern, store.tenant.name))) for name, (pattern, *_) in REFERENCE.items()
    ]
    sizes: dict[str, ClassSize] = {}
    for keys in batched(scan_keys(store.redis, store.tenant.name), KEYS_PER_TRIP):
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
        usage = store.execute_all(("MEMORY", "USAGE", key, "SAMPLES", 0) for _, key in sampled)
        for (name, _), taken in zip(sampled, usage, strict=True):
            sizes[name].sampled_bytes += taken or 0
    return {name: sizes[name] for name in REFERENCE if name in sizes}


def forecast_log_size(store: Store, sizes: Mapping[str, ClassSize], week: int, weeks_kept: int) -> Forecast:
    """Forecast the size of the log from the event ids that one partition received in the last weeks.

    `week` is the current week, `weeks_kept` the weeks until events are archived.
    """
    keys = store.keys.partition(0)
    found = read_hashes(store, [keys.of("ids", str(bucket)) for bucket in range(ID_BUCKETS)])
    weeks = [int.from_bytes(value[WEEK_BYTES], "little") for ids in found for value in ids.values()]
    recent = sum(week - RECENT_WEEKS <= of < week for of in weeks) * store.tenant.partition_count / RECENT_WEEKS
    events = len(weeks) * store.tenant.partition_count
    taken = sum(sizes[name].bytes for name in EVENT_CLASSES if name in sizes)
    bytes_an_event = taken / events if events else 0.0
    return Forecast(events=events, bytes_an_event=bytes_an_event, events_a_week=recent, weeks_kept=weeks_kept)


def _expression(pattern: str, tenant: str) -> bytes:
    """Return a pattern of `REFERENCE` as a regular expression for one tenant."""
    escaped = re.escape(pattern)
    escaped = escaped.replace(re.escape("{t:p}"), re.escape(f"{{{tenant}:") + r"\d+" + re.escape("}"))
    escaped = escaped.replace(re.escape("{t}"), re.escape(f"{{{tenant}}}"))
    return re.sub(r"(?<=:)[A-Z]+", ".+", escaped).encode()
