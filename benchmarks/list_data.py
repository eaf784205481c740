"""Data of two kinds for measuring lists, made from one seed: `plain` and `realistic`.

`plain`: every contact has the same products, scored by two models; a third model scores the contact as a whole. Most
of the 20 rules multiply by category and score; each contact has pitches of ten products, some won.

`realistic`: three models score nearly all products of a contact, and contacts have different numbers of them. Products
and contacts lack some attributes; half of the contacts have given verdicts, some of which count for others too. The
20 rules use every effect and kind of column; requests send different contexts.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.realistic_rules import REALISTIC_POLICY
from dog.services.data.import_rows import CHUNK_ROWS, import_rows
from dog.services.feedback.record_feedback import MAX_EVENTS, record_feedback
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.api_keys import create_key

Row = dict[str, Any]
SEED = 1
PLAIN_RULES = [
    {"id": f"r{n}", "when": f"product.category = 'g{n}' AND score.cf > 0.{n}", "then": {"multiply": 1 + n / 100}}
    for n in range(1, 18)
] + [
    {"id": "gold", "when": "contact.segment = 'gold'", "then": {"multiply": 1.1}},
    {"id": "tired", "then": {"limit": {"event": "pitch", "by": "pair", "at_most": 5, "days": 30}}},
    {"id": "varied", "then": {"cap": {"by": "product.category", "at_most": 5}}},
]
PLAIN_POLICY = {"name": "recommended", "rules": PLAIN_RULES}
MODELS = ("frequency", "cf", "lead")
ACTORS = ("ann", "bob", "cem", "dee")


@dataclass(frozen=True, kw_only=True)
class ListData:
    """Rows to load, the policy, and a request for each contact."""

    products: list[Row]
    contacts: list[Row]
    scores: list[Row]
    events: list[Row]
    policy: Row
    requests: list[Row]


def make_plain(options: int, contacts: int, now: datetime) -> ListData:
    """Return data in which all contacts are alike."""
    names, random = [f"c{n}" for n in range(contacts)], np.random.default_rng(SEED)
    return ListData(
        products=[{"product_id": f"p{n}", "category": f"g{n % 20}"} for n in range(options)],
        contacts=[{"contact_id": name, "segment": "gold"} for name in names],
        scores=[row for name in names for row in _plain_scores(random, name, options, now)],
        events=plain_events(names, now),
        policy=PLAIN_POLICY,
        requests=[{"contact_id": name, "k": 10} for name in names],
    )


def _plain_scores(random: np.random.Generator, contact: str, options: int, now: datetime) -> Iterator[Row]:
    for model in MODELS[:2]:
        for n, score in enumerate(random.random(options).tolist()):
            yield _score(contact, f"p{n}", model, score, "2026-01-01")
    yield _score(contact, "", "churn", 0.3, now.isoformat())


def plain_events(contacts: Iterable[str], now: datetime) -> list[Row]:
    """Return pitches of ten products for each contact, four of them won, eight days ago."""
    at = now - timedelta(days=8)
    return [
        _event(f"{kind}-{contact}-{n}", kind, contact, f"p{n}", at)
        for contact in contacts
        for n in range(10)
        for kind in (("pitch", "win") if n % 3 == 0 else ("pitch",))
    ]


def make_realistic(options: int, contacts: int, now: datetime) -> ListData:
    """Return data as users have them; contacts have 0.6 to 1.4 times `options` products each."""
    random, names = np.random.default_rng(SEED), [f"c{n}" for n in range(contacts)]
    products = [_product(random, n, now) for n in range(int(options * 1.5))]
    offered = {name: _draw_options(random, options, len(products)) for name in names}
    return ListData(
        products=products,
        contacts=[_contact(random, name) for name in names],
        scores=[row for name in names for row in _realistic_scores(random, name, offered[name], now)],
        events=[
            *(event for name in names for event in _outcomes(random, name, offered[name], now)),
            *(event for name in names[::2] for event in _verdicts(random, name, offered[name], now)),
        ],
        policy=REALISTIC_POLICY,
        requests=[_request(random, name) for name in names],
    )


def _draw_options(random: np.random.Generator, options: int, products: int) -> list[int]:
    count = int(random.integers(int(options * 0.6), int(options * 1.4) + 1))
    return sorted(random.choice(products, count, replace=False).tolist())


def _product(random: np.random.Generator, number: int, now: datetime) -> Row:
    kind = ("Pro", "Basic", "Eco")[number % 3]
    begins, ends = (now + timedelta(days=int(random.integers(low, high))) for low, high in ((-90, 0), (-2, 90)))
    return _without_missing(
        {
            "product_id": f"p{number}",
            "name": f"{kind} {number}",
            "category": _mostly(random, f"g{int(random.integers(20))}", 0.95),
            "value": _mostly(random, int(random.integers(10, 500)), 0.8),
            "margin": _mostly(random, round(float(random.random()), 2), 0.7),
            "colour": _mostly(random, str(random.choice(["red", "blue", "green"])), 0.7),
            "active_from": _mostly(random, begins.date().isoformat(), 0.2),
            "active_to": _mostly(random, ends.date().isoformat(), 0.2),
        }
    )


def _contact(random: np.random.Generator, name: str) -> Row:
    return _without_missing(
        {
            "contact_id": name,
            "account_id": _mostly(random, f"a{int(random.integers(40))}", 0.8),
            "name": f"Contact {name}",
            "segment": _mostly(random, str(random.choice(["gold", "silver", "bronze", "archive"])), 0.9),
            "channels": _mostly(random, str(random.choice(["email", "call", "email;call"])), 0.7),
            "region": _mostly(random, str(random.choice(["north", "south"])), 0.8),
            "age": _mostly(random, int(random.integers(18, 90)), 0.7),
        }
    )


def _realistic_scores(random: np.random.Generator, contact: str, offered: list[int], now: datetime) -> Iterator[Row]:
    """Yield the scores of a contact; each model leaves out one product in twenty."""
    for model in MODELS:
        as_of = (now - timedelta(days=int(random.integers(1, 20)))).isoformat()
        scores = random.random(len(offered)) ** 2
        for product in np.flatnonzero(random.random(len(offered)) < 0.95).tolist():
            yield _score(contact, f"p{offered[product]}", model, float(scores[product]), as_of)


def _outcomes(random: np.random.Generator, contact: str, offered: list[int], now: datetime) -> Iterator[Row]:
    """Yield pitches over eight weeks; some are won, more are lost, the rest is open."""
    for n, product in enumerate(random.choice(offered, int(random.integers(4, 30))).tolist()):
        at = now - timedelta(days=int(random.integers(8, 64)))
        outcome = str(random.choice(["win", "loss", ""], p=[0.2, 0.5, 0.3]))
        yield _event(f"pitch-{contact}-{n}", "pitch", contact, f"p{product}", at)
        if outcome:
            yield _event(f"{outcome}-{contact}-{n}", outcome, contact, f"p{product}", at + timedelta(days=2))


def _verdicts(random: np.random.Generator, contact: str, offered: list[int], now: datetime) -> Iterator[Row]:
    """Yield verdicts for several reasons; those on market and business count for others too."""
    reasons: list[Row] = [
        {},
        {"trigger": "performance"},
        {"trigger": "market"},
        {"trigger": "business"},
        {"trigger": "discomfort", "attribute": "channel", "attribute_value": "email"},
        {"trigger": "performance", "attribute": "rationale", "attribute_value": "cf"},
    ]
    for n, product in enumerate(random.choice(offered, int(random.integers(2, 12))).tolist()):
        kind = str(random.choice(["accept", "discard"]))
        at, reason = now - timedelta(days=int(random.integers(1, 40))), reasons[int(random.integers(len(reasons)))]
        more = {"actor_id": str(random.choice(ACTORS)), **({"reason": reason} if reason else {})}
        yield _event(f"{kind}-{contact}-{n}", kind, contact, f"p{product}", at) | more


def _request(random: np.random.Generator, contact: str) -> Row:
    context = {
        "channel": str(random.choice(["call", "email"])),
        "hour": int(random.integers(8, 20)),
        "season": str(random.choice(["q1", "q2", "q3", "q4"])),
    }
    return {"contact_id": contact, "k": 10, **({"context": context} if random.random() < 0.7 else {})}


def _mostly(random: np.random.Generator, value: Any, share: float) -> Any:
    """Return the value with a probability, otherwise None."""
    return value if random.random() < share else None


def _without_missing(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def _score(contact: str, product: str, model: str, score: float, as_of: str) -> Row:
    return {"contact_id": contact, "product_id": product, "model": model, "score": score, "as_of": as_of}


def _event(event_id: str, kind: str, contact: str, product: str, at: datetime) -> Row:
    ids = {"contact_id": contact, "product_id": product}
    return {"event_id": event_id, "type": kind, **ids, "occurred_at": at.isoformat()}


KINDS: dict[str, Callable[[int, int, datetime], ListData]] = {"plain": make_plain, "realistic": make_realistic}


def load(runtime: Runtime, data: ListData) -> str:
    """Load the data, put the policy into force, publish multipliers; return a key that may ask for lists.

    Raises
    ------
    ValueError
        A row was rejected.

    """
    store, zone = runtime.store("default", create=True), runtime.settings.zone
    for kind, rows in (("products", data.products), ("contacts", data.contacts), ("scores", data.scores)):
        for start in range(0, len(rows), CHUNK_ROWS):
            _check(import_rows(store, kind, rows[start : start + CHUNK_ROWS], zone))
    publish(runtime, data.events, data.policy)
    return create_key(runtime.redis, "default", "bench", ("recommend",), None, datetime.now(UTC))


def publish_plain(runtime: Runtime, contacts: Iterable[int]) -> None:
    """Give some contacts the plain events, put the plain policy into force, publish multipliers."""
    now = datetime.fromtimestamp(runtime.clock() / 1000, UTC)
    publish(runtime, plain_events((f"c{n}" for n in contacts), now), PLAIN_POLICY)


def publish(runtime: Runtime, events: Sequence[Row], policy: Row) -> None:
    """Record events, put a policy into force, publish multipliers."""
    store = runtime.store("default")
    for start in range(0, len(events), MAX_EVENTS):
        _check(record_feedback(store, events[start : start + MAX_EVENTS], runtime.clock()))
    publish_policy(runtime, "default", "recommended", policy, author="bench", comment="", if_match=None, draft=False)
    run_recompute(runtime, "default")


def _check(results: Sequence[Any]) -> None:
    for result in results:
        if result.status not in ("accepted", "duplicate"):
            raise ValueError(f"a row of the benchmark was rejected: {result}")
