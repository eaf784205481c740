"""Random requests: lists, contacts, feedback, and bodies that are refused."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from tests.recorded.random_cases.world import MODELS, RandomWorld
from tests.recorded.world import ACTORS

Rng = random.Random
Body = dict[str, Any]

CONTEXT: dict[str, list[Any]] = {
    "channel": ["email", "call", "fax", ""],
    "time": ["morning", "afternoon", "night"],
    "actor_id": [*ACTORS, 7],
    "season": ["q1", "q3", "q4", None],
    "hour": [9, 16.5, 20, "noon", True],
    "returning": [True, False, "yes"],
}
ATTRIBUTES = {
    "segment": "gold",
    "region": "north",
    "age": 44,
    "channels": "call;email",
    "account_id": "a1",
    "vip": True,
}
EXPLAIN = ("none", "brief", "brief", "full", "full")
STRANGE: tuple[Any, ...] = (None, 0, -1, 1.5, True, "", "x\ny", "y" * 300, [], [1], {}, {"a": {"b": 1}}, "12", 1e300)
CONTENT_TYPES = (
    "application/json; charset=utf-8",
    "application/json;charset=latin-1",
    "APPLICATION/JSON",
    "text/plain",
    "application/problem+json",
    "",
)
FIELDS = ("contact_id", "k", "policy", "context", "candidates", "exclude", "explain", "dry_run", "decision_id")
TRIGGERS = ("performance", "market", "business", "discomfort")
VERDICTS = ("accept", "discard", "discard", "restructure")
VALUES = {
    "account": ("a1", "a2"),
    "contact": ("c01", "c02"),
    "product": ("p001", "p003"),
    "time": ("morning", "afternoon"),
    "channel": ("email", "call"),
    "rationale": ("cf", "frequency"),
}


def make_list_request(rng: Rng, world: RandomWorld, policies: Sequence[str]) -> Body:
    """Make a body of `POST /v1/recommendations`."""
    body: Body = {"contact_id": rng.choice(world.contact_ids), "policy": rng.choice(policies)}
    body["explain"] = rng.choice(EXPLAIN)
    if rng.random() < 0.9:
        body["k"] = rng.choice([1, 2, 3, 5, 5, 10, 10, 25, 50])
    if rng.random() < 0.5:
        names = rng.sample(list(CONTEXT), rng.randrange(1, len(CONTEXT) + 1))
        body["context"] = {name: rng.choice(CONTEXT[name]) for name in names}
    if rng.random() < 0.2:
        body["exclude"] = rng.choices([*world.product_ids, "never"], k=rng.randrange(12))
    if rng.random() < 0.2:
        body["candidates"] = _candidates(rng, world)
    if rng.random() < 0.12:
        body["contact_id"] = f"unknown-{rng.randrange(5)}"
    if rng.random() < 0.12 or ("unknown" in body["contact_id"] and rng.random() < 0.7):
        body["contact"] = {name: value for name, value in ATTRIBUTES.items() if rng.random() < 0.6}
    if rng.random() < 0.15:
        body["events"] = _recent_events(rng, world)
    if rng.random() < 0.4:
        body["dry_run"] = True
    return body


def _candidates(rng: Rng, world: RandomWorld) -> list[Body]:
    known = rng.sample(world.product_ids, min(len(world.product_ids), rng.randrange(1, 30)))
    products = [*known, *rng.sample(["new/1", "ñew 2"], rng.randrange(3))]
    models, digits = [*MODELS, "other"], rng.choice([1, 17])
    return [
        {
            "product_id": product,
            "scores": {model: round(rng.random(), digits) for model in rng.sample(models, rng.randrange(5))},
        }
        for product in products
    ]


def _recent_events(rng: Rng, world: RandomWorld) -> list[Body]:
    kinds = ("purchase", "purchase", "win", "loss", "pitch", "accept", "discard")
    return [
        {"type": rng.choice(kinds), "product_id": rng.choice([*world.product_ids, "never"])}
        for _ in range(rng.randrange(1, 5))
    ]


def make_bad_request(rng: Rng, good: Body) -> Body | bytes:
    """Spoil a request in some places, or its bytes."""
    if rng.random() < 0.15:
        sent = orjson.dumps(good)
        return rng.choice([sent[: rng.randrange(len(sent))], sent + b"}", b"[" + sent + b"]", b'"text"'])
    changes: Body = {rng.choice(FIELDS): rng.choice(STRANGE) for _ in range(rng.randrange(1, 4))}
    twice = {"product_id": "p001", "scores": {"cf": 0.1}}
    more: list[Body] = [
        {"unknown_field": 1},
        {"candidates": [twice, twice]},
        {"candidates": [{"product_id": rng.choice(STRANGE), "scores": rng.choice(STRANGE)}, {"scores": {"cf": "1"}}]},
        {"events": [{"type": rng.choice(["buy", "win"]), "product_id": "p001", "occurred_at": "yesterday"}]},
        {"contact": {"age": rng.choice(STRANGE)}},
        {"exclude": ["p001", rng.choice(STRANGE)]},
        {},
    ]
    return good | changes | rng.choice(more)


def make_odd_door(rng: Rng) -> tuple[str, str, dict[str, str], str]:
    """Return an unusual method, address, headers and key (`none`, `cut`, or one that nobody has) for a list."""
    path = "/v1/recommendations"
    oddities: tuple[tuple[str, str, dict[str, str], str], ...] = (
        (rng.choice(["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]), path, {}, ""),
        ("POST", path + rng.choice(["/", "?", "?k=1", "?k=1&k=2", "//x", "/contacts/"]), {}, ""),
        ("POST", "/V1/Recommendations", {}, ""),
        ("POST", path, {}, rng.choice(["none", "cut", "dog_000000000000_secret", "x y", "ü"])),
        ("POST", path, {"Authorization": rng.choice(["Basic abc", "Bearer", "bearer  ", ""])}, ""),
        ("POST", path, {"Content-Type": rng.choice(CONTENT_TYPES)}, ""),
        ("POST", path, {"Content-Encoding": rng.choice(["gzip", "identity", "br"])}, ""),
        ("POST", path, {"X-Request-Id": rng.choice(["mine-1", "a b", "x" * 200])}, ""),
        ("POST", path, {"Accept": "text/html", "Accept-Language": "de"}, ""),
    )
    return rng.choice(oddities)


def make_contacts_request(rng: Rng, world: RandomWorld, policies: Sequence[str]) -> Body:
    """Make a body of `POST /v1/recommendations/contacts`."""
    body: Body = {"policy": rng.choice(policies), "k": rng.choice([1, 5, 50]), "explain": rng.choice(EXPLAIN)}
    choices = {
        "product_id": [*world.product_ids, "never"],
        "account_id": ["a1", "a2", "a99"],
        "segment": ["gold", "none"],
        "actor_id": list(ACTORS),
    }
    for name, chance in (("product_id", 0.6), ("account_id", 0.3), ("segment", 0.2), ("actor_id", 0.3)):
        if rng.random() < chance:
            body[name] = rng.choice(choices[name])
    return body


def make_feedback(rng: Rng, world: RandomWorld, name: str, now: datetime, decisions: Sequence[str]) -> Body:
    """Make a body of `POST /v1/feedback`; verdicts ask for a substitute, some events are about kept decisions."""
    contacts = rng.sample(world.contact_ids, 4)
    events = [_event(rng, world, f"{name}-{place}", contacts, now) for place in range(rng.randrange(1, 7))]
    if decisions and rng.random() < 0.4:
        about = {"decision_id": rng.choice(decisions), "rank": rng.randrange(1, 4)}
        events.append({"event_id": f"{name}-of-decision", "type": rng.choice(["pitch", "win", "discard"]), **about})
    if rng.random() < 0.15:
        events.append({"event_id": f"{name}-bad", "type": rng.choice(["like", "win"]), "value": rng.choice(STRANGE)})
    return {"events": events, "substitute": rng.random() < 0.6}


def _event(rng: Rng, world: RandomWorld, name: str, contacts: Sequence[str], now: datetime) -> Body:
    kind = rng.choice([*VERDICTS, "pitch", "win", "loss"])
    at = now - timedelta(minutes=rng.choice([0, 0, 30, 3000]))
    event: Body = {"event_id": name, "type": kind, "occurred_at": at.isoformat(), "contact_id": rng.choice(contacts)}
    event |= {"product_id": rng.choice(world.product_ids), "actor_id": rng.choice(ACTORS)}
    attribute = rng.choice(list(VALUES))
    if kind == "restructure":
        event["replace"] = dict(zip(("attribute", "from", "to"), (attribute, *VALUES[attribute]), strict=True))
    if kind in VERDICTS and rng.random() < 0.8:
        reason = {"trigger": rng.choice(TRIGGERS)}
        if kind != "restructure" and rng.random() < 0.6:
            reason |= {"attribute": attribute, "attribute_value": rng.choice(VALUES[attribute])}
        event["reason"] = reason
        if kind == "discard" and reason.get("attribute") in ("account", "channel", "time") and rng.random() < 0.3:
            del event["product_id"]
    return event
