"""Values kept for a later pass: their arrays in memory while they are small, else in a file without a name."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, is_dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np

from dog.errors import StoreError

MEMORY_BYTES = 32 << 20
ALIGNED_BYTES = 8

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spilled:
    """Stands for an array in the file."""

    dtype: np.dtype[Any]
    start: int
    length: int
    repeats: bool  # whether the file has one element, which stands for all


class SpillBuffer(Generic[Value]):
    """Values that can be iterated over again and again, in the order in which they were put, until closed.

    A value is a dataclass or tuple of one-dimensional arrays, of dataclasses and tuples that hold arrays in turn, and
    of small things, which stay in memory. An array that a value holds twice is written once.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115  # closed by `close`
        self._values: list[tuple[Any, int]] = []  # each value without its arrays, and how many bytes they take

    def close(self) -> None:
        """Drop all values."""
        self._file.close()

    def put(self, value: Value) -> None:
        """Keep a value.

        Raises
        ------
        StoreError
            There is no room for it.

        """
        size, places = 0, dict[int, _Spilled]()

        def spill(array: np.ndarray) -> _Spilled:
            nonlocal size
            if id(array) not in places:
                repeats = _repeats(array)
                written = np.ascontiguousarray(array[:1] if repeats else array)
                places[id(array)] = _Spilled(dtype=array.dtype, start=size, length=len(array), repeats=repeats)
                padding = bytes(-written.nbytes % ALIGNED_BYTES)
                size += self._file.write(written.data) + self._file.write(padding)
            return places[id(array)]

        try:
            hollow = _replace_arrays(value, np.ndarray, spill)
        except OSError as error:
            raise StoreError(f"temporary folder {tempfile.gettempdir()}: {error.strerror}; make room there") from None
        self._values.append((hollow, size))

    def __iter__(self) -> Iterator[Value]:
        """Iterate over all values; their arrays are read-only."""
        self._file.seek(0)
        for hollow, size in self._values:
            stored = self._file.read(size)
            yield _replace_arrays(hollow, _Spilled, partial(_read, stored))


def _repeats(array: np.ndarray) -> bool:
    """Return whether an array of numbers has the same bits again and again: most counts are 0 for all pairs."""
    if len(array) < 2 or array.dtype.kind not in "fiub":
        return False
    bits = array.view(f"u{array.itemsize}")
    return bool(bits[0] == bits[-1] and (bits == bits[0]).all())


def _read(stored: bytes, spilled: _Spilled) -> np.ndarray:
    if not stored:
        return np.zeros(0, spilled.dtype)
    found = np.frombuffer(stored, spilled.dtype, 1 if spilled.repeats else spilled.length, spilled.start)
    return found.repeat(spilled.length) if spilled.repeats else found


def _replace_arrays(value: Any, of_type: type, function: Callable[[Any], Any]) -> Any:
    """Copy a value; replace each object of a type in it by what the function returns for it."""
    if isinstance(value, of_type):
        return function(value)
    if isinstance(value, tuple):
        return tuple(_replace_arrays(part, of_type, function) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {name: _replace_arrays(getattr(value, name), of_type, function) for name in value.__dataclass_fields__}
        return replace(value, **parts)
    return value
