from typing import Any

import pytest

from dog.services.feedback.record_feedback import record_feedback
from dog.services.feedback.vote_units import KNOWN_A_UNIT, vote_units
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import event

MARKET: dict[str, Any] = {"reason": {"trigger": "market"}}


@pytest.mark.parametrize(
    ("more", "units"),
    [
        ({}, 0),
        ({"reason": {"trigger": "performance"}}, 0),
        ({"reason": "market"}, 0),
        ({"reason": {"trigger": ["market"]}}, 0),
        (MARKET, 1),
        ({"reason": {"trigger": "discomfort", "attribute": "account"}}, 1),
    ],
)
def test_only_votes_cost_more_than_other_events(
    runtime: Runtime, store: Store, more: dict[str, Any], units: float
) -> None:
    assert vote_units(runtime, store.tenant.name, [event("e1", "discard", **more)]) == units


def test_votes_cost_more_the_more_the_tenant_has(runtime: Runtime, loaded: Store) -> None:
    sent = [event(f"e{n}", "discard", actor_id=f"r{n}", **MARKET) for n in range(3)]
    record_feedback(loaded, sent, runtime.clock())
    runtime.shared(Snapshots).current(loaded)

    assert vote_units(runtime, "default", sent) == pytest.approx(3 / KNOWN_A_UNIT + 3)
    assert vote_units(runtime, "default", sent * 100) == pytest.approx(3 / KNOWN_A_UNIT)
