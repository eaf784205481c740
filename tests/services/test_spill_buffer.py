"""Values are read back as they were put, from memory and from the file."""

import errno
from dataclasses import dataclass

import numpy as np
import pytest

from dog.errors import StoreError
from dog.services import spill_buffer
from dog.services.spill_buffer import SpillBuffer, SpillFile


@dataclass(frozen=True, slots=True)
class Inner:
    numbers: np.ndarray
    names: list[str]


@dataclass(frozen=True, slots=True)
class Outer:
    rates: np.ndarray
    inner: Inner
    count: int


@pytest.mark.parametrize("memory_bytes", [1 << 20, 10])
def test_values_are_read_back_as_they_were_put_again_and_again(
    memory_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spill_buffer, "MEMORY_BYTES", memory_bytes)
    values = [
        Outer(np.arange(5) * 0.1, Inner(np.array([7], "u1"), ["a"]), 1),
        Outer(np.zeros(0), Inner(np.arange(9)[::3], []), 2),
    ]
    file = SpillFile()
    buffer: SpillBuffer[tuple[str, Outer]] = SpillBuffer(file)
    beside: SpillBuffer[np.ndarray] = SpillBuffer(file)
    for value in values:
        buffer.put(("label", value))
        beside.put(value.rates)
    assert len(list(buffer)) == len(list(beside)) == 2
    again = list(buffer)
    file.close()

    for (label, found), value in zip(again, values, strict=True):
        assert (label, found.count, found.inner.names) == ("label", value.count, value.inner.names)
        np.testing.assert_array_equal(found.rates, value.rates, strict=True)
        np.testing.assert_array_equal(found.inner.numbers, value.inner.numbers, strict=True)


def test_an_array_that_is_held_twice_or_repeats_one_number_is_written_once() -> None:
    numbers, unknown = np.arange(1000.0), np.full(1000, np.nan)
    file = SpillFile()
    buffer: SpillBuffer[tuple[np.ndarray, ...]] = SpillBuffer(file)
    buffer.put((numbers, unknown, numbers, np.zeros(1000, np.uint8)))
    written = file._size
    (found,) = list(buffer)
    file.close()

    assert written == numbers.nbytes + 8 + 8
    np.testing.assert_array_equal(found, (numbers, unknown, numbers, np.zeros(1000)))


def test_a_full_folder_for_temporary_files_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    file = SpillFile()
    buffer: SpillBuffer[np.ndarray] = SpillBuffer(file)

    def refuse(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(file._file, "write", refuse)

    with pytest.raises(StoreError, match=r"temporary folder .*: No space left on device; free space there"):
        buffer.put(np.zeros(1))
    file.close()
