"""Arrays put aside until they are needed again: in memory while they are small, else in a file without a name."""

import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dog.errors import StoreError

KEPT_IN_MEMORY_BYTES = 32 << 20

Arrays = Mapping[str, np.ndarray]


class Shelf:
    """Sets of named one-dimensional arrays, to be gone through again from the first, until closed."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY_BYTES)  # noqa: SIM115  # closed by `close`
        self._layouts: list[tuple[Any, dict[str, tuple[np.dtype[Any], int]]]] = []

    def close(self) -> None:
        """Forget all."""
        self._file.close()

    def put(self, label: Any, arrays: Arrays) -> None:
        """Put a set of arrays aside; its label, whatever it is, stays in memory.

        Raises
        ------
        StoreError
            There is no room for it.

        """
        try:
            for array in arrays.values():
                self._file.write(np.ascontiguousarray(array).data)
        except OSError as error:
            raise StoreError(f"temporary folder {tempfile.gettempdir()}: {error.strerror}; make room there") from None
        self._layouts.append((label, {name: (array.dtype, array.nbytes) for name, array in arrays.items()}))

    def __iter__(self) -> Iterator[tuple[Any, dict[str, np.ndarray]]]:
        """Go through all: label and arrays, which are not to be written to."""
        self._file.seek(0)
        for label, layout in self._layouts:
            yield label, {name: np.frombuffer(self._file.read(size), dtype) for name, (dtype, size) in layout.items()}
