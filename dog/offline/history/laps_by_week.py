"""Laps (lists that a contact was served) by week: they decide in which weeks a recursion was due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray

from dog.core.iso_weeks import format_week, week_of
from dog.core.learning.recursion import recursions_due, tenant_recursion_due
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.storage.store import Store
from dog.storage.stretches import read_hashes


@dataclass(frozen=True, slots=True, kw_only=True)
class LapsByWeek:
    """Laps of a contact in a week, shape (rows,), ordered by week.

    `week` is the index of the week among those read, -1 for all earlier ones; `laps` is at least 1. `of_tenant` has
    the laps of all contacts, also of those that are not read: first all earlier ones, then week by week.
    """

    contact: NDArray[np.int64]
    week: NDArray[np.int64]
    laps: NDArray[np.int64]
    of_tenant: NDArray[np.int64]

    def recursive_contacts(self, settings: Reinforcement) -> int:
        """Count the contacts that reached at least one recursion; by the tenant's laps all do, or none."""
        laps_between = settings.recursion.laps
        if settings.lap_scope == "tenant":
            reached = recursions_due(self.of_tenant.sum(), laps_between) > recursions_due(
                self.of_tenant[0], laps_between
            )
            return len(np.unique(self.contact)) if reached else 0
        return int((recursions_due(np.bincount(self.contact, self.laps), laps_between) > 0).sum())


class LapCounter:
    """Laps and recursions of each contact so far, counted as the weekly job does: at most one recursion a week."""

    def __init__(self, known: LapsByWeek, contact_count: int, settings: Reinforcement) -> None:
        self.known, self.settings, self.read = known, settings, 0
        self.laps, self.recursions = np.zeros((2, contact_count), np.int64)
        self.of_tenant = int(known.of_tenant[0])

    def close_weeks_before(self, week: int) -> NDArray[np.bool_]:
        """Count the laps of the weeks before one; return which contacts reach a recursion, shape (contacts,)."""
        until = int(np.searchsorted(self.known.week, week))
        rows = slice(self.read, until)
        self.read = until
        np.add.at(self.laps, self.known.contact[rows], self.known.laps[rows])
        laps_between = self.settings.recursion.laps
        due = recursions_due(self.laps, laps_between) > self.recursions
        if self.settings.lap_scope == "tenant":
            before, self.of_tenant = self.of_tenant, int(self.known.of_tenant[: week + 1].sum())
            due = np.full(len(self.laps), tenant_recursion_due(before, self.of_tenant, laps_between))
        self.recursions += due
        return due


def read_laps_by_week(
    store: Store, contacts: Sequence[bytes], week_starts_ms: NDArray[np.int64], zone: tzinfo
) -> LapsByWeek | None:
    """Read the laps of contacts, by digest, by week; None where nobody had any.

    `week_starts_ms` ascend. Laps before them, or older than what is kept by week, belong to week -1.
    """
    numbers = {contact: number for number, contact in enumerate(contacts)}
    names = [format_week(week_of(int(start_ms), zone)) for start_ms in week_starts_ms]
    rows: list[tuple[int, int, int]] = []
    of_tenant = np.zeros(len(names) + 1, np.int64)
    for partition in range(store.tenant.partition_count):
        keys = store.keys.partition(partition)
        found = read_hashes(store, [keys.of("laps", suffix) for suffix in ("", *names)])
        answers = [{digest: int(count) for digest, count in laps.items()} for laps in found]
        totals = np.array([sum(found.values()) for found in answers])
        of_tenant += [totals[0] - totals[1:].sum(), *totals[1:]]
        whole, *weekly = answers
        earlier = {digest: count for digest, count in whole.items() if digest in numbers}
        for week, counted in enumerate(weekly):
            for digest, count in counted.items():
                if digest in earlier:
                    earlier[digest] -= count
                    rows.append((week, numbers[digest], count))
        rows += [(-1, numbers[digest], count) for digest, count in earlier.items() if count > 0]
    if not of_tenant.any():
        return None
    week_of_row, contact, laps = np.array(sorted(rows), np.int64).reshape(-1, 3).T
    return LapsByWeek(contact=contact, week=week_of_row, laps=laps, of_tenant=of_tenant)
