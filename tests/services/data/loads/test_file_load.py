"""A load that ends early is interrupted; the rows that it wrote can be undone."""

from dataclasses import replace
from pathlib import Path

import pytest

from dog.services.data.loads.file_load import FileLoad, forget_old, rows_of
from dog.services.data.loads.undo_load import undo_load
from dog.services.data.row_values import ACCEPTED, RowCounts
from dog.services.runtime import Runtime
from dog.storage.contacts import read_records, write_arrays
from dog.storage.load_records import (
    COMPLETE,
    INTERRUPTED,
    RUNNING,
    UNDOING,
    begin_load,
    end_life,
    list_loads,
    put_load,
    read_load,
)
from dog.storage.store import Store
from tests.loads_world import exported


def test_a_load_that_fails_is_interrupted_and_can_be_undone(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    before, counts = exported(runtime, tmp_path), RowCounts()

    def interrupted() -> str:
        with FileLoad(runtime, loaded, "contacts", "a.csv") as load:
            record = b'{"contact_id":"c1","name":"Zoe"}'
            write_arrays(load.store, "contacts", "", {loaded.tenant.contact("c1"): record})
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


def test_a_load_that_runs_or_is_being_undone_keeps_its_journal(runtime: Runtime, loaded: Store) -> None:
    loads = [begin_load(loaded, "contacts", "a.csv", runtime.clock()) for _ in range(6)]
    put_load(loaded, replace(loads[0], state=UNDOING))
    end_life(loaded, loads[1].load_id)
    for one in loads[2:5]:
        put_load(loaded, replace(one, state=COMPLETE))
    forget_old(loaded)

    assert [one.has_journal for one in reversed(list_loads(loaded))] == [True, False, False, True, True, True]


def test_each_kind_names_the_rows_that_it_changes(loaded: Store) -> None:
    assert rows_of(loaded, "scores") == ["scores-cf", "scores-frequency", "model_dates"]
    assert rows_of(loaded, "feedback") == ["contacts"]
    assert rows_of(loaded, "products") == ["products", "attributes"]
