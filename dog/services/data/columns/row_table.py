"""Some rows of a load as columns: Arrow arrays of a file, or the values of rows that were read one by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dog.batched import batched
from dog.services.data.columns.coded_values import Coded, code_array, code_values, numbers_of
from dog.services.data.data_rows import Row
from dog.services.data.parquet_rows import to_list

ROWS_A_TABLE = 10_000
"""Rows that are held at once where they are read one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTable:
    """Rows by their columns of the contract.

    `given` has the rows themselves where they were read one by one; else the columns are Arrow arrays, and `in_file`
    has those of the file where they were renamed. `first` counts the rows of the load before these.
    """

    size: int
    columns: Mapping[str, Any]
    first: int = 0
    first_line: int = 1
    in_file: Mapping[str, Any] = field(default_factory=dict)
    given: Sequence[Row] = ()

    def coded(self, name: str) -> Coded:
        """Return a column by its distinct values; all None where there is no such column."""
        values = self.columns.get(name)
        if values is None:
            return Coded(np.zeros(self.size, np.int32), [None])
        return code_values(values) if isinstance(values, list) else code_array(values)

    def numbers(self, name: str, default: float = np.nan) -> np.ndarray:
        """Return a column as numbers, shape (rows,): NaN for what is none, the default where there is no column."""
        if self.given:
            return numbers_of([row.fields.get(name, default) for row in self.given])
        values = self.columns.get(name)
        return np.full(self.size, default) if values is None else numbers_of(values)

    def first_values(self, name: str) -> Iterator[tuple[int, Any]]:
        """Yield the distinct values of a column, each with the line of its first row, in the order of lines."""
        codes, values = self.coded(name)
        found, places = np.unique(codes, return_index=True)
        for place, code in sorted(zip(places.tolist(), found.tolist(), strict=True)):
            yield self.given[place].line if self.given else self.first_line + place, values[code]

    def renamed(self, targets: Mapping[str, str], constants: Mapping[str, str]) -> "RowTable":
        """Return a table of Arrow arrays by other names, with columns that have the same value in all rows."""
        import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for files only

        columns = {target: self.columns[source] for source, target in targets.items()}
        same = {name: pa.repeat(pa.scalar(value), self.size) for name, value in constants.items()}
        return replace(self, columns=columns | same, in_file=self.columns)

    def rows(self, places: Sequence[int] | None = None) -> list[Row]:
        """Return the rows at some places, by default all, as if they had been read one by one."""
        if self.given:
            return list(self.given) if places is None else [self.given[place] for place in places]
        chosen = range(self.size) if places is None else places
        fields = _rows_of(self.columns, chosen)
        originals = _rows_of(self.in_file, chosen) if self.in_file else [None] * len(fields)
        return [
            Row(self.first_line + place, own, original=original)
            for place, own, original in zip(chosen, fields, originals, strict=True)
        ]


def _rows_of(columns: Mapping[str, Any], places: Sequence[int]) -> list[dict[str, Any]]:
    lists = [to_list(array.take(np.asarray(places, np.int64))) for array in columns.values()]
    return [dict(zip(columns, values, strict=True)) for values in zip(*lists, strict=True)]


def table_of_rows(rows: Sequence[Row], names: Sequence[str], first: int = 0) -> RowTable:
    """Return rows that were read one by one as a table of some columns; those with a fault have no values."""
    columns = {name: [row.fields.get(name) for row in rows] for name in names}
    return RowTable(size=len(rows), columns=columns, first=first, given=rows)


def tables_of_rows(rows: Iterator[Row], names: Sequence[str], first: int = 0) -> Iterator[RowTable]:
    """Yield rows that are read one by one as tables."""
    for chunk in batched(rows, ROWS_A_TABLE):
        yield table_of_rows(chunk, names, first)
        first += len(chunk)
        del chunk  # before the next is read
