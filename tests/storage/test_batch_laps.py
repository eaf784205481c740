import pytest

from dog.storage.batch_laps import count_batch_laps, place_of, read_place
from dog.storage.contacts import read_arrays
from dog.storage.store import Store

WEEK = "2026-W47"


def contacts(store: Store, count: int) -> list[bytes]:
    """Find some contacts of partition 0, in the order of their digests."""
    found = (store.tenant.contact(str(n)) for n in range(10_000))
    return sorted(contact for contact in found if store.tenant.partition_number(contact) == 0)[:count]


def laps(store: Store, some: list[bytes], suffix: str = "") -> list[int]:
    return [int(count or 0) for count in read_arrays(store, "laps", suffix, some)]


def test_a_batch_counts_each_contact_once_and_says_how_far_it_is(store: Store) -> None:
    one, two, three = contacts(store, 3)
    first = count_batch_laps(store, 0, "monday", {one: WEEK, two: WEEK}, ())
    again = count_batch_laps(store, 0, "monday", {one: WEEK, two: WEEK, three: "2026-W48"}, ())

    assert (first, again) == (2, 1)
    assert laps(store, [one, two, three]) == [1, 1, 1]
    assert laps(store, [one, two, three], WEEK) == [1, 1, 0]
    assert read_place(store, 0, "monday") == place_of(three)
    assert read_place(store, 0, "tuesday") == ""


def test_another_batch_counts_another_lap(store: Store) -> None:
    (one,) = contacts(store, 1)
    for batch in ("monday", "tuesday", "monday"):
        count_batch_laps(store, 0, batch, {one: WEEK}, ())

    assert laps(store, [one]) == [2]


def test_a_contact_whose_place_was_passed_is_counted_where_it_is_late(store: Store) -> None:
    one, two = contacts(store, 2)
    count_batch_laps(store, 0, "monday", {two: WEEK}, ())

    assert count_batch_laps(store, 0, "monday", {one: WEEK, two: WEEK}, {one}) == 1
    assert laps(store, [one, two]) == [1, 1]
    assert read_place(store, 0, "monday") == place_of(two)


@pytest.mark.parametrize("empty", [{}])
def test_nothing_served_is_nothing_counted(store: Store, empty: dict[bytes, str]) -> None:
    assert count_batch_laps(store, 0, "monday", empty, ()) == 0
    assert read_place(store, 0, "monday") == ""
