"""Rows of a load are written with a note of what they replaced; undone, they are as before, whatever was written."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.storage.contacts import read_arrays, write_arrays
from dog.storage.load_journal import drop_journal, find_in_journal, read_journal, read_rows, undo_rows, write_rows
from dog.storage.store import Store

CONTACTS = [bytes([number]) * 16 for number in range(4)]
writes = st.lists(st.dictionaries(st.sampled_from(CONTACTS), st.binary(max_size=8), max_size=4), max_size=4)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes, writes)
def test_undone_rows_are_as_before_the_load(
    store: Store, earlier: list[dict[bytes, bytes]], later: list[dict[bytes, bytes]]
) -> None:
    store.redis.flushall()
    load = replace(store, load="l1")
    for rows in earlier:
        write_arrays(store, "scores", "cf", rows)
    before = read_arrays(store, "scores", "cf", CONTACTS)
    for rows in later:
        write_arrays(load, "scores", "cf", rows)
    for contact in CONTACTS:
        partition = store.tenant.partition_number(contact)
        for noted in read_journal(store, "l1", "scores-cf", partition):
            current = read_rows(store, "scores-cf", partition, [row.field for row in noted])
            assert all(row.is_current(now) for row, now in zip(noted, current, strict=True))
            assert undo_rows(store, "l1", "scores-cf", partition, {row.field: b"" for row in noted}) == 0

    assert read_arrays(store, "scores", "cf", CONTACTS) == before


def test_a_row_that_was_changed_since_stays(store: Store) -> None:
    contact = CONTACTS[0]
    partition = store.tenant.partition_number(contact)
    write_arrays(replace(store, load="l1"), "scores", "cf", {contact: b"a"})
    write_arrays(store, "scores", "cf", {contact: b"b"})

    assert undo_rows(store, "l1", "scores-cf", partition, {contact: b""}) == 1
    assert read_arrays(store, "scores", "cf", [contact]) == [b"b"]


def test_only_rows_that_are_missing_are_written_as_new_ones(store: Store) -> None:
    write_arrays(store, "contacts", "", {CONTACTS[0]: b"a"})
    write_rows(replace(store, load="l1"), "contacts", "", {CONTACTS[0]: b"x", CONTACTS[1]: b"y"}, "new")
    noted = [find_in_journal(store, "l1", "contacts", store.tenant.partition_number(one), one) for one in CONTACTS[:2]]

    assert read_arrays(store, "contacts", "", CONTACTS[:2]) == [b"a", b"y"]
    assert noted == [False, True]
    drop_journal(store, "l1", ["contacts"])
    assert not find_in_journal(store, "l1", "contacts", store.tenant.partition_number(CONTACTS[1]), CONTACTS[1])
