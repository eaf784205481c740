"""Random conditions over the whole language of docs/rules.md."""

import random
from collections.abc import Callable

Rng = random.Random

NUMBERS = {
    "product.value": 500,
    "product.margin": 1,
    "contact.age": 90,
    "context.hour": 24,
    "score.MODEL": 1,
    "consolidated": 1,
    "win_rate": 1,
    "pitches": 4,
    "wins": 3,
    "multiplier": 2,
    "days_since.pitch": 40,
    "days_since.win": 40,
    "days_since.loss": 40,
    "days_since.accept": 5,
    "days_since.discard": 5,
}
"""Each column, and about how large its values are; in place of MODEL the policy puts one of its models."""
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
    name, largest = rng.choice(list(NUMBERS.items()))
    side = rng.choice([_literal(rng, largest), _literal(rng, largest), _number(rng, 2)])
    return f"{rng.choice([name, name, _number(rng, 2)])} {rng.choice(COMPARISONS)} {side}"


def _literal(rng: Rng, largest: float) -> str:
    return f"{rng.random() * largest:.{rng.randrange(3)}f}"


def _number(rng: Rng, depth: int) -> str:
    name, largest = rng.choice(list(NUMBERS.items()))
    if depth == 0:
        return rng.choice([name, _literal(rng, largest)])
    one, other = _number(rng, depth - 1), _number(rng, depth - 1)
    forms = (
        f"({one} {rng.choice('+-*/')} {other})",
        f"abs({one} - {other})",
        f"round({one}, {rng.randrange(3)})",
        f"round({one})",
        f"{rng.choice(['least', 'greatest', 'coalesce'])}({one}, {other}, {_literal(rng, largest)})",
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
    name, largest = rng.choice(list(NUMBERS.items()))
    low, high = sorted(rng.random() * largest for _ in range(2))
    numbers = ", ".join(_literal(rng, largest) for _ in range(3))
    within = f"{rng.choice(['', 'NOT '])}BETWEEN {low:.2f} AND {high:.2f}"
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


ATOMS: tuple[Callable[[Rng], str], ...] = (_compared, _compared, _text, _text, _between, _null, _date, _flag)
