"""A column by its distinct values, so that each is read once; and columns of numbers."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dog.errors import InvalidInput
from dog.services.data.parquet_rows import to_list
from dog.services.feedback.parse_event import read_number
from dog.storage.ids import MAX_ID_BYTES, clean_id, clean_optional_id

REFUSED, NONE = -1, -2
"""Codes of values that an import refuses, and of those that are left out."""


class Coded(NamedTuple):
    """The place of each row's value among the distinct ones, shape (rows,), and those in the order in which they come.

    Two values may be equal.
    """

    codes: np.ndarray
    values: Sequence[Any]

    def read(self, read: Callable[[Any], Any]) -> "Coded":
        """Return the values as read, each once; the code is `REFUSED` where that fails, `NONE` where it gives None."""
        places: dict[Any, int] = {}
        codes = np.empty(len(self.values), np.int32)
        for number, value in enumerate(self.values):
            try:
                found = read(value)
            except InvalidInput:
                codes[number] = REFUSED
            else:
                codes[number] = NONE if found is None else places.setdefault(found, len(places))
        return Coded(codes[self.codes], list(places))

    def mark(self, values: Sequence[bool]) -> np.ndarray:
        """Return what is true of the distinct values for each row, False for codes below 0; shape (rows,)."""
        return np.array([*values, False, False], bool)[self.codes]


def read_ids(column: Coded, field: str, *, is_optional: bool = False) -> Coded:
    """Return the ids of a column."""
    texts = column.values
    if _are_plain(texts):
        return column  # nearly always: nothing to normalise, and distinct as they are
    clean = clean_optional_id if is_optional else clean_id
    return column.read(lambda value: clean(value, field))


def _are_plain(texts: Sequence[Any]) -> bool:
    """Return whether all values are different ids of printable ASCII."""
    if not all(type(text) is str and 0 < len(text) <= MAX_ID_BYTES for text in texts) or len({*texts}) < len(texts):
        return False
    joined = "".join(texts)
    return joined.isascii() and joined.isprintable()


def code_values(values: Sequence[Any]) -> Coded:
    """Return Python values by the distinct ones; 1, 1.0 and True are three."""
    if {*map(type, values)} == {str}:
        texts = {text: place for place, text in enumerate(dict.fromkeys(values))}
        return Coded(np.fromiter(map(texts.__getitem__, values), np.int32, len(values)), list(texts))
    places: dict[Hashable, int] = {}
    distinct: list[Any] = []
    codes = np.empty(len(values), np.int32)
    for row, value in enumerate(values):
        try:
            place = places.setdefault((type(value), value), len(distinct))
        except TypeError:  # a list or an object
            place = len(distinct)
        if place == len(distinct):
            distinct.append(value)
        codes[row] = place
    return Coded(codes, distinct)


def code_array(array: Any) -> Coded:
    """Return an Arrow array by its distinct values."""
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for files only

    if pa.types.is_nested(array.type):
        return code_values(to_list(array))
    coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    values, codes = to_list(coded.dictionary), coded.indices
    if codes.null_count:
        codes = codes.fill_null(len(values))
        values.append(None)
    return Coded(codes.to_numpy(zero_copy_only=False).astype(np.int32, copy=False), values)


def numbers_of(values: Any) -> np.ndarray:
    """Return values as 64-bit floats, shape (rows,): NaN where one is not a finite number."""
    if isinstance(values, list):
        if {*map(type, values)} <= {int, float}:
            found = np.array(values, np.float64)
        else:
            found = np.array([read_number(value) for value in values], np.float64)
    else:
        found = _numbers_of_array(values)
    return np.where(np.isfinite(found), found, np.nan)


def _numbers_of_array(array: Any) -> np.ndarray:
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for files only

    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if is_text or pa.types.is_float32(kind) or pa.types.is_float64(kind) or pa.types.is_integer(kind):
        try:
            found: np.ndarray = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:  # a text that is not a number
            pass
        else:
            return found
    return np.array([read_number(value) for value in array.to_pylist()], np.float64)
