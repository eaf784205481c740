"""The made-up world: contacts, products and scores, the same for the same seed."""

import csv
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

Row = dict[str, Any]

SEED = 20260803
FIRST_MONDAY = datetime(2026, 8, 3, tzinfo=UTC)
"""Monday of 2026-W32, the first week with feedback."""
WEEKS = 8
REFRESHED = {2: 6.0, 5: 2.5}
"""Weeks in which new scores come, and the days after their Monday up to which the models have learnt."""
CONTACTS, PRODUCTS = 120, 80
CATEGORIES = ("laser", "ink", "fax", "paper", "scanner", "service", "cable", "desk")
SEGMENTS = ("gold", "silver", "bronze", "archive", "")
CHANNELS = ("email", "call", "email;call", "call;visit", "")
ACTORS = ("ann", "bob", "cem", "dee", "eve")
ODD_CONTACTS = ("Ångström/1", "two words", "c,comma")


@dataclass(slots=True)
class World:
    """Rows of each kind, as files hold them."""

    contacts: list[Row] = field(default_factory=list)
    products: list[Row] = field(default_factory=list)
    scores: list[Row] = field(default_factory=list)
    refreshed: dict[int, list[Row]] = field(default_factory=dict)

    @property
    def contact_ids(self) -> list[str]:
        """Return the ids of the contacts."""
        return [row["contact_id"] for row in self.contacts]

    @property
    def product_ids(self) -> list[str]:
        """Return the ids of the products."""
        return [row["product_id"] for row in self.products]


def make_world() -> World:
    """Make the world."""
    rng = random.Random(SEED)
    world = World()
    world.contacts = [_contact(rng, number) for number in range(CONTACTS)]
    world.products = [_product(rng, number) for number in range(PRODUCTS)]
    offered = {contact: sorted(rng.sample(world.product_ids, 40)) for contact in world.contact_ids}
    world.scores = _scores(rng, offered, FIRST_MONDAY - timedelta(days=2))
    for week, days in REFRESHED.items():
        as_of = FIRST_MONDAY + timedelta(days=7 * week + days)
        rows = _scores(rng, offered, as_of)
        world.refreshed[week] = [row for row in rows if row["model"] in ("frequency", "cf")]
    return world


def write_ndjson(path: Path, rows: list[Row]) -> Path:
    """Write rows as NDJSON; an empty value is left out, so that numbers stay numbers."""
    kept = ({name: value for name, value in row.items() if value != ""} for row in rows)
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in kept))
    return path


def write_csv(path: Path, rows: list[Row]) -> Path:
    """Write rows as CSV; a column that a row does not have is empty."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _contact(rng: random.Random, number: int) -> Row:
    name = ODD_CONTACTS[number] if number < len(ODD_CONTACTS) else f"c{number:03}"
    return {
        "contact_id": name,
        "account_id": rng.choice(["", *(f"a{account:02}" for account in range(25))]),
        "name": f"Contact {number}",
        "segment": rng.choice(SEGMENTS),
        "channels": rng.choice(CHANNELS),
        "region": rng.choice(["north", "south", ""]),
        "age": rng.choice(["", rng.randrange(18, 90)]),
    }


def _product(rng: random.Random, number: int) -> Row:
    begins, ends = FIRST_MONDAY + timedelta(days=rng.randrange(80)), FIRST_MONDAY + timedelta(days=rng.randrange(80))
    return {
        "product_id": f"p{number:02}",
        "name": f"{rng.choice(['Pro', 'Basic', 'Eco'])} {number}",
        "category": rng.choice([*CATEGORIES, ""]) if number >= 8 else CATEGORIES[number],
        "value": rng.choice(["", rng.randrange(10, 500)]),
        "active_from": begins.date().isoformat() if rng.random() < 0.12 else "",
        "active_to": ends.date().isoformat() if rng.random() < 0.12 else "",
        "colour": rng.choice(["red", "blue", ""]),
        "margin": rng.choice(["", round(rng.random(), 2)]),
    }


def _scores(rng: random.Random, offered: dict[str, list[str]], as_of: datetime) -> list[Row]:
    rows = []

    def add(contact: str, product: str, model: str, score: float, at: datetime) -> None:
        rows.append(
            {
                "contact_id": contact,
                "product_id": product,
                "model": model,
                "score": f"{score:.2f}",  # two digits, so that there are equal scores
                "as_of": at.isoformat(),
            }
        )

    for contact, products in offered.items():
        if rng.random() < 0.9:
            add(contact, "", "churn", rng.random(), as_of - timedelta(days=rng.choice([0, 0, 10, 45])))
        own = as_of - timedelta(days=rng.choice([0, 0, 0, 20]))
        for product in products:
            add(contact, product, "frequency", rng.random() ** 2, as_of)
            if rng.random() < 0.8:
                add(contact, product, "cf", rng.random(), own)
            if rng.random() < 0.25:
                add(contact, product, "lead", rng.uniform(-3, 12), as_of - timedelta(days=30))
    return rows
