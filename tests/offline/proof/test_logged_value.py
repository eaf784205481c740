"""A logged split with true propensities tells which of two policies wins more, and by how much."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from dog.core.policy.policy import Policy
from dog.core.policy.policy_reader import read_policy
from dog.errors import NotReady
from dog.offline.proof.logged_value import compare_on_log
from dog.services.data.import_rows import import_rows
from dog.services.feedback.enrich_events import enrich_events
from dog.services.feedback.named_decisions import NamedDecisions
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.policies.policy_store import store_policy
from dog.services.runtime import Runtime
from dog.storage.decisions import read_decision
from dog.storage.store import Store
from tests.conftest import Clock

CONTACTS = 400
CHANCES = {"p1": 0.3, "p2": 0.3, "p3": 0.3, "p4": 0.7}
DAY_MS = 86_400_000


def policy(shares: dict[str, float] | None = None, **favoured: float) -> Policy:
    rules = [
        {"id": f"favour-{product}", "when": f"product.id = '{product}'", "then": {"multiply": factor}}
        for product, factor in favoured.items()
    ]
    models = {"cf": {"weight": 1.0}}
    return read_policy({"name": "recommended", "models": models, "variants": shares or {}, "rules": rules})


def fill(runtime: Runtime, store: Store) -> None:
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": product, "name": "n"} for product in CHANCES], zone)
    import_rows(store, "contacts", [{"contact_id": f"k{n}"} for n in range(CONTACTS)], zone)
    scores = [
        {"contact_id": f"k{n}", "product_id": product, "model": "cf", "score": 0.5 - place / 10, "as_of": "2026-11-01"}
        for n in range(CONTACTS)
        for place, product in enumerate(CHANCES)
    ]
    import_rows(store, "scores", scores, zone)


def serve(runtime: Runtime, clock: Clock, shares: dict[str, float], seed: int = 0) -> None:
    """Serve each contact a list of one by the champion, four fifths at random, and report what is truly won."""
    store = runtime.store("default")
    store_policy(store, policy(shares), "me", "", runtime.clock(), activate=True)
    chance = np.random.default_rng(seed)
    events: list[dict[str, Any]] = []
    for n in range(CONTACTS):
        recommend(runtime, "default", ListRequest(f"k{n}", k=1, decision_id=f"d{n}"))
        clock.now_ms += 28 * DAY_MS // CONTACTS  # four weeks in all
    for n in range(CONTACTS):
        decision = f"d{n}"
        product = shown(runtime, decision)
        named = {"contact_id": f"k{n}", "product_id": product, "occurred_at": "2026-11-21T10:00:00Z"}
        events.append({**named, "event_id": f"p{n}", "type": "pitch", "decision_id": decision})
        if chance.random() < CHANCES[product]:
            events.append({**named, "event_id": f"w{n}", "type": "win", "pitch_id": f"p{n}"})
    enrich = partial(enrich_events, runtime, store, NamedDecisions(runtime, store))
    results = record_feedback(store, events, runtime.clock(), annotate=enrich)
    assert {result.status for result in results} == {"accepted"}


def shown(runtime: Runtime, decision_id: str) -> str:
    kept = read_decision(runtime.store("default"), decision_id)
    assert kept is not None
    product: str = kept[1]["items"][0]["product_id"]
    return product


@pytest.fixture
def logged(runtime: Runtime, store: Store, clock: Clock) -> Callable[[dict[str, float]], None]:
    """Give a function that serves and logs with shares of controls."""
    fill(runtime, store)
    return lambda shares: serve(runtime, clock, shares)


def test_the_log_tells_who_wins_more_and_by_how_much(logged: Any, runtime: Runtime) -> None:
    logged({"random_eligible": 0.8})
    better, worse = (
        compare_on_log(runtime, "default", "recommended", champion, challenger)
        for champion, challenger in ((policy(), policy(p4=50.0)), (policy(p4=50.0), policy(p4=0.9)))
    )

    assert better.champion.estimates["dr"].value == pytest.approx(0.3, abs=0.1)
    assert better.challenger.estimates["dr"].value == pytest.approx(0.7, abs=0.15)
    assert better.differences["snips"].low > 0.15
    assert (better.not_worse, better.worse) == (True, False)
    assert (worse.not_worse, worse.worse) == (False, True)


def test_a_policy_that_splits_no_traffic_leaves_no_log_to_judge_by(logged: Any, runtime: Runtime) -> None:
    logged({})

    with pytest.raises(NotReady, match="splits no traffic"):
        compare_on_log(runtime, "default", "recommended", policy(), policy())
