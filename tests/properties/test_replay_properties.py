"""Whichever events come late: after a replay all multipliers are those of a tenant whose events came in time."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.core.consolidation_fit import MIN_PITCHED
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Clock

FIRST = datetime(2026, 10, 19, tzinfo=UTC)  # Monday of 2026-W43
WEEKS = 4
CONTACTS, PRODUCTS = ("c1", "c2"), ("p1", "p2")
TENANTS = itertools.count()

events = st.lists(
    st.tuples(
        st.integers(0, WEEKS - 1),
        st.booleans(),  # late
        st.sampled_from(["pitch", "win", "loss"]),
        st.sampled_from(CONTACTS),
        st.sampled_from(PRODUCTS),
    ),
    min_size=1,
    max_size=MIN_PITCHED
    - 1,  # from here on the fit moves with outcomes, and pitches without a score take that of today
)


def written(drawn: list[Any]) -> list[tuple[int, bool, dict[str, Any]]]:
    return [
        (
            week,
            late,
            {
                "event_id": f"e{number}",
                "type": kind,
                "contact_id": contact,
                "product_id": product,
                "occurred_at": (FIRST + timedelta(weeks=week, minutes=number)).isoformat(),
            },
        )
        for number, (week, late, kind, contact, product) in enumerate(drawn)
    ]


def opened(runtime: Runtime) -> Store:
    store = runtime.store(f"r{next(TENANTS)}", create=True)
    import_rows(store, "products", [{"product_id": product} for product in PRODUCTS], UTC)
    scores = [
        {"contact_id": c, "product_id": p, "model": "cf", "score": 0.2 + 0.3 * (c == "c1"), "as_of": "2026-10-01"}
        for c in CONTACTS
        for p in PRODUCTS
    ]
    import_rows(store, "scores", scores, UTC)
    return store


def send(store: Store, some: list[dict[str, Any]], clock: Clock) -> None:
    if some:
        assert {result.status for result in record_feedback(store, some, clock())} == {"accepted"}


def rows_of(runtime: Runtime, store: Store, policy: str) -> list[dict[str, Any]]:
    found = read_multipliers(
        runtime, store.tenant.name, contact_id=None, product_id=None, policy=policy, cursor=None, limit=100
    )
    rows = [{name: value for name, value in row.items() if name != "version"} for row in found["items"]]
    return sorted(rows, key=lambda row: (row["contact_id"], row["product_id"]))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=events)
def test_a_replay_gives_what_punctual_events_give(runtime: Runtime, clock: Clock, drawn: list[Any]) -> None:
    every = written(drawn)
    mixed, punctual = opened(runtime), opened(runtime)
    for week in range(WEEKS):
        clock.set((FIRST + timedelta(weeks=week + 1)).strftime("%Y-%m-%dT%H:%M:%S"))
        for store in (mixed, punctual):
            due = [event for at, late, event in every if at == week and (store is punctual or not late)]
            send(store, due, clock)
            run_recompute(runtime, store.tenant.name, replay=False, force=True)
    send(mixed, [event for _, late, event in every if late], clock)
    run_recompute(runtime, mixed.tenant.name, replay=True, force=True)

    for policy in ("recommended", "published"):
        assert rows_of(runtime, mixed, policy) == rows_of(runtime, punctual, policy)
