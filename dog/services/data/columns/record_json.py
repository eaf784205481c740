"""Records of rows as JSON: each distinct value is read and written once, a record is the pieces of its row joined."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import orjson

from dog.errors import InvalidInput
from dog.services.data.columns.coded_values import Coded, code_array, code_values
from dog.services.data.columns.row_table import RowTable
from dog.services.data.parquet_rows import to_list
from dog.services.data.row_values import MAX_ATTRIBUTES, MAX_TEXT_CHARACTERS

PLAIN = frozenset({str, int, bool, float})
Read = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Returns the attributes of a row or of one of its columns, without those that are empty; raises `InvalidInput`."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """What each row has of one column: the distinct pieces of JSON, empty where a value is empty or refused."""

    codes: np.ndarray  # shape (rows,)
    pieces: Sequence[bytes]
    refused: np.ndarray  # marks of the distinct values, shape (pieces,)

    def of_rows(self) -> list[bytes]:
        """Return the piece of each row."""
        found: list[bytes] = np.array(self.pieces, object)[self.codes].tolist()
        return found

    def is_given(self) -> np.ndarray:
        """Mark the rows that have a value, shape (rows,)."""
        return np.array([bool(piece) for piece in self.pieces], bool)[self.codes]


@dataclass(frozen=True, slots=True)
class Shape:
    """Rows with the same columns: their places in the table, shape (rows,), and the pieces of each column."""

    places: np.ndarray
    columns: Mapping[str, Pieces]

    def refused(self) -> np.ndarray:
        """Mark the rows with a refused value, or with too many, shape (rows,)."""
        bad = np.zeros(len(self.places), bool)
        for one in self.columns.values():
            if one.refused.any():
                bad |= one.refused[one.codes]
        if len(self.columns) > MAX_ATTRIBUTES:
            bad |= np.sum([one.is_given() for one in self.columns.values()], axis=0) > MAX_ATTRIBUTES
        return bad


def read_shapes(table: RowTable, own_id: str, read: Read, converted: Collection[str]) -> list[Shape]:
    """Read all columns but that of the id; `converted` are those whose values `read` may replace."""
    return [
        Shape(
            places, {name: _read_column(name, one, read, name in converted) for name, one in columns if name != own_id}
        )
        for places, columns in _columns(table)
    ]


def join_records(heads: Sequence[bytes], shapes: Sequence[Shape]) -> list[bytes]:
    """Return the record of each row of a table: its head, a piece or empty, then the pieces of its columns."""
    records = [b""] * len(heads)
    for shape in shapes:
        places = shape.places.tolist()
        rows = zip([heads[place] for place in places], *(one.of_rows() for one in shape.columns.values()), strict=True)
        for place, joined in zip(places, map(b"".join, rows), strict=True):
            records[place] = b"{%b}" % joined[1:]
    return records


def write_piece(name: str, value: Any) -> bytes:
    """Return a name and its value with a comma before them."""
    return b",%b:%b" % (orjson.dumps(name), orjson.dumps(value))


def find_first_rows(shapes: Sequence[Shape], order: Sequence[int], size: int) -> list[int]:
    """Return, of rows in some order, those that are the first to have one of the columns; the table has `size` rows."""
    rank = np.full(size, size)
    rank[order] = np.arange(len(order))
    first: dict[str, int] = {}
    for shape in shapes:
        own = rank[shape.places]
        for name, one in shape.columns.items():
            first[name] = min(first.get(name, size), int(own[one.is_given()].min(initial=size)))
    return [order[place] for place in sorted({*first.values()}) if place < size]


def _columns(table: RowTable) -> Iterator[tuple[np.ndarray, list[tuple[str, Coded]]]]:
    """Yield the places of rows that have the same columns in the same order, and these columns."""
    if not table.given:
        yield np.arange(table.size), [(name, _code_array(array)) for name, array in table.columns.items()]
        return
    places_of: dict[tuple[str, ...], list[int]] = {}
    for place, row in enumerate(table.given):
        places_of.setdefault(tuple(row.fields), []).append(place)
    for names, places in places_of.items():
        columns = zip(*(table.given[place].fields.values() for place in places), strict=True)
        yield np.array(places), [(name, _code_list(values)) for name, values in zip(names, columns, strict=True)]


def _code_array(array: Any) -> Coded:
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for files only

    of, kind = pa.types, array.type
    tests = (of.is_string, of.is_large_string, of.is_dictionary, of.is_integer, of.is_boolean, of.is_temporal)
    return code_array(array) if any(test(kind) for test in tests) else _apart(to_list(array))


def _code_list(values: Sequence[Any]) -> Coded:
    return _apart(values) if {*map(type, values)} & {float, list, dict} else code_values(values)


def _apart(values: Sequence[Any]) -> Coded:
    """Return values that are not compared: lists cannot be, and 0.0 equals -0.0, which is written otherwise."""
    return Coded(np.arange(len(values), dtype=np.int32), values)


def _read_column(name: str, column: Coded, read: Read, is_converted: bool) -> Pieces:
    head, pieces, refused = b",%b:" % orjson.dumps(name), list[bytes](), list[int]()
    for code, value in enumerate(column.values):
        if not is_converted and _is_plain(value):
            pieces.append(head + orjson.dumps(value))
            continue
        try:
            found = read({name: value})
        except InvalidInput:
            refused.append(code)
            found = {}
        pieces.append(head + orjson.dumps(found[name]) if found else b"")
    marks = np.zeros(len(pieces), bool)
    marks[refused] = True
    return Pieces(column.codes, pieces, marks)


def _is_plain(value: Any) -> bool:
    """Return whether a value is kept as it is; nearly all are."""
    kind = type(value)
    if kind is str:
        return 0 < len(value) <= MAX_TEXT_CHARACTERS
    return kind in PLAIN and (kind is not float or isfinite(value))
