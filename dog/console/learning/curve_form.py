"""The form of a curve: its fields for the settings of a policy, and the settings for what was sent."""

from collections.abc import Mapping
from typing import Any

from dog.core.documents.section import Section
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.errors import InvalidPolicy

RANGES: Mapping[str, tuple[float, float, float]] = {
    "point": (0.01, 0.99, 0.01),
    "a_max": (1, 10, 0.1),
    "d_min": (0.05, 1, 0.01),
    "trust_product": (0, 1, 0.05),
    "trust_pair": (0, 1, 0.05),
    "explore": (0, 3, 0.1),
    "max_step": (1, 3, 0.05),
    "n": (0, 3, 0.05),
    "k": (0, 5, 1),
}
"""Smallest and largest value and step of each slider."""
PLAIN_FIELDS = ("family", "a_max", "d_min", "explore", "max_step", "lap_scope")

Document = Mapping[str, Any]


def form_values(document: Document) -> dict[str, Any]:
    """Return the values of the form's fields for a policy."""
    settings = document["reinforcement"]
    neutral, trust = settings["neutral"], settings["trust"]
    by_number, is_learned = isinstance(neutral, float), trust == "learned"
    of_product, of_pair = (0.5, 0.5) if is_learned else trust if isinstance(trust, list | tuple) else (trust, trust)
    return {
        **{name: settings[name] for name in PLAIN_FIELDS},
        **settings["recursion"],
        "neutral": "number" if by_number else neutral,
        "point": neutral if by_number else 0.1,
        "trust": "learned" if is_learned else "fixed",
        "trust_product": of_product,
        "trust_pair": of_pair,
        "k": 0,
    }


def changed_document(document: Document, form: Mapping[str, str]) -> dict[str, Any]:
    """Return a policy with the settings that a form holds; raise `InvalidPolicy` where it is incomplete."""
    known = form_values(document)
    try:
        sent = {name: _read(form[name], known[name]) for name in known if name != "k"}
    except (KeyError, ValueError):
        raise InvalidPolicy("the form lacks a setting, or one is not a number; load the page again") from None
    recursion = {name: sent[name] for name in ("reading", "n", "laps")}
    changes: dict[str, Any] = {name: sent[name] for name in PLAIN_FIELDS}
    changes["neutral"] = sent["point"] if sent["neutral"] == "number" else sent["neutral"]
    changes["trust"] = "learned" if sent["trust"] == "learned" else [sent["trust_product"], sent["trust_pair"]]
    if changes["neutral"] == "expected":
        changes |= {"family": "ratio", "rate": "shrunk"}  # no other goes with it
    return {**document, "reinforcement": {**document["reinforcement"], **changes, "recursion": recursion}}


def read_settings(document: Document) -> Reinforcement:
    """Return the settings of learning of a policy; raise `InvalidPolicy` where one is refused."""
    section = Section(document["reinforcement"], "/reinforcement")
    settings = Reinforcement.read(section)
    if section.faults:
        raise InvalidPolicy(f"{section.faults[0].pointer}: {section.faults[0].message}", section.faults)
    return settings


def _read(text: str, known: Any) -> Any:
    """Return a field's value in the type that it has; the known one where the slider only rounded it."""
    if isinstance(known, str):
        return text
    if isinstance(known, int):
        return int(text)
    value = float(text)
    return known if round(known, 2) == value else value
