"""Recount: zero differences after whatever users do; a damaged ledger is found and fixed from the log."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.runtime import Runtime
from dog.services.weekly.recount import recount
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store

START = datetime(2026, 11, 9, tzinfo=UTC)


@pytest.fixture
def filled(runtime: Runtime, store: Store) -> Store:
    """Fill a tenant with events in no order, some at the same instant, some retracted."""
    random = np.random.default_rng(5)
    kinds = ("pitch", "pitch", "win", "loss", "accept", "discard")
    events: list[dict[str, Any]] = [
        {
            "event_id": f"é{n}",
            "type": kinds[n % 6],
            "contact_id": f"c{random.integers(9)}",
            "product_id": f"p{random.integers(4)}",
            "occurred_at": (START + timedelta(minutes=int(random.integers(40)))).isoformat(),
            **({"actor_id": "rep"} if n % 3 else {}),
        }
        for n in range(600)
    ]
    record_feedback(store, events, runtime.clock())
    for number in range(0, 600, 50):
        retract_feedback(store, f"é{number}")
    run_recompute(runtime, "default")
    return store


def test_nothing_differs_after_ordinary_use(runtime: Runtime, filled: Store) -> None:
    assert recount(runtime, "default") == []
    assert filled is not None


def test_a_damaged_ledger_is_found_mended_from_the_log_and_then_right(runtime: Runtime, filled: Store) -> None:
    contact = filled.tenant.contact("c3")
    key = filled.tenant.partition(contact).contact("outcomes", contact)
    whole = filled.redis.get(key)
    assert isinstance(whole, bytes)
    filled.redis.set(key, whole[40:])
    found = recount(runtime, "default", repair=True)
    again = recount(runtime, "default")

    assert ("c3", "outcomes") in {(difference.contact_id, difference.what) for difference in found}
    assert "1 of the log's events are missing, 0 are too many" in found[0].says
    assert [difference.what for difference in again if difference.what != "multipliers"] == []
    assert len(filled.redis.get(key) or b"") == len(whole)


def test_an_event_retracted_after_a_version_shows_until_the_next(runtime: Runtime, filled: Store) -> None:
    retract_feedback(filled, "é2")  # a win
    found = recount(runtime, "default")

    assert {difference.what for difference in found} == {"multipliers"}
    assert len(found) == 2  # one pair, in both policies
