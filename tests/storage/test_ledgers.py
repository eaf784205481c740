"""The weekly job's input: the ledgers of every partition, the first and the last too."""

import pytest

from dog.core.events import EventType
from dog.storage.apply_events import apply_events
from dog.storage.event_log import Event
from dog.storage.ledgers import earliest_outcome_ms, read_chunks
from dog.storage.store import PARTITIONS, Store

NOW_MS = 1_763_600_000_000


@pytest.fixture
def outcomes(store: Store) -> dict[str, int]:
    """Write one outcome for each of 600 contacts, the later the higher their partition; return the partitions."""
    contacts = {f"c{number}": store.tenant.contact(f"c{number}") for number in range(600)}
    partitions = {name: store.tenant.partition_number(hashed) for name, hashed in contacts.items()}
    events = [
        Event(event_id=name, type=EventType.WIN, contact_id=name, product_id="p1", occurred_at_ms=NOW_MS + number)
        for name, number in partitions.items()
    ]
    apply_events(store, events, {"p1": 0}, NOW_MS, contacts)
    return partitions


def test_every_partition_is_read_once(store: Store, outcomes: dict[str, int]) -> None:
    times = [time - NOW_MS for chunk in read_chunks(store) for time in chunk.outcomes["at"].tolist()]

    assert set(outcomes.values()) == set(range(PARTITIONS))
    assert sorted(times) == sorted(outcomes.values())


def test_some_partitions_are_read_alone(store: Store, outcomes: dict[str, int]) -> None:
    some = [0, 3, 63]
    [chunk] = read_chunks(store, partitions=some)

    assert sorted(chunk.outcomes["at"] - NOW_MS) == sorted(number for number in outcomes.values() if number in some)


def test_the_earliest_outcome_may_lie_in_the_first_partition(store: Store, outcomes: dict[str, int]) -> None:
    assert outcomes
    assert earliest_outcome_ms(store) == NOW_MS


def test_without_outcomes_there_is_no_earliest(store: Store) -> None:
    assert earliest_outcome_ms(store) is None
    assert list(read_chunks(store, partitions=[])) == []
