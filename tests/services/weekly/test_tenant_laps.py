from typing import Any

import pytest

from dog.services.feedback.record_feedback import record_feedback
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.decisions import KeptDecision, write_decisions
from dog.storage.store import Store
from tests.conftest import Clock


def serve(store: Store, contact: str, week: str, laps: int) -> None:
    digest = store.tenant.contact(contact)
    names = [f"{contact}-{week}-{number}" for number in range(laps)]
    write_decisions(
        store,
        [
            KeptDecision(decision_id=name, request=b"12345678", contact=digest, week=week, content=b"{}")
            for name in names
        ],
    )


def recursions(runtime: Runtime) -> dict[str, int]:
    found = read_multipliers(
        runtime, "default", contact_id=None, product_id=None, policy="recommended", cursor=None, limit=100
    )
    return {row["contact_id"]: row["recursions"] for row in found["items"]}


@pytest.fixture
def pitched(runtime: Runtime, store: Store) -> Store:
    """Publish a policy that counts all laps together, every 500; three contacts have a win each."""
    policy: dict[str, Any] = {"name": "recommended", "reinforcement": {"lap_scope": "tenant"}}
    publish_policy(runtime, "default", "recommended", policy, author="t", comment="", if_match=None, draft=False)
    events = [
        {"event_id": f"{kind}{n}", "type": kind, "contact_id": f"c{n}", "product_id": "p1", "occurred_at": at}
        for n in (1, 2, 3)
        for kind, at in (("pitch", "2026-11-10T10:00:00Z"), ("win", "2026-11-10T11:00:00Z"))
    ]
    record_feedback(store, events, runtime.clock())
    return store


def test_laps_of_all_contacts_together_make_a_recursion_due_for_each(runtime: Runtime, pitched: Store) -> None:
    serve(pitched, "c1", "2026-W46", 300)
    serve(pitched, "nobody", "2026-W46", 201)
    run_recompute(runtime, "default")

    assert recursions(runtime) == {"c1": 1, "c2": 1, "c3": 1}


def test_too_few_laps_of_all_and_laps_of_later_weeks_make_none_due(runtime: Runtime, pitched: Store) -> None:
    serve(pitched, "c1", "2026-W46", 500)
    serve(pitched, "c1", "2026-W47", 500)
    run_recompute(runtime, "default")

    assert recursions(runtime) == {"c1": 0, "c2": 0, "c3": 0}


def test_each_week_applies_what_its_own_laps_reached_and_one_at_most(
    runtime: Runtime, pitched: Store, clock: Clock
) -> None:
    serve(pitched, "c1", "2026-W46", 1600)
    run_recompute(runtime, "default")
    first = recursions(runtime)
    clock.set("2026-11-24T00:00:00")
    run_recompute(runtime, "default")
    quiet = recursions(runtime)
    serve(pitched, "c2", "2026-W48", 500)
    clock.set("2026-12-01T00:00:00")
    run_recompute(runtime, "default")

    assert [found["c3"] for found in (first, quiet, recursions(runtime))] == [1, 1, 2]


def test_each_contact_counts_its_own_laps_by_default(runtime: Runtime, pitched: Store) -> None:
    policy = {"name": "recommended"}
    publish_policy(runtime, "default", "recommended", policy, author="t", comment="", if_match=None, draft=False)
    serve(pitched, "c1", "2026-W46", 501)
    serve(pitched, "c2", "2026-W46", 500)
    run_recompute(runtime, "default")

    assert recursions(runtime) == {"c1": 1, "c2": 0, "c3": 0}
