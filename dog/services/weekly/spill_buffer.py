"""Values kept for a later pass: their arrays in memory while they are small, else in a file without a name."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, is_dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np

from dog.errors import StoreError

MEMORY_BYTES = 32 << 20

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Spilled:
    """Stands for an array in the file."""

    dtype: np.dtype[Any]
    start: int
    length: int


class SpillBuffer(Generic[Value]):
    """Values that can be iterated over again and again, in the order in which they were put, until closed.

    A value is a dataclass or tuple of one-dimensional arrays, of dataclasses and tuples that hold arrays in turn, and
    of small things, which stay in memory.
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
        size = 0

        def spill(array: np.ndarray) -> _Spilled:
            nonlocal size
            self._file.write(np.ascontiguousarray(array).data)
            size += array.nbytes
            return _Spilled(array.dtype, size - array.nbytes, len(array))

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


def _read(stored: bytes, spilled: _Spilled) -> np.ndarray:
    return np.frombuffer(stored, spilled.dtype, spilled.length, spilled.start) if stored else np.zeros(0, spilled.dtype)


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
