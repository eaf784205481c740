"""Random conditions over the whole language of docs/reference/conditions.md."""

import random
from collections.abc import Callable

Rng = random.Random

NUMBERS: dict[str, tuple[float, ...]] = {
    "product.value": (0, 50, 100, 200, 300, 450),
    "product.margin": (0, 0.25, 0.5, 0.75),
    "contact.age": (20, 30, 40, 60),
    "context.hour": (9, 16.5, 20),
    "score.MODEL": (0.1, 0.3, 0.5, 0.7),
    "consolidated": (0.05, 0.2, 0.3, 0.42),
    "win_rate": (0, 0.1, 0.3, 0.5),
    "pitches": (0, 1, 2, 3),
    "wins": (0, 1, 2),
    "multiplier": (0.8, 1, 1.2),
    "days_since.pitch": (0, 1, 5, 6, 7),
    "days_since.win": (0, 1, 5, 6, 7),
    "days_since.loss": (0, 1, 5, 6, 7),
    "days_since.accept": (0, 1, 2),
    "days_since.discard": (0, 1, 2),
}
"""Each column, and values that it often has, so that bounds are met exactly; a policy's model stands for MODEL."""
TEXTS = {
    "product.id": ("p001", "p004", "x0"),
    "product.name": ("Eco p003", "Pro p001"),
    "product.category": ("laser", "ink", "fax", "desk"),
    "product.colour": ("red", "blue"),
    "contact.id": ("c01", "c02", "Ångström/1"),
    "contact.account_id": ("a1", "a2"),
    "contact.segment": ("gold", "archive"),
    "contact.channels": ("email;call", "call"),
    "contact.region": ("north", "south"),
    "context.channel": ("call", "email"),
    "context.season": ("q3", "q4"),
    "context.actor_id": ("ann", "bob"),
}
DATES = ("product.active_from", "product.active_to")
FLAGS = ("product.fragile", "contact.vip", "context.returning")
COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=")


def make_condition(rng: Rng, depth: int = 3) -> str:
    """Make a condition, nested at most so deep."""
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(ATOMS)(rng)
    parts = [make_condition(rng, depth - 1) for _ in range(rng.choice([2, 2, 3]))]
    joined = f"({rng.choice([' AND ', ' OR ']).join(parts)})"
    return rng.choice([joined, joined, f"NOT {joined}", f"CASE WHEN {parts[0]} THEN {parts[1]} ELSE FALSE END"])


def _compared(rng: Rng) -> str:
    name, values = rng.choice(list(NUMBERS.items()))
    side = rng.choice([_literal(rng, values), _literal(rng, values), _number(rng, 2)])
    return f"{rng.choice([name, name, _number(rng, 2)])} {rng.choice(COMPARISONS)} {side}"


def _literal(rng: Rng, values: tuple[float, ...]) -> str:
    return str(rng.choice([*values, round(rng.random() * values[-1], 3)]))


def _number(rng: Rng, depth: int) -> str:
    name, values = rng.choice(list(NUMBERS.items()))
    if depth == 0:
        return rng.choice([name, _literal(rng, values)])
    one, other = _number(rng, depth - 1), _number(rng, depth - 1)
    forms = (
        f"({one} {rng.choice('+-*/')} {other})",
        f"abs({one} - {other})",
        f"round({one}, {rng.randrange(3)})",
        f"round({one})",
        f"{rng.choice(['least', 'greatest', 'coalesce'])}({one}, {other}, {_literal(rng, values)})",
        f"CASE WHEN {rng.choice(ATOMS[2:])(rng)} THEN {one} ELSE {other} END",
        f"CASE {_text_column(rng)} WHEN 'gold' THEN {one} WHEN 'ink' THEN {other} END",
        f"-{name}",
    )
    return rng.choice(forms)


def _text_column(rng: Rng) -> str:
    return rng.choice(list(TEXTS))


def _text(rng: Rng) -> str:
    name, words = rng.choice(list(TEXTS.items()))
    side = f"{name} {rng.choice(COMPARISONS)} '{rng.choice(words)}'"
    listed = ", ".join(f"'{word}'" for word in rng.sample(words, rng.randrange(1, len(words) + 1)))
    forms = (
        side,
        side,
        f"{name} {rng.choice(['IN', 'NOT IN'])} ({listed})",
        f"{rng.choice(['lower', 'upper'])}({name}) = '{rng.choice(words).lower()}'",
        f"{name} {rng.choice(['LIKE', 'NOT LIKE'])} '{rng.choice(['%a%', '_o%', 'p00_', '%;call'])}'",
        f"starts_with({name}, '{rng.choice(words)[0]}')",
        f"coalesce({name}, {_text_column(rng)}) = '{rng.choice(words)}'",
        f"{name} < {_text_column(rng)}",
    )
    return rng.choice(forms)


def _between(rng: Rng) -> str:
    name, values = rng.choice(list(NUMBERS.items()))
    low, high = sorted(rng.sample(values, 2))
    numbers = ", ".join(_literal(rng, values) for _ in range(3))
    within = f"{rng.choice(['', 'NOT '])}BETWEEN {low} AND {high}"
    return rng.choice([f"{name} {within}", f"{name} IN ({numbers})"])


def _null(rng: Rng) -> str:
    name = rng.choice([*NUMBERS, *TEXTS, *DATES])
    return f"{name} {rng.choice(['IS NULL', 'IS NOT NULL'])}"


def _date(rng: Rng) -> str:
    name, day = rng.choice(DATES), f"20{rng.randrange(26, 32)}-{rng.randrange(1, 13):02}-15"
    forms = (
        f"{name} {rng.choice(COMPARISONS)} DATE '{day}'",
        f"{name} > '{day}'",
        f"product.active_to - product.active_from < {rng.randrange(90)}",
        f"product.active_from + {rng.randrange(60)} <= product.active_to",
    )
    return rng.choice(forms)


def _flag(rng: Rng) -> str:
    name = rng.choice(FLAGS)
    return rng.choice([name, f"NOT {name}", f"{name} = TRUE", f"{name} <> FALSE"])


ATOMS: tuple[Callable[[Rng], str], ...] = (_compared, _compared, _text, _text, _between, _between, _null, _date, _flag)
