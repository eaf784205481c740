"""Laps (lists that a contact was served) by week: they decide in which weeks a recursion was due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray

from dog.core.iso_weeks import format_week, week_of
from dog.core.learning.recursion import recursions_due
from dog.storage.store import Store


@dataclass(frozen=True, slots=True)
class LapsByWeek:
    """Laps of a contact in a week, shape (rows,), ordered by week.

    `week` is the index of the week among those read, -1 for all earlier ones; `laps` is at least 1.
    """

    contact: NDArray[np.int64]
    week: NDArray[np.int64]
    laps: NDArray[np.int64]

    def recursive_contacts(self, laps_between: int) -> int:
        """Count the contacts that reached at least one recursion."""
        return int((recursions_due(np.bincount(self.contact, self.laps), laps_between) > 0).sum())


class LapCounter:
    """Laps and recursions of each contact so far, counted as the weekly job does: at most one recursion a week."""

    def __init__(self, known: LapsByWeek, contact_count: int, laps_between: int) -> None:
        self.known, self.laps_between, self.read = known, laps_between, 0
        self.laps, self.recursions = np.zeros((2, contact_count), np.int64)

    def close_weeks_before(self, week: int) -> NDArray[np.bool_]:
        """Count the laps of the weeks before one; return which contacts reach a recursion, shape (contacts,)."""
        until = int(np.searchsorted(self.known.week, week))
        rows = slice(self.read, until)
        self.read = until
        np.add.at(self.laps, self.known.contact[rows], self.known.laps[rows])
        due = recursions_due(self.laps, self.laps_between) > self.recursions
        self.recursions += due
        return due


def read_laps_by_week(
    store: Store, contact_ids: Sequence[str], week_starts_ms: NDArray[np.int64], zone: tzinfo
) -> LapsByWeek | None:
    """Read the laps of contacts by week; None where they had none.

    `week_starts_ms` ascend. Laps before them, or older than what is kept by week, belong to week -1.
    """
    numbers = {store.tenant.contact(contact_id): number for number, contact_id in enumerate(contact_ids)}
    names = [format_week(week_of(int(start_ms), zone)) for start_ms in week_starts_ms]
    rows: list[tuple[int, int, int]] = []
    for partition in range(store.tenant.partition_count):
        trip, keys = store.trip(), store.keys.partition(partition)
        for suffix in ("", *names):
            trip.add("HGETALL", keys.of("laps", suffix))
        whole, *weekly = trip.send()
        earlier = {digest: int(count) for digest, count in whole.items() if digest in numbers}
        for week, counted in enumerate(weekly):
            for digest, count in counted.items():
                if digest in earlier:
                    earlier[digest] -= int(count)
                    rows.append((week, numbers[digest], int(count)))
        rows += [(-1, numbers[digest], count) for digest, count in earlier.items() if count > 0]
    if not rows:
        return None
    week_of_row, contact, laps = np.array(sorted(rows), np.int64).T
    return LapsByWeek(contact, week_of_row, laps)
