"""Cohorts of all pitches of a tenant: by day, and of the last weeks by product, channel and segment."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

import numpy as np

from dog.core.iso_weeks import day_end_ms
from dog.core.learning.pitch_cohorts import (
    NO_GROUPS,
    Cohort,
    Outlook,
    add_groups,
    list_pitches,
    read_cohorts,
    sum_pitches,
)
from dog.storage.ledgers import read_chunks
from dog.storage.store import Store
from dog.storage.value_numbers import read_value_numbers

KEPT_DAYS = 2 * 366
"""Pitches older than this are in no cohort."""
WEEKLY_DAYS = 26 * 7
"""Where pitches go back further, cohorts are months."""
MONTH_DAYS = 28
WINDOWS = {"month": (0, MONTH_DAYS), "month_before": (MONTH_DAYS, 2 * MONTH_DAYS), "quarter": (0, 91)}
"""Ages of the days of each window: from, until before. Today is 0."""
GROUPS = ("product", "channel", "segment")

Grouped = Mapping[str, Cohort]
"""Cohorts by product id, or by the value of channel or segment, '' where not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PitchFigures:
    """Cohorts of a tenant at an instant."""

    as_of_ms: int
    days: Mapping[date, Cohort]  # by day of the pitch, in order; days with pitches alone
    windows: Mapping[str, Mapping[str, Grouped]]  # by name of `WINDOWS`, then of `GROUPS`

    def total(self, window: str) -> Cohort:
        """Return all pitches of a window."""
        return sum(self.windows[window]["segment"].values(), Cohort())


def spans_months(days: Mapping[date, Cohort]) -> bool:
    """Return whether pitches go back so far that cohorts are months."""
    return bool(days) and (max(days) - min(days)).days > WEEKLY_DAYS


def group_days(days: Mapping[date, Cohort]) -> dict[date, Cohort]:
    """Group days to weeks by their Monday, or to months by their first day where pitches go back further.

    >>> grouped = group_days({date(2026, 11, 17): Cohort(pitches=2), date(2026, 11, 22): Cohort(pitches=3)})
    >>> [(day.isoformat(), week.pitches) for day, week in grouped.items()]
    [('2026-11-16', 5)]

    """
    by_month = spans_months(days)
    found: dict[date, Cohort] = {}
    for day, cohort in days.items():
        first = day.replace(day=1) if by_month else day - timedelta(days=day.weekday())
        found[first] = found.get(first, Cohort()) + cohort
    return found


def read_pitch_figures(
    store: Store,
    outlook: Outlook,
    products: Iterable[str],
    *,
    today: date,
    zone: tzinfo,
    report: Callable[[float], None] = lambda _: None,
) -> PitchFigures:
    """Read the ledgers of all contacts, some partitions at a time; `products` are ids by number."""
    first = today - timedelta(days=KEPT_DAYS - 1)
    edges = np.array([day_end_ms(first + timedelta(days=day - 1), zone) for day in range(KEPT_DAYS + 1)], np.int64)
    days, sums = NO_GROUPS, {(window, group): NO_GROUPS for window in WINDOWS for group in GROUPS}
    for chunk in read_chunks(store):
        pitches = list_pitches(chunk, outlook)
        day = np.searchsorted(edges, pitches.at_ms, side="right") - 1
        days, ages = add_groups(days, sum_pitches(pitches, day)), KEPT_DAYS - 1 - day
        for (window, group), known in sums.items():
            newest, end = WINDOWS[window]
            chosen = np.where((ages >= newest) & (ages < end), getattr(pitches, group), -1)
            sums[window, group] = add_groups(known, sum_pitches(pitches, chosen))
        report((chunk.contacts.partitions[-1] + 1) / store.tenant.partition_count)
    names = {name: {number: value for value, number in one.items()} for name, one in read_value_numbers(store).items()}
    names["product"] = dict(enumerate(products))
    return PitchFigures(
        as_of_ms=outlook.as_of_ms,
        days={first + timedelta(days=number): cohort for number, cohort in read_cohorts(days)},
        windows={
            window: {group: _name_groups(sums[window, group], names[group]) for group in GROUPS} for window in WINDOWS
        },
    )


def _name_groups(sums: np.ndarray, names: Mapping[int, str]) -> Grouped:
    """Return cohorts by name; groups without one are added up."""
    found: dict[str, Cohort] = {}
    for number, cohort in read_cohorts(sums):
        name = names.get(number, "")
        found[name] = found.get(name, Cohort()) + cohort
    return found
