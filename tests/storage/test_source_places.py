from dog.storage.source_places import (
    SourcePlace,
    keep_source_place,
    keep_source_success,
    note_source_failure,
    read_source_place,
    read_source_places,
)
from dog.storage.store import Store
from dog.storage.tenant_dump import dump_keys
from tests.tenant_keys import tenant_keys

PLACE = SourcePlace(settings="s", value=("int", "7"), read_rows=("a", "b"))


def test_a_place_comes_back_as_it_was_kept(store: Store) -> None:
    keep_source_place(store, "crm", PLACE)

    assert read_source_place(store, "crm") == PLACE
    assert read_source_place(store, "other") == SourcePlace()
    assert read_source_places(store) == {"crm": PLACE}


def test_a_failure_leaves_the_place_and_a_success_ends_it(store: Store) -> None:
    keep_source_place(store, "crm", PLACE)
    note_source_failure(store, "crm", "away", 5)
    failed = read_source_place(store, "crm")
    keep_source_success(store, "crm", failed, 2, 6)
    done = read_source_place(store, "crm")

    assert (failed.value, failed.failure, failed.tried_at_ms, failed.succeeded_at_ms) == (PLACE.value, "away", 5, 0)
    assert (done.value, done.failure, done.tried_at_ms, done.succeeded_at_ms, done.rejected) == (
        PLACE.value,
        None,
        6,
        6,
        2,
    )


def test_a_backup_reads_the_places_before_the_rows_that_they_count(loaded: Store) -> None:
    """A place that lies behind its rows reads some twice; one before them would lose some."""
    keep_source_place(loaded, "crm", PLACE)
    levels = [key.partition is None for key in dump_keys(loaded, tenant_keys(loaded.redis, "default"))]

    assert levels == sorted(levels, reverse=True)
    assert b"sources" in [key.name for key in dump_keys(loaded, tenant_keys(loaded.redis, "default"))]
