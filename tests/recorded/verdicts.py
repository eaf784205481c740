"""Verdicts of every kind, with every trigger and attribute, and events that are refused."""

import random
from datetime import datetime, timedelta
from typing import Any

from tests.recorded.world import ACTORS, World

Event = dict[str, Any]

TRIGGERS = ("performance", "market", "business", "discomfort")
VALUES = {
    "account": "a03",
    "contact": "c010",
    "product": "p11",
    "time": "morning",
    "channel": "email",
    "rationale": "cf",
}
"""An attribute, and the value that is refused."""
SUBSTITUTES = {
    "account": "a04",
    "contact": "c011",
    "product": "p12",
    "time": "afternoon",
    "channel": "call",
    "rationale": "frequency",
}


def make_verdicts(world: World, now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """Make named bodies of `POST /v1/feedback`, in order."""
    return [*_single(now), *_restructures(now), *_wide(world, now), *_admin(now), *_runs(world, now), *_refused(now)]


def _verdict(name: str, kind: str, contact: str, product: str | None, at: datetime, **more: Any) -> Event:
    event: Event = {"event_id": name, "type": kind, "contact_id": contact, "occurred_at": at.isoformat()}
    return event | ({"product_id": product} if product is not None else {}) | more


def _single(now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """One discard and one accept of each trigger with each attribute, alone in its call."""
    found = []
    for kind in ("discard", "accept"):
        for place, trigger in enumerate((None, *TRIGGERS)):
            for spot, attribute in enumerate((None, *VALUES)):
                reason: dict[str, Any] = {"trigger": trigger} if trigger else {}
                if attribute:
                    reason |= {"attribute": attribute, "attribute_value": VALUES[attribute]}
                contact, product = f"c{20 + place * 8 + spot:03}", f"p{(7 * place + spot * 3) % 80:02}"
                name = f"v-{kind}-{trigger}-{attribute}"
                event = _verdict(name, kind, contact, product, now, reason=reason, actor_id=ACTORS[spot % 5])
                found.append((name, {"events": [event], "substitute": True}))
    for attribute in ("account", "contact", "channel", "time"):
        reason = {"trigger": "discomfort", "attribute": attribute, "attribute_value": VALUES[attribute]}
        event = _verdict(f"v-whole-{attribute}", "discard", "c019", None, now, reason=reason)
        found.append((f"v-whole-{attribute}", {"events": [event], "substitute": True}))
    return found


def _restructures(now: datetime) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for place, attribute in enumerate(VALUES):
        replace = {"attribute": attribute, "from": VALUES[attribute], "to": SUBSTITUTES[attribute]}
        for trigger in (None, "discomfort", "market"):
            name = f"v-restructure-{attribute}-{trigger}"
            reason = {"reason": {"trigger": trigger, "note": "said so"}} if trigger else {}
            contact = f"c{70 + place:03}"
            event = _verdict(name, "restructure", contact, "p11", now, replace=replace, actor_id="ann", **reason)
            found.append((name, {"events": [event], "substitute": True}))
    return found


def _wide(world: World, now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """Verdicts about market, business and account by several actors: the third makes them count for all."""
    rng = random.Random(5)
    found = []
    for turn in range(12):
        events = []
        for trigger, product in (("market", "p01"), ("business", "p04"), ("market", "p05")):
            for actor in ACTORS[: 1 + turn % 4]:
                contact = rng.choice(world.contact_ids)
                name = f"w-{turn}-{trigger}-{product}-{actor}"
                kind = "accept" if turn == 7 and trigger == "market" else "discard"
                event = _verdict(name, kind, contact, product, now + timedelta(minutes=turn), actor_id=actor)
                events.append(event | {"reason": {"trigger": trigger}})
        if turn < 2:  # more would rest most accounts, and empty their lists
            about = {"trigger": "discomfort", "attribute": "account"}
            contact = rng.choice(world.contact_ids)
            events.append(_verdict(f"w-{turn}-account", "discard", contact, None, now, reason=about))
        found.append((f"w-{turn}", {"events": events}))
    return found


def _admin(now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """Verdicts about the business by an admin: they count for everybody."""
    found = []
    for number in range(4):
        event = _verdict(
            f"admin-{number}", "discard", f"c{60 + number:03}", "p06", now + timedelta(minutes=20 + number)
        )
        found.append((f"admin-{number}", {"events": [event | {"reason": {"trigger": "business"}}]}))
    return found


def _runs(world: World, now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """Runs of like verdicts by some contacts, spread over the last weeks, in mixed calls."""
    rng = random.Random(6)
    contacts, events = world.contact_ids[:40], []
    for number in range(420):
        kind = rng.choice(["accept", "accept", "discard", "restructure"])
        contact, product = rng.choice(contacts), rng.choice(world.product_ids[:25])
        at = now - timedelta(minutes=rng.randrange(30 * 1440))
        event = _verdict(f"x-{number}", kind, contact, product, at, actor_id=rng.choice(ACTORS))
        attribute = rng.choice(list(VALUES))
        if kind == "restructure":
            to = rng.choice(world.product_ids) if attribute == "product" else SUBSTITUTES[attribute]
            event["replace"] = {"attribute": attribute, "from": VALUES[attribute], "to": to}
        elif rng.random() < 0.6:
            value = rng.choice([VALUES[attribute], SUBSTITUTES[attribute]])
            event["reason"] = {"trigger": rng.choice(TRIGGERS), "attribute": attribute, "attribute_value": value}
        events.append(event)
    calls = [events[start : start + 60] for start in range(0, len(events), 60)]
    return [(f"x-{number}", {"events": call, "substitute": number % 2 == 0}) for number, call in enumerate(calls)]


def _refused(now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """Doubles, conflicts, and events that cannot be taken."""
    good = _verdict("g-1", "accept", "c003", "p03", now)
    changes: dict[str, Any] = {
        "again": {},
        "conflict": {"product_id": "p04"},
        "future": {"event_id": "g-2", "occurred_at": (now + timedelta(days=1)).isoformat()},
        "naive-time": {"event_id": "g-3", "occurred_at": "2026-08-03T10:00:00"},
        "no-time": {"event_id": "g-4", "occurred_at": "yesterday"},
        "impossible-time": {"event_id": "g-5", "occurred_at": "2026-02-30T10:00:00Z"},
        "before-1970": {"event_id": "g-6", "occurred_at": "1969-01-01T10:00:00Z"},
        "bad-type": {"event_id": "g-7", "type": "like"},
        "unknown-field": {"event_id": "g-8", "mood": "good"},
        "bad-trigger": {"event_id": "g-9", "reason": {"trigger": "weather"}},
        "no-attribute": {"event_id": "g-10", "reason": {"trigger": "discomfort"}},
        "no-value": {"event_id": "g-11", "reason": {"trigger": "discomfort", "attribute": "channel"}},
        "no-replace": {"event_id": "g-12", "type": "restructure"},
        "half-replace": {"event_id": "g-13", "type": "restructure", "replace": {"attribute": "channel", "from": "a"}},
        "replace-of-accept": {"event_id": "g-14", "replace": {"attribute": "channel", "from": "a", "to": "b"}},
        "reason-of-pitch": {"event_id": "g-15", "type": "pitch", "reason": {"trigger": "market"}},
        "pitch-of-accept": {"event_id": "g-16", "pitch_id": "e0-1"},
        "no-product": {"event_id": "g-17", "product_id": ""},
        "bad-value": {"event_id": "g-18", "type": "win", "value": True},
        "long-id": {"event_id": "i" * 300},
        "unknown-product": {"event_id": "g-19", "type": "discard", "product_id": "p-never-loaded"},
        "unknown-contact": {"event_id": "g-20", "type": "discard", "contact_id": "nobody"},
        "long-ago": {"event_id": "g-21", "type": "win", "occurred_at": "2024-01-02T03:04:05+02:00"},
    }
    found = [(f"refused-{name}", {"events": [good | change]}) for name, change in changes.items()]
    every = [good | change for change in changes.values()]
    found.insert(0, ("refused-first", {"events": [good]}))
    shapes: list[tuple[str, Any]] = [
        ("refused-all", {"events": [*every, 7, "text", None]}),
        ("refused-none", {"events": []}),
        ("refused-list", [good]),
        ("refused-field", {"events": [good], "mode": "x"}),
        ("refused-substitute", {"events": [good], "substitute": "yes"}),
        ("refused-many", {"events": [good] * 1001}),
    ]
    return found + shapes
