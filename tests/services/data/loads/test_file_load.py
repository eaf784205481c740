"""A load that ends early is interrupted; the rows that it wrote can be undone."""

from pathlib import Path

import pytest

from dog.services.data.loads.file_load import FileLoad, rows_of
from dog.services.data.loads.undo_load import undo_load
from dog.services.data.row_values import ACCEPTED, RowCounts
from dog.services.runtime import Runtime
from dog.storage.contacts import put_contacts, read_records
from dog.storage.load_records import INTERRUPTED, RUNNING, read_load
from dog.storage.store import Store
from tests.loads_world import exported


def test_a_load_that_fails_is_interrupted_and_can_be_undone(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    before, counts = exported(runtime, tmp_path), RowCounts()

    def interrupted() -> str:
        with FileLoad(runtime, loaded, "contacts", "a.csv") as load:
            put_contacts(load.store, {"c1": {"contact_id": "c1", "name": "Zoe"}})
            counts.add([ACCEPTED])
            load.note(counts)
            assert read_load(loaded, load.record.load_id).state == RUNNING
            raise OSError(load.record.load_id)

    with pytest.raises(OSError) as caught:  # noqa: PT011  # its text is the id
        interrupted()
    found = read_load(loaded, str(caught.value))
    assert (found.state, found.accepted) == (INTERRUPTED, 1)
    assert read_records(loaded, ["c1"])["c1"]["name"] == "Zoe"
    undo_load(runtime, "default", found.load_id)
    assert exported(runtime, tmp_path) == before


def test_each_kind_names_the_rows_that_it_changes(loaded: Store) -> None:
    assert rows_of(loaded, "scores") == ["scores-cf", "scores-frequency", "model_dates"]
    assert rows_of(loaded, "feedback") == ["contacts"]
    assert rows_of(loaded, "products") == ["products", "attributes"]
