"""The effect that the answer to a verdict states is what the next list does: any trigger, target and policy."""

import itertools
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dog.core.policy.policy_reader import read_policy
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.policies.policy_store import store_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.sender import Sender
from dog.storage.store import Store, Tenant, put_tenant
from tests.conftest import SECRET, Clock

NUMBERS = itertools.count()
TEAM = Sender(key_id="crm", names_actors=True)
PRODUCTS, MODELS = ("p1", "p2", "p3"), ("cf", "frequency", "churn")
TARGETS = ("consolidated", *MODELS)
PUBLISHED = {
    "family": "linear",
    "neutral": 0.5,
    "a_max": 2.0,
    "d_min": 0.5,
    "rate": "raw",
    "on": "score",
    "trust": 1.0,
    "clamp": "off",
    "explore": 0.0,
    "max_step": 10000.0,
}
SETTINGS: dict[str, dict[str, Any]] = {
    "recommended": {},
    "on score": {"on": "score"},
    "global": {"neutral": "global", "clamp": [0.3, 3.5]},
    "published": PUBLISHED,
}
RULES = [
    {"id": "dear", "when": "score.cf > 0.3", "then": {"multiply": 1.2}},
    {"id": "slow", "when": "multiplier < 1", "then": {"multiply": 0.9}},
]
REASONS: list[dict[str, Any] | None] = [
    None,
    {"trigger": "performance"},
    {"trigger": "market"},
    {"trigger": "business"},
    *({"trigger": "discomfort", "attribute": "rationale", "attribute_value": model} for model in MODELS),
    {"trigger": "discomfort", "attribute": "rationale"},
    {"trigger": "discomfort", "attribute": "product"},
    {"trigger": "discomfort", "attribute": "contact"},
    {"trigger": "discomfort", "attribute": "account"},
]

policies = st.fixed_dictionaries(
    {
        "consolidation": st.fixed_dictionaries({"method": st.sampled_from(["stacking", "mean", "log_pool", "rrf"])}),
        "reinforcement": st.sampled_from(sorted(SETTINGS)).map(SETTINGS.__getitem__),
        "triggers": st.fixed_dictionaries(
            {
                name: st.fixed_dictionaries({"apply_to": st.sampled_from(TARGETS)})
                for name in ("performance", "market", "business")
            }
        ),
        "rules": st.sampled_from([[], RULES]),
        "variants": st.sampled_from([{}, {}, {"no_multiplier": 0.5, "no_rules": 0.3}]),
    }
)
verdicts = st.tuples(
    st.sampled_from(["accept", "accept", "accept", "discard"]),
    st.sampled_from(PRODUCTS),
    st.sampled_from(REASONS),
    st.sampled_from(["ann", "ben", "cat"]),
)


def open_tenant(runtime: Runtime, policy: dict[str, Any], scores: list[float], max_age_days: int) -> Store:
    """Load a tenant with a policy; the scores of `churn` are 20 days old, and some pairs have won or lost before."""
    name = f"effects{next(NUMBERS)}"
    put_tenant(runtime.redis, Tenant(name, SECRET, 4))
    store, zone = runtime.store(name), runtime.settings.zone
    import_rows(store, "products", [{"product_id": product, "category": "office"} for product in PRODUCTS], zone)
    import_rows(store, "contacts", [{"contact_id": "c1", "account_id": "a1", "segment": "gold"}], zone)
    rows = [
        {"contact_id": "c1", "product_id": product, "model": model, "score": score, "as_of": "2026-11-01"}
        for (product, model), score in zip(itertools.product(PRODUCTS, ("cf", "frequency")), scores, strict=True)
    ]
    level = {"contact_id": "c1", "product_id": "", "model": "churn", "score": 0.3, "as_of": "2026-10-31"}
    import_rows(store, "scores", [*rows, level], zone)
    churn = {"weight": 0.2, "direction": "lower_is_better", "max_age_days": max_age_days}
    document = {"name": "recommended", "models": {"cf": {}, "frequency": {"weight": 0.5}, "churn": churn}, **policy}
    store_policy(store, read_policy(document), "me", "", runtime.clock(), activate=True)
    return store


def win_and_lose(runtime: Runtime, tenant: str) -> None:
    """Give the pairs a week with wins and losses, and publish it."""
    events = [
        {"event_id": f"{kind}{n}", "type": kind, "contact_id": "c1", "product_id": product, "occurred_at": at}
        for n, product in enumerate(("p1", "p1", "p1", "p2", "p2"))
        for kind, at in (("pitch", f"2026-11-10T12:0{n}:00Z"), ("win" if n < 3 else "loss", f"2026-11-10T12:0{n}:30Z"))
    ]
    answer_feedback(runtime, tenant, events, substitute=False, sender=TEAM)
    run_recompute(runtime, tenant, force=True)


def listed(runtime: Runtime, tenant: str, product: str, actor: str) -> float:
    """Return what the next list does to a product: its multiplier; 0 where it is not on the list."""
    request = ListRequest("c1", dry_run=True, explain="full", context={"actor_id": actor})
    items = orjson.loads(recommend(runtime, tenant, request).body)["items"]
    return next((item["inputs"]["effective_multiplier"] for item in items if item["product_id"] == product), 0.0)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes
)
@given(
    policy=policies,
    scores=st.lists(st.sampled_from([0.0, 0.05, 0.2, 0.4, 0.7, 1.0]), min_size=6, max_size=6),
    max_age_days=st.sampled_from([10, 30]),
    has_past=st.booleans(),
    said=st.lists(verdicts, min_size=1, max_size=5),
)
def test_the_stated_effect_is_what_the_next_list_does(
    runtime: Runtime,
    clock: Clock,
    policy: dict[str, Any],
    scores: list[float],
    max_age_days: int,
    has_past: bool,
    said: list[tuple[str, str, dict[str, Any] | None, str]],
) -> None:
    store = open_tenant(runtime, policy, scores, max_age_days)
    tenant = store.tenant.name
    if has_past:
        win_and_lose(runtime, tenant)
    for number, (kind, product, reason, actor) in enumerate(said):
        before = listed(runtime, tenant, product, actor)
        event: dict[str, Any] = {"event_id": f"e{number}", "type": kind, "contact_id": "c1", "product_id": product}
        event |= {
            "actor_id": actor,
            "occurred_at": f"2026-11-20T11:00:0{number}Z",
            **({"reason": reason} if reason else {}),
        }
        answer = answer_feedback(runtime, tenant, [event], substitute=False, sender=TEAM)["results"][0]

        assert answer["status"] == "accepted", answer
        assert answer["effect"]["multiplier_before"] == pytest.approx(before, rel=1e-9)
        assert answer["effect"]["multiplier_after"] == pytest.approx(listed(runtime, tenant, product, actor), rel=1e-9)
