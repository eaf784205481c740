"""Whom a preview looks at, and what it finds: at once, and with the next recompute."""

from typing import Any

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.publishing.preview_policy import preview_policy
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Clock

POLICY: dict[str, Any] = {"name": "recommended", "models": {"cf": {"weight": 1.0}}}
SCORES = {"p1": 0.32, "p2": 0.3, "p3": 0.05, "p4": 0.02}
DISTRUST: dict[str, Any] = {**POLICY, "reinforcement": {"trust": 0.0, "explore": 0.0}}


@pytest.fixture
def learned(runtime: Runtime, store: Store, clock: Clock) -> Store:
    """Publish multipliers by which contacts get p2 first, which they won; p1 has the higher score."""
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": product} for product in SCORES], zone)
    import_rows(store, "contacts", [{"contact_id": contact} for contact in ("c1", "c2")], zone)
    scores = [
        {"contact_id": contact, "product_id": product, "model": "cf", "score": score, "as_of": "2026-11-01"}
        for contact in ("c1", "c2")
        for product, score in SCORES.items()
    ]
    import_rows(store, "scores", scores, zone)
    publish_policy(runtime, "default", "recommended", POLICY, author="t", comment="", if_match=None)
    events = [
        {"event_id": f"{contact}{product}{number}{kind}", "type": kind, "contact_id": contact, "product_id": product}
        | {"occurred_at": f"2026-11-{number + 16}T11:00:00Z"}
        for contact in ("c1", "c2")
        for product, end in (("p1", "loss"), ("p2", "win"))
        for number in range(3)
        for kind in ("pitch", end)
    ]
    record_feedback(store, events, clock())
    clock.set("2026-11-24T00:00:00")
    run_recompute(runtime, "default")
    return store


def test_settings_of_learning_change_no_list_at_once_and_the_lists_after_the_next_recompute(
    runtime: Runtime, learned: Store
) -> None:
    found = preview_policy(runtime, "default", "recommended", DISTRUST, sample=10, k=1)

    assert found["lists_changed"] == 0
    assert found["after_recompute"]["lists_changed"] == 2
    assert found["after_recompute"]["top_k_exchanged"] == 1.0
    assert found["after_recompute"]["products"] == {"gain": {"p1": 2}, "lose": {"p2": -2}}


def test_a_rule_that_removes_every_offer_of_a_contact_counts_its_list_as_empty(
    runtime: Runtime, learned: Store
) -> None:
    def preview(when: str, k: int = 4) -> tuple[int, int, int]:
        rule = {"id": "out", "when": when, "then": {"exclude": True}}
        found = preview_policy(runtime, "default", "recommended", {**POLICY, "rules": [rule]}, sample=10, k=k)
        return found["lists_changed"], found["lists_emptied"], found["lists_shortened"]

    assert preview("contact.id = 'c1'") == (1, 1, 0)
    assert preview("product.id IN ('p3', 'p4')") == (2, 0, 2)
    assert preview("product.id IN ('p3', 'p4')", k=2) == (0, 0, 0)


def test_what_a_preview_promises_of_the_next_recompute_is_what_that_publishes(
    runtime: Runtime, learned: Store, clock: Clock
) -> None:
    unchanged = preview_policy(runtime, "default", "recommended", POLICY, sample=10, k=1)
    publish_policy(runtime, "default", "recommended", DISTRUST, author="t", comment="", if_match=None)
    promised = preview_policy(runtime, "default", "recommended", POLICY, sample=10, k=1)
    clock.set("2026-12-01T00:00:00")
    run_recompute(runtime, "default")
    published = preview_policy(runtime, "default", "recommended", POLICY, sample=10, k=1)

    assert unchanged["after_recompute"] is None
    assert promised["after_recompute"]["products"] == {"gain": {"p2": 2}, "lose": {"p1": -2}}
    assert published["lists_changed"] == 0  # both by the active multipliers
