from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.services.feedback.record_feedback import record_feedback
from dog.storage.late_outcomes import find_late
from dog.storage.ledgers import read_chunks, read_cut
from dog.storage.multiplier_versions import MultiplierVersion
from dog.storage.store import Store

NOW_MS = 1_800_000_000_000
END_MS = NOW_MS - 10_000


def version(store: Store, name: str = "v1") -> MultiplierVersion:
    return MultiplierVersion(
        version=name,
        week=1,
        published_at_ms=0,
        timezone="UTC",
        policies={},
        counts={},
        arrivals=read_cut(store, 0).arrivals,
        end_ms=END_MS,
    )


def pitch(store: Store, number: int, before_end_s: float) -> None:
    at = f"2027-01-15T07:59:{50 - before_end_s:06.3f}Z"  # the week ends at 07:59:50
    event = {"event_id": f"e{number}", "type": "pitch", "contact_id": f"c{number % 7}", "product_id": f"p{number % 3}"}
    assert record_feedback(store, [{**event, "occurred_at": at}], NOW_MS)[0].status == "accepted"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([-5.0, 0.0, 0.001, 30.0, 49.0])), max_size=30))
def test_exactly_the_outcomes_that_arrived_after_the_cut_and_occurred_before_the_week_s_end_are_late(
    store: Store, events: list[tuple[bool, float]]
) -> None:
    store.redis.flushall()
    for number, (after, before_end_s) in enumerate(events):
        if not after:
            pitch(store, number, before_end_s)
    latest = version(store)
    for number, (after, before_end_s) in enumerate(events):
        if after:
            pitch(store, number, before_end_s)
    late = [before_end_s for after, before_end_s in events if after and before_end_s > 0]
    found = find_late(store, latest, END_MS)

    assert (found.count, found.total) == (len(late), len(events))
    assert found.earliest_ms == (END_MS - round(max(late) * 1000) if late else None)


def test_the_ledgers_are_read_only_where_what_came_since_could_exceed_the_share(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Any] = []

    def read(*arguments: Any, **more: Any) -> Any:
        reads.append(arguments)
        return read_chunks(*arguments, **more)

    monkeypatch.setattr("dog.storage.late_outcomes.read_chunks", read)
    for number in range(20):
        pitch(store, number, 5)
    latest = version(store)
    pitch(store, 20, 5)
    few = find_late(store, latest, END_MS, 0.05)
    pitch(store, 21, 5)
    two = find_late(store, latest, END_MS, 0.05)
    again = find_late(store, latest, END_MS, 0.05)

    assert (few.exceeds(0.05), two.exceeds(0.05), again) == (False, True, two)
    assert len(reads) == 1


def test_what_was_found_for_another_version_does_not_count(store: Store) -> None:
    first = version(store, "v1")
    pitch(store, 1, 5)
    found = find_late(store, first, END_MS).count

    assert (found, find_late(store, version(store, "v2"), END_MS).count) == (1, 0)
