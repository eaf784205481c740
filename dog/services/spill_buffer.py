"""Values kept for a later sweep: their arrays in memory while they are small, else in a file without a name."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, is_dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np

from dog.errors import StoreError

MEMORY_BYTES = 96 << 20
ALIGNED_BYTES = 8

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spilled:
    """Stands for an array in the file."""

    dtype: np.dtype[Any]
    start: int
    length: int
    repeats: bool  # whether the file has one element, which stands for all


class SpillFile:
    """The bytes of the values of some buffers, until it is closed; one file for all that a process keeps."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115  # closed by `close`
        self._size = 0

    def close(self) -> None:
        """Drop all values."""
        self._file.close()

    def append(self, pieces: Iterable[bytes | memoryview]) -> tuple[int, int]:
        """Append some bytes; return where they begin and how many they are.

        Raises
        ------
        StoreError
            There is no room for them.

        """
        start = self._size
        try:
            self._file.seek(start)
            for piece in pieces:
                self._size += self._file.write(piece)
        except OSError as error:
            raise StoreError(f"temporary folder {tempfile.gettempdir()}: {error.strerror}; free space there") from None
        return start, self._size - start

    def read(self, start: int, size: int) -> bytes:
        """Read some bytes."""
        self._file.seek(start)
        return self._file.read(size)


class SpillBuffer(Generic[Value]):
    """Values that can be iterated over again and again, in the order in which they were put, until the file is closed.

    A value is a dataclass or tuple of one-dimensional arrays, of dataclasses and tuples that hold arrays in turn, and
    of small things, which stay in memory. An array that a value holds twice is written once.
    """

    def __init__(self, file: SpillFile) -> None:
        self._file = file
        self._values: list[tuple[Any, int, int]] = []  # each value without its arrays, and where these are

    def put(self, value: Value) -> None:
        """Keep a value; raise `StoreError` if there is no room for it."""
        size, places, pieces = 0, dict[int, _Spilled](), list[bytes | memoryview]()

        def spill(array: np.ndarray) -> _Spilled:
            nonlocal size
            if id(array) not in places:
                repeats = _repeats(array)
                written = np.ascontiguousarray(array[:1] if repeats else array)
                places[id(array)] = _Spilled(dtype=array.dtype, start=size, length=len(array), repeats=repeats)
                pieces.extend((written.data, bytes(-written.nbytes % ALIGNED_BYTES)))
                size += written.nbytes + len(pieces[-1])
            return places[id(array)]

        hollow = _replace_arrays(value, np.ndarray, spill)
        self._values.append((hollow, *self._file.append(pieces)))

    def __iter__(self) -> Iterator[Value]:
        """Iterate over all values; their arrays are read-only."""
        for hollow, start, size in self._values:
            stored = self._file.read(start, size)
            yield _replace_arrays(hollow, _Spilled, partial(_read, stored))

    def clear(self) -> None:
        """Forget all values; their bytes stay in the file."""
        self._values = []

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self._values)


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
