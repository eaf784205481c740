"""The results of a table's rows: nearly all are accepted or duplicates, the others have a result of their own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from dog.errors import InvalidInput
from dog.services.data.columns.row_table import RowTable
from dog.services.data.row_values import ACCEPTED, DUPLICATE, RowCounts, RowOutcome
from dog.services.lists.unknown_names import UnknownName
from dog.storage.event_log import Status


class TableOutcomes:
    """Results by place; rows with a fault begin as rejected, all others as accepted."""

    def __init__(self, table: RowTable) -> None:
        self._table = table
        self.duplicate = np.zeros(table.size, bool)
        self.others: dict[int, RowOutcome] = {}
        for place, row in enumerate(table.given):
            if row.fault is not None:
                self.others[place] = RowOutcome(Status.REJECTED, row.fault.code, row.fault.message)

    def reject(self, places: Iterable[int], outcome: RowOutcome) -> None:
        """Reject rows that are not rejected yet."""
        for place in places:
            self.others.setdefault(place, outcome)

    def refuse(self, bad: np.ndarray, check: Callable[[Mapping[str, Any]], object]) -> None:
        """Reject rows that have a mark, shape (rows,), with the words of `check`, which raises `InvalidInput`."""
        places = [place for place in np.flatnonzero(bad).tolist() if place not in self.others]
        for place, row in zip(places, self._table.rows(places), strict=True):
            try:
                check(row.fields)
            except InvalidInput as error:
                self.others[place] = RowOutcome(Status.REJECTED, error.code, error.message)
            else:
                raise AssertionError(f"line {row.line} was marked as bad, and is not")

    def open(self) -> np.ndarray:
        """Mark the rows that are not rejected, shape (rows,)."""
        marks = np.ones(self._table.size, bool)
        marks[list(self.others)] = False
        return marks

    def warn(self, unknown: Mapping[int, UnknownName]) -> None:
        """Add a warning to rows that are not rejected."""
        for place, name in unknown.items():
            if place not in self.others:
                status = Status.DUPLICATE if self.duplicate[place] else Status.ACCEPTED
                self.others[place] = RowOutcome(status, warning=name)

    def add_to(self, counts: RowCounts) -> None:
        """Count the rows."""
        duplicates = self.duplicate[self.open()]
        count = int(duplicates.sum())
        counts.add(self.others.values(), accepted=len(duplicates) - count, duplicates=count)

    def rejected(self) -> tuple[list[int], Sequence[RowOutcome]]:
        """Return the places of rejected rows, and their results."""
        places = sorted(place for place, one in self.others.items() if one.status is Status.REJECTED)
        return places, [self.others[place] for place in places]

    def listed(self) -> list[RowOutcome]:
        """Return one result a row."""
        plain = [DUPLICATE if known else ACCEPTED for known in self.duplicate.tolist()]
        for place, outcome in self.others.items():
            plain[place] = outcome
        return plain
