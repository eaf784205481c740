"""What is put aside comes back as it was, from memory and from the file."""

import errno

import numpy as np
import pytest

from dog.errors import StoreError
from dog.services.weekly import spill_buffer as shelf
from dog.services.weekly.spill_buffer import Shelf


@pytest.mark.parametrize("kept_bytes", [1 << 20, 10])
def test_arrays_come_back_as_they_were_as_often_as_asked(kept_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "KEPT_IN_MEMORY_BYTES", kept_bytes)
    sets = [{"a": np.arange(5) * 0.1, "b": np.array([7], "u1")}, {"a": np.zeros(0), "c": np.arange(9)[::3]}]
    shelved = Shelf()
    for number, arrays in enumerate(sets):
        shelved.put(number, arrays)
    again = [list(shelved), list(shelved)][1]
    shelved.close()

    assert [label for label, _ in again] == [0, 1]
    for (_, found), arrays in zip(again, sets, strict=True):
        assert found.keys() == arrays.keys()
        assert all(np.array_equal(found[name], arrays[name]) for name in arrays)


def test_a_full_folder_for_temporary_files_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    shelved = Shelf()

    def refuse(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shelved._file, "write", refuse)

    with pytest.raises(StoreError, match=r"temporary folder .*: No space left on device; make room there"):
        shelved.put("x", {"a": np.zeros(1)})
    shelved.close()
