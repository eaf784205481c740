"""Laps of the past, week by week: what the recursion of every week was due by."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.core.learning.recursion import recursions_due


@dataclass(frozen=True, slots=True)
class WeekLaps:
    """How many laps a contact had in a week, shape (rows,), in the order of the weeks.

    Parameters
    ----------
    contact
        Its number.
    week
        Place of the week among those of the walk, -1 for all before them.
    laps
        At least 1.

    """

    contact: NDArray[np.int64]
    week: NDArray[np.int64]
    laps: NDArray[np.int64]

    def recursive_contacts(self, laps_between: int) -> int:
        """Count the contacts that came to a recursion."""
        return int((recursions_due(np.bincount(self.contact, self.laps), laps_between) > 0).sum())


class LapBook:
    """Laps and recursions of each contact so far, as the weekly job counts them: one recursion a week at the most."""

    def __init__(self, known: WeekLaps, contact_count: int, laps_between: int) -> None:
        self.known, self.laps_between, self.read = known, laps_between, 0
        self.laps, self.recursions = np.zeros((2, contact_count), np.int64)

    def close_week(self, number: int) -> NDArray[np.bool_]:
        """Count the laps of the weeks before one; tell which contacts come to a recursion, shape (contacts,)."""
        until = int(np.searchsorted(self.known.week, number))
        rows = slice(self.read, until)
        self.read = until
        np.add.at(self.laps, self.known.contact[rows], self.known.laps[rows])
        due = recursions_due(self.laps, self.laps_between) > self.recursions
        self.recursions += due
        return due
