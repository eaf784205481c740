"""Doctor's plain answers: why a list is empty, why feedback does nothing, why it is slow; each with what fixes it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dog.core.policy.policy_reader import read_policy
from dog.services.data.import_rows import import_rows
from dog.services.feedback.actor_shares import ActorShares
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.operations.doctor import run_doctor
from dog.services.policies.policy_store import store_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.sender import Sender
from dog.storage.store import Store
from tests.conftest import Clock

REP = Sender(key_id="rep")


def load(runtime: Runtime, store: Store, kind: str) -> None:
    rows: dict[str, list[dict[str, Any]]] = {
        "products": [{"product_id": f"p{n}", "name": f"P{n}", "category": "office", "value": 1.0} for n in range(3)],
        "contacts": [{"contact_id": f"c{n}", "segment": "gold"} for n in range(4)],
        "scores": [
            {"contact_id": f"c{n}", "product_id": f"p{p}", "model": model, "score": 0.3, "as_of": "2026-11-01"}
            for n in range(4)
            for p in range(3)
            for model in ("frequency", "cf")
        ],
    }
    import_rows(store, kind, rows[kind], runtime.settings.zone)


def say(runtime: Runtime, about: str) -> tuple[str, str, bool]:
    """Tell what doctor says about something, and the command that fixes it."""
    found = [finding for finding in run_doctor(runtime, "default") if finding.about == about]
    assert len(found) == 1, found
    return found[0].says, found[0].fix or "", found[0].ok


def outcomes(runtime: Runtime, *kinds: str) -> None:
    events = [
        {
            "event_id": f"e{n}",
            "type": kind,
            "contact_id": "c1",
            "product_id": "p1",
            "occurred_at": datetime.fromtimestamp(runtime.clock() / 1000 - 60, UTC).isoformat(),
        }
        for n, kind in enumerate(kinds)
    ]
    answer_feedback(runtime, "default", events, substitute=False, sender=REP)
    runtime.shared(ActorShares).flush()


def test_a_tenant_goes_from_nothing_to_lists_and_each_time_doctor_says_what_is_missing(
    runtime: Runtime, store: Store
) -> None:
    load(runtime, store, "products")
    no_contacts = say(runtime, "lists")
    load(runtime, store, "contacts")
    no_scores = say(runtime, "lists")
    load(runtime, store, "scores")
    all_well = say(runtime, "lists")

    assert "no contact is loaded" in no_contacts[0]
    assert no_contacts[1] == "dog load contacts FILE"
    assert no_scores[0].endswith("4 get that of the model start, since no other model has a score for them")
    assert no_scores[2]
    assert "dog jobs train" in no_scores[1]
    assert all_well[0].endswith("sampled contacts, none gets an empty list")
    assert all_well[2]


def test_the_rule_that_empties_the_lists_is_named(runtime: Runtime, store: Store) -> None:
    for kind in ("products", "contacts", "scores"):
        load(runtime, store, kind)
    policy = {
        "name": "recommended",
        "models": {"cf": {"weight": 1}},
        "rules": [
            {"id": "no-office", "when": "product.category = 'office'", "then": {"exclude": True}, "reason": "closed"}
        ],
    }
    store_policy(store, read_policy(policy), "me", "", runtime.clock(), activate=True)
    says, fix, ok = say(runtime, "lists")

    assert not ok
    assert "get an empty list though there are scores: every option is excluded, most" in says
    assert "'no-office'" in says
    assert "dog policy preview" in fix


def test_products_out_of_season_are_the_reason(runtime: Runtime, store: Store) -> None:
    for kind in ("products", "contacts", "scores"):
        load(runtime, store, kind)
    ended = [{"product_id": f"p{n}", "name": f"P{n}", "category": "a", "active_to": "2026-01-31"} for n in range(3)]
    import_rows(store, "products", ended, runtime.settings.zone)
    says, fix, _ = say(runtime, "lists")

    assert "by the reason 'active'" in says
    assert "active_to" in fix


def test_feedback_is_followed_from_nothing_to_an_effect(runtime: Runtime, store: Store, clock: Clock) -> None:
    for kind in ("products", "contacts", "scores"):
        load(runtime, store, kind)
    none = say(runtime, "feedback")
    outcomes(runtime, "pitch")
    early = say(runtime, "feedback")
    clock.set("2026-11-23T00:00:00")
    never = say(runtime, "feedback")
    run_recompute(runtime, "default")
    silent = say(runtime, "feedback")
    clock.set("2026-11-24T00:00:00")
    outcomes(runtime, "pitch", "win", "loss", "win")
    clock.set("2026-11-30T00:00:00")
    run_recompute(runtime, "default")
    acts = say(runtime, "feedback")

    assert "none has come in yet" in none[0]
    assert "once a week with a pitch, a win or a loss has ended" in early[0]
    assert "no week was ever published" in never[0]
    assert never[1].startswith("dog jobs recompute")
    assert "none is resolved" in silent[0]
    assert "pitch_id" in silent[1]
    assert "the last recompute moved" in acts[0]
    assert "after 2026-12-07 00:00 UTC" in acts[0]


def test_slowness_is_measured_and_a_memory_that_fills_up_is_told(runtime: Runtime, store: Store) -> None:
    for kind in ("products", "contacts", "scores"):
        load(runtime, store, kind)
    recommend(runtime, "default", ListRequest("c1"))
    lists, redis = say(runtime, "speed of lists"), say(runtime, "speed of Redis")
    used = runtime.redis.info("memory")["used_memory"]
    runtime.redis.config_set("maxmemory", int(used * 1.2))
    try:
        full = say(runtime, "memory of Redis")
    finally:
        runtime.redis.config_set("maxmemory", 0)

    assert "a list takes" in lists[0]
    assert "3 options" in lists[0]
    assert "a round trip takes" in redis[0]
    assert "raise maxmemory" in full[1]


@pytest.fixture
def policy_dir() -> Path:
    """Use the shipped policies."""
    return Path(__file__).parents[3] / "rules"
