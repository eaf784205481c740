"""The published reinforcement is served exactly as published: in the list itself, without bounds."""

from typing import Any

import pytest

from dog.services.feedback.record_feedback import record_feedback
from dog.services.policies.policy_store import policies_by_name
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.decisions import write_decisions
from dog.storage.store import Store
from tests.conftest import Clock
from tests.services.weekly.test_recompute_week import lap, pitched


def listed(recommend: Any) -> dict[str, Any]:
    answer = recommend(policy="published", explain="full")
    return next(dict(item) for item in answer["items"] if item["product_id"] == "p1")


@pytest.mark.parametrize(("n", "damped"), [(1.0, 0.18), (3.0, 0.0018)])
def test_nine_wins_of_ten_are_served_at_1_8_and_after_a_recursion_at_its_power(
    runtime: Runtime, loaded: Store, recommend: Any, clock: Clock, n: float, damped: float
) -> None:
    document = policies_by_name(loaded)["published"].to_document()
    document["reinforcement"]["recursion"]["n"] = n
    publish_policy(runtime, "default", "published", document, author="t", comment="")
    record_feedback(loaded, pitched(9, 10, "p1"), runtime.clock())
    run_recompute(runtime, "default")
    before = listed(recommend)
    write_decisions(loaded, [lap(loaded, number) for number in range(501)])
    clock.set("2026-11-24T00:00:00")
    run_recompute(runtime, "default")
    after = listed(recommend)

    for item, multiplier in ((before, 1.8), (after, damped)):
        assert item["factors"]["performance"]["multiplier"] == pytest.approx(multiplier, abs=1e-12)
        assert item["factors"]["clamp"] == 1.0
        assert item["score"] == pytest.approx(item["factors"]["consolidated"] * multiplier, rel=1e-9)
        assert item["order_score"] == item["score"]
