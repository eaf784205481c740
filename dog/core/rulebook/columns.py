"""Columns that conditions read: numbers with NaN for null, text as codes into a vocabulary.

A column is as long as the frame, or 1 long where all rows have the same value: a condition on the contact alone costs
the same for one option as for a thousand.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dog.core.documents.fields import MAX_NUMBER

Kind = Literal["number", "text", "date", "boolean"]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Vocabulary = tuple[str, ...]

EPOCH = date(1970, 1, 1)
_TEXTUAL = (str, list, tuple, date)


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A text column, coded once."""

    codes: NDArray[np.int32]  # place of each row's value in `vocabulary`, -1 for null, shape (rows,) or (1,)
    # the distinct values. Conditions cache results by the identity of this tuple: pass the same one with every
    # request of a catalogue version
    vocabulary: Vocabulary

    @classmethod
    def of(cls, values: Iterable[str | None]) -> "TextColumn":
        """Code values in the order of their first occurrence."""
        places: dict[str, int] = {}
        codes = [-1 if value is None else places.setdefault(value, len(places)) for value in values]
        return cls(np.array(codes, dtype=np.int32), tuple(places))


Column = Floats | TextColumn

NULL_NUMBER: Floats = np.array([np.nan])
NULL_TEXT = TextColumn(np.array([-1], dtype=np.int32), ())


def is_null(column: Column) -> Bools:
    """Mark the rows without a value, shape as the column."""
    return column.codes < 0 if isinstance(column, TextColumn) else np.isnan(column)


def day_number(value: object) -> float:
    """Return the days from 1970-01-01 to a date, an instant or ISO text; NaN for anything else.

    >>> day_number("1970-01-31")
    30.0

    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return np.nan
    if isinstance(value, datetime):
        value = value.date()
    return float((value - EPOCH).days) if isinstance(value, date) else np.nan


def encode(values: Sequence[Any], kind: Kind | None = None) -> Column:
    """Turn plain values into a column.

    Parameters
    ----------
    values
        One per row; `None` and values of another kind become null. Lists become text joined by `;`.
    kind
        What the column holds; without it, text if any value is text, a list or a date, else numbers.

    Returns
    -------
    Numbers, days since 1970 for dates, 0 and 1 for booleans (float64); or coded text.

    Examples
    --------
    >>> encode([1, None, "x"], "number")
    array([ 1., nan, nan])
    >>> encode(["fax", None, "fax"]).codes
    array([ 0, -1,  0], dtype=int32)

    """
    if kind == "text" or (kind is None and any(isinstance(value, _TEXTUAL) for value in values)):
        if {str, type(None)}.issuperset(map(type, values)):  # the usual case
            return TextColumn.of(values)
        return TextColumn.of(_as_text(value) for value in values)
    if kind == "date":
        return np.array([day_number(value) for value in values], dtype=np.float64)
    return np.array([_as_number(value, kind) for value in values], dtype=np.float64)


def is_null_value(value: object) -> bool:
    """Return whether `encode` makes a null of a plain value.

    >>> [is_null_value(value) for value in (None, "x", 1, {})]
    [True, False, False, True]

    """
    return not isinstance(value, _TEXTUAL) and bool(np.isnan(_as_number(value, None)))


def _as_number(value: object, kind: Kind | None) -> float:
    if isinstance(value, bool):
        return np.nan if kind == "number" else float(value)
    if not isinstance(value, int | float) or kind == "boolean" or not abs(value) <= MAX_NUMBER:
        return np.nan
    return float(value)


def _as_text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return value.isoformat() if isinstance(value, date) else None


@dataclass(frozen=True, slots=True)
class Frame:
    """The columns of one evaluation."""

    rows: int  # number of options (or products)
    # full name (`product.category`, `win_rate`) to column; a missing name is null in every row
    columns: Mapping[str, Column] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]], root: str, kinds: Mapping[str, Kind] | None = None) -> "Frame":
        """Code records, one per row, into columns `root.name`; a kind that is not given follows from the values."""
        names = {name: None for record in records for name in record}
        declared = kinds or {}
        return cls(
            len(records),
            {f"{root}.{name}": encode([record.get(name) for record in records], declared.get(name)) for name in names},
        )

    def take(self, rows: NDArray[np.integer[Any]]) -> "Frame":
        """Return some of the rows, in the given order; a column is taken when it is first read."""
        return Frame(len(rows), _Taken(self.columns, rows))

    def nulls(self, name: str) -> Bools:
        """Mark the rows in which a column is null, shape as the column, or (1,) where there is no such column."""
        column = self.columns.get(name)
        return np.ones(1, bool) if column is None else is_null(column)

    def with_columns(self, columns: Mapping[str, Column]) -> "Frame":
        """Return a frame with more columns, each as long as the frame or 1 long."""
        return Frame(self.rows, _Overlay(columns, self.columns))


class _Overlay(Mapping[str, Column]):
    """Columns over others of the same names: a ChainMap of two, in a quarter of its time."""

    def __init__(self, first: Mapping[str, Column], second: Mapping[str, Column]) -> None:
        self._first = first
        self._second = second

    def __getitem__(self, name: str) -> Column:
        found = self._first.get(name)
        return self._second[name] if found is None else found

    def get(self, name: str, otherwise: Any = None) -> Any:
        """Return a column; the inherited method raises and catches an error where there is none."""
        found = self._first.get(name)
        return self._second.get(name, otherwise) if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._second), **dict.fromkeys(self._first)})

    def __len__(self) -> int:
        return len({*self._first, *self._second})


class _Taken(Mapping[str, Column]):
    """Some rows of columns, each taken when first read."""

    def __init__(self, columns: Mapping[str, Column], rows: NDArray[np.integer[Any]]) -> None:
        self._columns = columns
        self._rows = rows
        self._taken: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        taken = self._taken.get(name)
        if taken is None:
            taken = self._taken[name] = _take(self._columns[name], self._rows)
        return taken

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def _take(column: Column, rows: NDArray[np.integer[Any]]) -> Column:
    if isinstance(column, TextColumn):
        return column if len(column.codes) == 1 else TextColumn(column.codes[rows], column.vocabulary)
    return column if len(column) == 1 else column[rows]
