"""From a policy's `[reinforcement]` to `Reinforcement`: the settings check their own ranges, key by key."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dog.core.documents.section import Section
from dog.core.learning.reinforcement_settings import (
    FAMILIES,
    NEUTRALS,
    RATES,
    READINGS,
    Recursion,
    Reinforcement,
    Streak,
)

NUMBERS = ("a_max", "d_min", "explore", "max_step", "maturation_days", "absorb")
MAX_LAPS = 1_000_000_000

Settings = TypeVar("Settings")


def read_reinforcement(section: Section) -> Reinforcement:
    """Read the table; each value that the settings refuse is a fault at its own key.

    Parameters
    ----------
    section
        `[reinforcement]`, empty where it is missing.

    Returns
    -------
    The settings, a refused value replaced by its default.

    Examples
    --------
    >>> section = Section({"a_max": 0.5, "family": "ratoi"})
    >>> read_reinforcement(section) == Reinforcement()
    True
    >>> [fault.pointer for fault in section.faults]
    ['/family', '/a_max']

    """
    standard = Reinforcement()
    values: dict[str, Any] = {
        "family": section.text("family", standard.family, choices=FAMILIES),
        "neutral": _read_neutral(section),
        "rate": section.text("rate", standard.rate, choices=RATES),
        **{key: section.number(key, getattr(standard, key)) for key in NUMBERS},
        "recursion": _read_recursion(section.section("recursion")),
        "streak": _read_streak(section.section("streak")),
    }
    section.close()
    return _build(Reinforcement, section, values)


def _read_neutral(section: Section) -> str | float:
    if isinstance(section.given("neutral"), int | float):
        return section.number("neutral", 0.5)
    return section.text("neutral", "global", choices=NEUTRALS)


def _read_recursion(section: Section) -> Recursion:
    standard = Recursion()
    values: dict[str, Any] = {
        "reading": section.text("reading", standard.reading, choices=READINGS),
        "n": section.number("n", standard.n),
        "laps": section.whole("laps", at_least=1, at_most=MAX_LAPS, default=standard.laps),
    }
    section.close()
    return _build(Recursion, section, values)


def _read_streak(section: Section) -> Streak:
    standard = Streak()
    values = {key: section.number(key, getattr(standard, key)) for key in ("accept", "discard", "half_life_days")}
    section.close()
    return _build(Streak, section, values)


def _build(make: Callable[..., Settings], section: Section, values: Mapping[str, Any]) -> Settings:
    """Try each value by itself, so that each refusal is told at its own key."""
    accepted = {}
    for key, value in values.items():
        try:
            make(**{key: value})
        except ValueError as refusal:
            section.fault(key, "out_of_range", str(refusal))
        else:
            accepted[key] = value
    return make(**accepted)
