"""Requests for lists of random kinds, and requests that are refused."""

import random
from typing import Any

from tests.recorded.policies import POLICIES
from tests.recorded.world import ACTORS, World

Body = dict[str, Any]

REQUESTS = 600
NAMED = ("split", "watched")
"""Policies whose lists and reports depend on the id of the decision: it must not be a random one."""
CONTEXTS = ("channel", "time", "actor_id", "season", "hour")
VALUES: dict[str, list[Any]] = {
    "channel": ["email", "call", "fax", ""],
    "time": ["morning", "afternoon", "night"],
    "actor_id": list(ACTORS),
    "season": ["q1", "q3", "q4", None],
    "hour": [9, 16.5, 20, "noon", True],
}


def make_requests(world: World) -> list[Body]:
    """Make bodies of `POST /v1/recommendations`; some repeat an earlier `decision_id`, as it was or changed."""
    rng = random.Random(21)
    made: list[Body] = []
    anonymous = world.contact_ids[100:]
    for number in range(REQUESTS):
        kept = [body for body in made[-40:] if body.get("decision_id")]
        if kept and rng.random() < 0.06:
            again = rng.choice(kept)
            made.append(again if rng.random() < 0.6 else again | {"k": 4})
            continue
        body = _request(rng, world)
        is_named = rng.random() < 0.6 or body.get("policy") in NAMED
        if is_named:
            body["decision_id"] = f"list-{number}"
        if body["contact_id"] not in anonymous and (not is_named or rng.random() < 0.05):
            body["dry_run"] = True
        made.append(body)
    return made


def _request(rng: random.Random, world: World) -> Body:
    contact = rng.choice(world.contact_ids[:60] if rng.random() < 0.8 else world.contact_ids)
    body: Body = {
        "contact_id": contact,
        "policy": rng.choice([name for name in POLICIES if name != "aged"]),
        "k": rng.choice([1, 2, 3, 5, 5, 8, 10, 25, 100]),
        "explain": rng.choice(["none", "brief", "brief", "full", "full"]),
    }
    if rng.random() < 0.5:
        names = rng.sample(CONTEXTS, rng.randrange(1, len(CONTEXTS) + 1))
        body["context"] = {name: rng.choice(VALUES[name]) for name in names}
    if rng.random() < 0.25:
        body["exclude"] = rng.sample(world.product_ids, rng.randrange(1, 30))
    if rng.random() < 0.3:
        body["candidates"] = _candidates(rng, world)
        if rng.random() < 0.3:
            body["contact_id"] = f"unknown-{rng.randrange(5)}"
    if rng.random() < 0.2:
        del body["policy"]
    return body


def _candidates(rng: random.Random, world: World) -> list[Body]:
    products = rng.sample(world.product_ids, rng.randrange(1, 20)) + ["new/1", "ñew 2"][: rng.randrange(3)]
    rng.shuffle(products)
    models = ["churn", "frequency", "cf", "lead", "other"]
    return [
        {
            "product_id": product,
            "scores": {model: round(rng.random(), 1) for model in rng.sample(models, rng.randrange(5))},
        }
        for product in products
    ]


def make_refused_requests() -> list[tuple[str, Any]]:
    """Make bodies that are refused, and some that ask for nothing that is there."""
    good: Body = {"contact_id": "c005", "k": 3, "dry_run": True}
    changes: dict[str, Any] = {
        "k-zero": {"k": 0},
        "k-large": {"k": 1001},
        "k-text": {"k": "5"},
        "k-true": {"k": True},
        "k-float": {"k": 2.5},
        "no-contact": {"contact_id": ""},
        "null-contact": {"contact_id": None},
        "control-character": {"contact_id": "a\nb"},
        "long-contact": {"contact_id": "x" * 257},
        "unknown-contact": {"contact_id": "nobody-at-all"},
        "unknown-policy": {"policy": "nowhere"},
        "empty-policy": {"policy": ""},
        "explain": {"explain": "all"},
        "dry-run": {"dry_run": "no"},
        "unknown-field": {"contct": 1},
        "nested-context": {"context": {"a": {"b": 1}, "c": [1]}},
        "context-list": {"context": [1]},
        "exclude-text": {"exclude": "p01"},
        "exclude-number": {"exclude": [1]},
        "no-candidates": {"candidates": []},
        "null-candidates": {"candidates": None},
        "candidate-twice": {"candidates": [{"product_id": "p1", "scores": {}}, {"product_id": "p1", "scores": {}}]},
        "candidate-field": {"candidates": [{"product_id": "p1", "scores": {"cf": 1}, "score": 1}]},
        "candidate-score": {"candidates": [{"product_id": "p1", "scores": {"cf": "high"}}, {"product_id": 3}]},
        "candidate-without-score": {"candidates": [{"product_id": "p1", "scores": {}}]},
        "candidate-unused-model": {"candidates": [{"product_id": "p1", "scores": {"other": 1.0}}]},
        "all-excluded": {"exclude": [f"p{number:02}" for number in range(80)], "explain": "full"},
        "aged": {"policy": "aged", "explain": "full"},
        "odd-contact": {"contact_id": "Ångström/1"},
        "decomposed-contact": {"contact_id": "A\u030angstro\u0308m/1"},
        "everything": {"k": -1, "explain": 1, "dry_run": 0, "exclude": {}, "context": 3, "policy": 4},
    }
    found: list[tuple[str, Any]] = [(name, good | change) for name, change in changes.items()]
    raw = {
        "empty": b"",
        "no-json": b"{",
        "list": b"[]",
        "number": b"7",
        "nan": b'{"contact_id": "c005", "k": NaN}',
        "twice": b'{"contact_id": "c005", "contact_id": "c006"}',
        "no-utf-8": b'{"contact_id": "\xff"}',
        "deep": b'{"contact_id": ' + b"[" * 300 + b"]" * 300 + b"}",
        "large": b'{"contact_id": "' + b"x" * (1 << 20) + b'"}',
        "large-number": b'{"contact_id": "c005", "k": 1e400}',
    }
    return found + list(raw.items())
