"""Events of a load are found in the logs by its id, and removed as if they had never come."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.services.feedback.record_feedback import record_feedback
from dog.storage.catalogue import number_products, read_catalogue
from dog.storage.claims import find_claimed
from dog.storage.load_events import read_load_events, remove_events
from dog.storage.store import Store
from dog.storage.week_archive import read_log, read_logs
from tests.loads_world import event

NOW_MS = 1_796_000_000_000
SENT = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["pitch", "win", "accept", "discard"]), st.integers(0, 5)), max_size=20
)


def remove_all(store: Store, load: str) -> int:
    """Remove the events of a load from all contacts."""
    numbers = read_catalogue(store).numbers
    return sum(
        remove_events(store, load, partition, list(read_load_events(store, load, partition)), numbers)
        for partition in range(store.tenant.partition_count)
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SENT)
def test_the_events_of_others_are_left_as_if_the_load_had_never_come(
    store: Store, sent: list[tuple[bool, str, int]]
) -> None:
    store.redis.flushall()
    number_products(store, ["p0", "p1"])
    load = replace(store, load="l1")
    events = [
        (of_load, event(f"e{n}", kind, product=f"p{n % 2}", occurred_at=f"2026-11-1{day}T10:00:00Z"))
        for n, (of_load, kind, day) in enumerate(sent)
    ]
    for of_load, one in events:
        assert record_feedback(load if of_load else store, [one], NOW_MS)[0].status == "accepted"
    removed = remove_all(store, "l1")
    found = read_log(store, store.tenant.contact("c1"))
    others = [one for of_load, one in events if not of_load]

    assert removed == len(events) - len(others)
    assert find_claimed(store, [one["event_id"] for _, one in events]) == {one["event_id"] for one in others}
    store.redis.flushall()
    number_products(store, ["p0", "p1"])
    for one in others:
        record_feedback(store, [one], NOW_MS)
    again = read_log(store, store.tenant.contact("c1"))
    assert found.log == again.log
    assert found.verdicts == again.verdicts
    assert [found.outcomes[at : at + 36] for at in range(0, len(found.outcomes), 40)] == [
        again.outcomes[at : at + 36] for at in range(0, len(again.outcomes), 40)
    ]


def test_an_event_that_was_sent_before_is_not_of_the_load(store: Store) -> None:
    record_feedback(store, [event("e1")], NOW_MS)
    record_feedback(replace(store, load="l1"), [event("e1"), event("e2", contact="c2")], NOW_MS)

    assert remove_all(store, "l1") == 1
    assert remove_all(store, "l1") == 0
    assert [
        read.contact for partition in range(store.tenant.partition_count) for read in read_logs(store, partition)
    ] == [store.tenant.contact("c1")]
