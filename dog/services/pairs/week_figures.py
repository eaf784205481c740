"""Figures of the last days: lists, contacts, accepts; proportions with their intervals."""

import math
from dataclasses import dataclass
from typing import Any

from dog.core.events import EventType
from dog.core.iso_weeks import format_week, week_of
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runtime import Runtime
from dog.storage.contacts import read_partitions
from dog.storage.event_counts import count_types, day_of
from dog.storage.store import Store

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """A proportion with its 95% Wilson interval; NaN if the total is 0."""

    value: float
    low: float
    high: float
    of: int


NO_PROPORTION = Proportion(value=math.nan, low=math.nan, high=math.nan, of=0)


def proportion(count: float, total: int) -> Proportion:
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
        return NO_PROPORTION
    p, z2 = count / total, Z95**2
    middle = (p + z2 / (2 * total)) / (1 + z2 / total)
    reach = Z95 * math.sqrt(p * (1 - p) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    return Proportion(value=p, low=max(0.0, middle - reach), high=min(1.0, middle + reach), of=total)


def accept_rate(store: Store, now_ms: int, days: int) -> Proportion:
    """Return the accepts among accepts and discards of the last UTC days, today included."""
    counts = count_types(store, day_of(now_ms) - days + 1, day_of(now_ms))
    return proportion(counts[EventType.ACCEPT], counts[EventType.ACCEPT] + counts[EventType.DISCARD])


def lists_this_week(runtime: Runtime, tenant: str) -> dict[str, Any]:
    """Count the lists of the current week, and the contacts that got one."""
    store = runtime.store(tenant)
    runtime.shared(DecisionWriter).flush()
    week = format_week(week_of(runtime.clock(), runtime.settings.zone))
    laps = [int(count) for counted in read_partitions(store, "laps", week) for count in counted.values()]
    return {"week": week, "lists": sum(laps), "contacts": len(laps)}
