"""The ids of archived weeks are forgotten; those of open weeks keep their bodies."""

from dog.core.events import EventType
from dog.storage.claims import claim_ids
from dog.storage.event_log import Event
from dog.storage.store import PARTITIONS, Store
from dog.storage.week_archive import close_weeks, closed_until, forget_ids

WEEK = 2960


def pitches(product_id: str) -> list[Event]:
    return [
        Event(event_id=f"e{n}", type=EventType.PITCH, contact_id=f"c{n % 7}", product_id=product_id, occurred_at_ms=1)
        for n in range(200)
    ]


def test_only_the_ids_of_the_weeks_before_one_are_forgotten(store: Store) -> None:
    weeks = [WEEK - n % 3 for n in range(200)]
    claim_ids(store, pitches("p1"), weeks)
    forgotten = sum(forget_ids(store, partition, WEEK - 1) for partition in range(PARTITIONS))

    assert forgotten == weeks.count(WEEK - 2)
    assert claim_ids(store, pitches("p2"), weeks).answers == [1 if week == WEEK - 2 else -1 for week in weeks]


def test_weeks_are_closed_until_a_time(store: Store) -> None:
    before = closed_until(store)
    close_weeks(store, 1_763_600_000_123)

    assert (before, closed_until(store)) == (0, 1_763_600_000_123)
