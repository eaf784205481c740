"""A random tenant: its rows, and what happens before lists are asked for."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.recorded.world import ACTORS, FIRST_MONDAY

Row = dict[str, Any]

PRODUCTS = (5, 40, 12, 120, 400)
HISTORY_WEEKS = (4, 4, 0, 1)
"""Weeks with pitches and outcomes; without any there is no multiplier version."""
WEEKS_BETWEEN = 8
PITCHES_A_WEEK = 170
"""Four such weeks are enough for fitted weights."""
CATEGORIES = ("laser", "ink", "fax", "paper", "service", "Desk")
MODELS = {"churn": "contact", "frequency": "product", "cf": "product", "lead": "product", "risk": "contact"}
"""What each model scores: contacts, or products for a contact."""


@dataclass(slots=True, kw_only=True)
class RandomWorld:
    """A tenant's rows by kind, and the events of its weeks."""

    number: int
    begin: datetime  # a Monday
    weeks: int
    is_trained: bool  # whether the models are trained on transactions
    rows: dict[str, list[Row]] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)  # products with scores, by contact

    @property
    def product_ids(self) -> list[str]:
        """Return all products, those without a row too."""
        return sorted({product for products in self.offered.values() for product in products})

    @property
    def contact_ids(self) -> list[str]:
        """Return all contacts, those without a row too."""
        return list(self.offered)


def make_random_world(seed: int, number: int) -> RandomWorld:
    """Make the tenant of a number; sizes and kinds of history take turns."""
    rng = random.Random(f"{seed} world {number}")
    begin = FIRST_MONDAY + timedelta(weeks=WEEKS_BETWEEN * number)
    weeks = HISTORY_WEEKS[number % len(HISTORY_WEEKS)]
    world = RandomWorld(number=number, begin=begin, weeks=weeks, is_trained=number % 6 == 1)
    listed = begin + timedelta(weeks=weeks)
    with_row = [f"p{place:03}" for place in range(PRODUCTS[number % len(PRODUCTS)])]
    known = [f"c{place:02}" for place in range(160 if world.is_trained else 30)]
    scored = with_row if len(with_row) <= 12 else with_row[:-2]  # the last two are new
    share = rng.choice([0.15, 0.5, 1.0]) if len(with_row) > 12 else 1.0
    for contact in [*known, "Ångström/1", "u1", "u2"]:
        world.offered[contact] = sorted(rng.sample(scored, max(1, round(share * len(scored)))))
        world.offered[contact] += rng.sample(["x0", "x1", "x2"], rng.randrange(3))
    if world.is_trained or number % 7 != 6:  # else no product has a row: then all with scores are offered
        world.rows["products"] = [_product(rng, product, listed, is_first=product == "p000") for product in with_row]
    world.rows["contacts"] = [_contact(rng, contact, is_first=contact == "c00") for contact in known]
    world.rows["scores"] = _scores(rng, world)
    if world.is_trained:
        world.rows["transactions"] = _transactions(rng, world)
    return world


def _some(rng: random.Random, chance: float, row: Row) -> Row:
    """Return a row with some of its values."""
    return {name: value for name, value in row.items() if rng.random() < chance}


def _product(rng: random.Random, product: str, listed: datetime, *, is_first: bool) -> Row:
    begins, ends = (listed + timedelta(days=rng.choice(days)) for days in ((-50, -1, 0, 1), (-1, 0, 0, 1, 60)))
    row = {
        "name": f"{rng.choice(['Pro', 'Basic', 'Eco'])} {product}",
        "category": rng.choice(CATEGORIES),
        "value": rng.choice([rng.randrange(0, 500, 50), rng.randrange(0, 500, 50), round(rng.uniform(0, 500), 2)]),
        "colour": rng.choice(["red", "blue", "Red"]),
        "margin": rng.choice([rng.randrange(4) / 4, round(rng.random(), 3)]),
        "fragile": rng.random() < 0.5,
        "channels": rng.choice(["email", "call;visit", "email;call"]),
        "times": rng.choice(["morning", "afternoon;evening"]),
    }
    limits = {"active_from": begins.date().isoformat(), "active_to": ends.date().isoformat()}
    rest = row | limits if is_first else _some(rng, 0.8, row) | _some(rng, 0.15, limits)
    return {"product_id": product} | rest


def _contact(rng: random.Random, contact: str, *, is_first: bool) -> Row:
    row = {
        "account_id": f"a{rng.randrange(8)}",
        "name": f"Contact {contact}",
        "segment": rng.choice(["gold", "silver", "archive"]),
        "channels": rng.choice(["email", "call", "email;call", "call;visit"]),
        "region": rng.choice(["north", "south"]),
        "age": rng.randrange(20, 90, 5),
        "vip": rng.random() < 0.3,
        "times": rng.choice(["morning", "evening;afternoon"]),
    }
    return {"contact_id": contact} | (row if is_first else _some(rng, 0.75, row))


def _scores(rng: random.Random, world: RandomWorld) -> list[Row]:
    loaded, digits = world.begin - timedelta(days=1), rng.choice([1, 2, 17])
    rows = []
    for contact, products in world.offered.items():
        for model in rng.sample(list(MODELS), rng.choice([0, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4])):
            as_of = (loaded - timedelta(days=rng.choice([0, 0, 0, 12, 45, 150]))).isoformat()
            scored = [product for product in products if rng.random() < rng.choice([0.5, 1.0, 1.0])]
            for product in scored if MODELS[model] == "product" and rng.random() < 0.95 else [""]:
                score = rng.uniform(-3, 12) if model == "lead" else rng.random() ** (2 if model == "frequency" else 1)
                row = {"contact_id": contact, "model": model, "score": round(score, digits), "as_of": as_of}
                rows.append(row | ({"product_id": product} if product else {}))
    return rows


def _transactions(rng: random.Random, world: RandomWorld) -> list[Row]:
    liked, rows = sorted(_liked_pairs(world)), []
    for _ in range(8 * len(world.contact_ids)):
        pair = (
            rng.choice(liked) if rng.random() < 0.8 else (rng.choice(world.contact_ids), rng.choice(world.product_ids))
        )
        at = world.begin - timedelta(minutes=rng.randrange(300 * 1440))
        row = {"contact_id": pair[0], "product_id": pair[1], "occurred_at": at.isoformat()}
        rows.append(row | {"amount": rng.randrange(5, 90)})
    return rows


def make_week(rng: random.Random, world: RandomWorld, week: int) -> list[Row]:
    """Make the pitches of a week and their outcomes.

    What a contact's segment likes wins more often where the models are trained, so that the memory is proved; else
    what has better scores.
    """
    monday, events = world.begin + timedelta(weeks=week), []
    liked = _liked_pairs(world)
    for number in range(PITCHES_A_WEEK * (4 if world.is_trained else 1)):
        contact = rng.choice(world.contact_ids)
        product = world.offered[contact][int(len(world.offered[contact]) * rng.random() ** 2)]
        at = monday + timedelta(minutes=rng.randrange(3 * 1440))
        event = {"contact_id": contact, "product_id": product, "actor_id": rng.choice(ACTORS)}
        name = f"e{week}-{number}"
        events.append({**event, "event_id": name, "type": "pitch", "occurred_at": at.isoformat()})
        if rng.random() < 0.9:
            won = rng.random() < (0.5 if (contact, product) in liked else 0.04)
            after = (at + timedelta(minutes=rng.choice([5, 60, 1200]))).isoformat()
            kind = "win" if won else "loss"
            events.append({**event, "event_id": f"{name}-o", "type": kind, "occurred_at": after, "pitch_id": name})
    return events


def _liked_pairs(world: RandomWorld) -> set[tuple[str, str]]:
    if not world.is_trained:
        rows = (row for row in world.rows["scores"] if row["model"] in ("cf", "frequency") and "product_id" in row)
        return {(row["contact_id"], row["product_id"]) for row in rows if row["score"] > 0.5}
    segments = {row["contact_id"]: row.get("segment", "") for row in world.rows["contacts"]}
    categories = {row["product_id"]: row.get("category", "") for row in world.rows["products"]}
    likes = {"gold": CATEGORIES[:2], "silver": CATEGORIES[2:4]}
    return {
        (contact, product)
        for contact, products in world.offered.items()
        for product in products
        if categories.get(product) in likes.get(segments.get(contact, ""), CATEGORIES[4:])
    }
