"""Weekly figures: lists, contacts and events by type, and proportions with their intervals."""

import math
from dataclasses import dataclass
from typing import Any

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS, format_week, week_of
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runtime import Runtime
from dog.storage.contacts import read_partitions
from dog.storage.event_counts import count_types, day_of

Z95 = 1.959963984540054
COUNTED_TYPES = (EventType.PITCH, EventType.WIN, EventType.LOSS, EventType.ACCEPT, EventType.DISCARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """A proportion with its 95% Wilson interval; NaN if the total is 0."""

    value: float
    low: float
    high: float
    of: int


def proportion(count: int, total: int) -> Proportion:
    """Return a count as a proportion of a total, with its interval.

    Examples
    --------
    >>> found = proportion(8, 10)
    >>> round(found.low, 3), found.value, round(found.high, 3)
    (0.49, 0.8, 0.943)
    >>> proportion(0, 0).of
    0

    """
    if not total:
        return Proportion(value=math.nan, low=math.nan, high=math.nan, of=0)
    p, z2 = count / total, Z95**2
    middle = (p + z2 / (2 * total)) / (1 + z2 / total)
    reach = Z95 * math.sqrt(p * (1 - p) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    return Proportion(value=p, low=max(0.0, middle - reach), high=min(1.0, middle + reach), of=total)


def count_weeks(runtime: Runtime, tenant: str, weeks: int) -> list[dict[str, int]]:
    """Count events by type over spans of seven UTC days, the last one ending today, oldest first."""
    store = runtime.store(tenant)
    today = day_of(runtime.clock())
    found = []
    for back in range(weeks - 1, -1, -1):
        last = today - 7 * back
        counts = count_types(store, last - 6, last)
        found.append({"until_ms": (last + 1) * DAY_MS, **{kind.name.lower(): counts[kind] for kind in COUNTED_TYPES}})
    return found


def lists_this_week(runtime: Runtime, tenant: str) -> dict[str, Any]:
    """Count the lists of the current week, and the contacts that got one."""
    store = runtime.store(tenant)
    runtime.shared(DecisionWriter).flush()
    week = format_week(week_of(runtime.clock(), runtime.settings.zone))
    laps = [int(count) for counted in read_partitions(store, "laps", week) for count in counted.values()]
    return {"week": week, "lists": sum(laps), "contacts": len(laps)}
