"""Ranked contacts are compared with what each contact's own list shows, option by option, over HTTP."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Api, Clock

CONTACTS, PRODUCTS, MODELS = 18, 9, ("cf", "frequency", "churn")
RULES = [
    {"id": "dear", "when": "product.category = 'g1' AND score.cf > 0.5", "then": {"multiply": 1.3}},
    {"id": "gold", "when": "contact.segment = 'gold'", "then": {"multiply": 1.1}},
    {"id": "no-g2", "when": "contact.segment = 'iron' AND product.category = 'g2'", "then": {"exclude": True}},
    {"id": "tired", "then": {"limit": {"event": "pitch", "by": "pair", "at_most": 1, "days": 30}}},
    {"id": "busy", "then": {"limit": {"event": "pitch", "by": "contact", "at_most": 4, "days": 30}}},
    {"id": "sated", "then": {"limit": {"event": "win", "by": "category", "at_most": 2, "days": 30}}},
    {"id": "recent", "when": "days_since.discard < 40", "then": {"multiply": 0.9}},
    {"id": "won", "when": "wins >= 1", "then": {"multiply": 0.5}},
    {"id": "varied", "then": {"cap": {"by": "product.category", "at_most": 1}}},
    {"id": "either", "then": {"exclusive": ["p0", "p4"]}},
    {"id": "first", "when": "product.id = 'p7'", "then": {"pin": 1}},
]
SPLIT = {"no_multiplier": 0.2, "no_rules": 0.2, "random_eligible": 0.2}
POLICIES: dict[str, dict[str, Any]] = {
    "plain": {"rules": RULES},
    "split": {"rules": RULES, "variants": SPLIT},
    "ranks": {"rules": RULES, "consolidation": {"method": "rrf"}},
    "exploring": {"rules": RULES, "reinforcement": {"explore": 0.5}},
}
NAMED = ("p2", "p5", "p7")


def load_world(runtime: Runtime, store: Store, clock: Clock, policy: Mapping[str, Any], seed: int) -> None:
    """Load contacts of every kind: some without scores or segment, with verdicts of all reasons, with outcomes."""
    zone, random = runtime.settings.zone, np.random.default_rng(seed)
    products = [{"product_id": f"p{n}", "category": f"g{n % 3}"} for n in range(PRODUCTS)]
    products[3]["active_to"] = "2026-01-01"
    import_rows(store, "products", products, zone)
    segments = [{"segment": "gold"}, {"segment": "iron"}, {}]
    people = [{"contact_id": f"c{n}", "account_id": f"a{n % 5}", **segments[n % 3]} for n in range(CONTACTS)]
    import_rows(store, "contacts", people, zone)
    scores = [
        {"contact_id": f"c{n}", "product_id": f"p{p}", "model": model, "score": round(random.random(), 1)}
        for n in range(CONTACTS - 3)
        for model in MODELS[:2]
        for p in range(PRODUCTS)
        if (n + p) % 5 or n % 2
    ]
    scores += [
        {"contact_id": f"c{n}", "product_id": "", "model": "churn", "score": 0.1 + n / 30}
        for n in range(0, CONTACTS - 1, 2)
    ]
    import_rows(store, "scores", [{**row, "as_of": "2026-11-01"} for row in scores], zone)
    events = list(make_events(random, clock))
    assert {result.status for result in record_feedback(store, events, runtime.clock())} == {"accepted"}
    document = {"name": "recommended", **policy}
    publish_policy(runtime, "default", "recommended", document, author="test", comment="", if_match=None, draft=False)
    run_recompute(runtime, "default", force=True)


def make_events(random: np.random.Generator, clock: Clock) -> Iterator[dict[str, Any]]:
    """Make pitches with and without outcomes, and verdicts that act on pairs, categories, accounts and contacts."""
    reasons: list[dict[str, Any]] = [
        {},
        {"reason": {"trigger": "market"}},
        {"reason": {"trigger": "business"}},
        {"reason": {"trigger": "discomfort", "attribute": "account"}},
        {"reason": {"trigger": "discomfort", "attribute": "contact"}},
        {"reason": {"trigger": "discomfort", "attribute": "rationale", "attribute_value": "cf"}},
    ]
    for number in range(90):
        kind = ("pitch", "pitch", "win", "accept", "discard", "discard")[number % 6]
        at = datetime.fromtimestamp(clock.now_ms / 1000, UTC) - timedelta(days=int(random.integers(9, 60)))
        verdict = {"actor_id": "ada", **reasons[number // 6 % 6]} if kind == "discard" else {}
        yield {
            "event_id": f"e{number}",
            "type": kind,
            "contact_id": f"c{random.integers(CONTACTS // 2)}",
            "product_id": f"p{random.integers(PRODUCTS)}",
            "occurred_at": at.isoformat(),
            **verdict,
        }


def own_option(api: Api, contact: str, product: str, more: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the item that a contact's own list has for a product where nothing else competes with it."""
    others = [f"p{n}" for n in range(PRODUCTS) if f"p{n}" != product]
    body = {"contact_id": contact, "k": 1, "exclude": others, "dry_run": True, "explain": "full", **more}
    items = api.post("/v1/recommendations", body).json["items"]
    return {**items[0], "contact_id": contact} if items else None


def in_order(items: list[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """Sort items, best first, and leave out what only one list knows."""
    found = sorted((item for item in items if item), key=lambda item: (-item["order_score"], item["contact_id"]))
    return [{**item, "rank": rank, "propensity": None} for rank, item in enumerate(found, 1)]


def best(items: list[dict[str, Any] | None]) -> dict[str, Any] | None:
    """Return the item of the highest order score, the first by product id of equals."""
    found = [item for item in items if item]
    return min(found, key=lambda item: (-item["order_score"], item["product_id"]), default=None)


@pytest.mark.parametrize(
    ("name", "seed", "actor"), [("plain", 1, None), ("split", 2, "ada"), ("ranks", 3, "ada"), ("exploring", 4, None)]
)
def test_each_contact_is_ranked_by_what_its_own_list_shows(
    runtime: Runtime, store: Store, clock: Clock, api: Api, name: str, seed: int, actor: str | None
) -> None:
    load_world(runtime, store, clock, POLICIES[name], seed)
    context = {"context": {"actor_id": actor}} if actor else {}
    own = {
        f"c{n}": {f"p{p}": own_option(api, f"c{n}", f"p{p}", context) for p in range(PRODUCTS)} for n in range(CONTACTS)
    }

    def ranked(**asked: Any) -> list[dict[str, Any]]:
        body = {"k": 100, "explain": "full", **asked, **({"actor_id": actor} if actor else {})}
        answer = api.post("/v1/recommendations/contacts", body)
        assert answer.status_code == 200, answer.json
        return [{**item, "propensity": None} for item in answer.json["items"]]

    for product in NAMED:
        expected = in_order([options[product] for options in own.values()])
        assert ranked(product_id=product) == expected
        assert ranked(product_id=product, k=3) == expected[:3]
        assert ranked(product_id=product, account_id="a1") == in_order(
            [own[f"c{n}"][product] for n in range(1, CONTACTS, 5)]
        )
    everyone = in_order([best(list(options.values())) for options in own.values()])
    assert len(everyone) > CONTACTS // 3  # the others rest, or have nothing left
    assert ranked() == everyone
    assert ranked(k=5) == everyone[:5]
    assert ranked(account_id="a2") == in_order([best(list(own[f"c{n}"].values())) for n in range(2, CONTACTS, 5)])
    assert ranked(segment="gold") == in_order([best(list(own[f"c{n}"].values())) for n in range(0, CONTACTS, 3)])


def test_a_verdict_acts_at_once_and_nothing_is_counted(api: Api, loaded: Store) -> None:
    del loaded
    first = api.post("/v1/recommendations/contacts", {"product_id": "p1"}).json["items"]
    event = {"event_id": "d", "type": "discard", "contact_id": "c1", "occurred_at": "2026-11-20T11:00:00Z"}
    api.post("/v1/feedback", {"events": [{**event, "product_id": "p1"}]})
    second = api.post("/v1/recommendations/contacts", {"product_id": "p1"}).json["items"]

    assert [item["contact_id"] for item in first] == ["c1", "c2", "c3"]
    assert [item["contact_id"] for item in second] == ["c2", "c3"]
    assert api.post("/v1/recommendations", {"contact_id": "c2"}).json["lap"] == 1


def test_what_is_shown_follows_explain(api: Api, loaded: Store) -> None:
    del loaded
    shown = {
        explain: set(api.post("/v1/recommendations/contacts", {"explain": explain}).json["items"][0])
        for explain in ("none", "brief", "full")
    }

    assert shown["none"] == {"rank", "contact_id", "product_id", "score", "order_score", "attributes"}
    assert shown["brief"] - shown["none"] == {"factors"}
    assert shown["full"] - shown["brief"] == {"inputs"}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"product_id": "nothing"}, "unknown_product"),
        ({"account_id": "nobody"}, "unknown_account"),
        ({"policy": "nope"}, "unknown_policy"),
    ],
)
def test_unknown_products_accounts_and_policies_are_404(
    api: Api, loaded: Store, asked: dict[str, str], code: str
) -> None:
    del loaded
    answer = api.post("/v1/recommendations/contacts", asked)

    assert (answer.status_code, answer.json["code"]) == (404, code)
    assert next(iter(asked.values())) in answer.json["detail"]


@pytest.mark.parametrize("asked", [{"k": 0}, {"foo": 1}, {"product_id": True}, {"explain": "all"}, {"context": {}}, []])
def test_a_bad_request_is_422(api: Api, loaded: Store, asked: Any) -> None:
    del loaded

    assert api.post("/v1/recommendations/contacts", asked).status_code == 422


def test_an_empty_ranking_says_why(api: Api, store: Store, loaded: Store, runtime: Runtime) -> None:
    del loaded
    import_rows(store, "products", [{"product_id": "p9"}], runtime.settings.zone)

    def note(**asked: str) -> str:
        answer = api.post("/v1/recommendations/contacts", asked).json
        assert answer["items"] == []
        return str(answer["notes"][0])

    assert "product 'p9' has no score" in note(product_id="p9")
    assert "no loaded contact is in this segment" in note(segment="tin")
    assert api.post("/v1/recommendations/contacts", {}).json["notes"] == []
