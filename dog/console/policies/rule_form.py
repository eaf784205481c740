"""The form of a rule: conditions as rows of column, comparison and value; the rule for what was sent; templates."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dog.console.texts import N_
from dog.core.rulebook.column_schema import ColumnSchema

COMPARISONS = ("=", "<>", ">=", "<=", ">", "<")
_CLAUSE = re.compile(
    r"(?P<column>[a-z_]+(?:\.\w+)?)\s*(?P<compare><>|>=|<=|=|>|<)\s*"
    r"(?P<value>'(?:[^']|'')*'|DATE\s+'[^']*'|-?\d+(?:\.\d+)?|TRUE|FALSE)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s+AND\s+", re.IGNORECASE)
TEMPLATES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "exclude": (
        N_("Never offer a category to a segment"),
        {"id": "not-for-segment", "when": "contact.segment = '' AND product.category = ''", "then": {"exclude": True}},
    ),
    "multiply": (
        N_("Push a category"),
        {"id": "push-category", "when": "product.category = ''", "then": {"multiply": 1.2}, "reason": "Focus"},
    ),
    "cap": (
        N_("At most two of a category"),
        {"id": "two-of-a-category", "then": {"cap": {"by": "product.category", "at_most": 2}}},
    ),
    "limit": (
        N_("At most three pitches a week"),
        {
            "id": "three-pitches-a-week",
            "stage": "applicability",
            "then": {"limit": {"event": "pitch", "by": "contact", "at_most": 3, "days": 7}},
        },
    ),
    "exclusive": (N_("One of several products"), {"id": "one-of-them", "then": {"exclusive": []}}),
    "pin": (N_("A product on place 1"), {"id": "launch-first", "when": "product.id = ''", "then": {"pin": 1}}),
}
"""Rules to start from, one of each kind of effect."""
DEFAULT_STAGE = "suitability"
PLAIN_KEYS = ("id", "stage", "reason", "from", "to")

Rule = Mapping[str, Any]


class Clause(NamedTuple):
    """One row of the form."""

    column: str
    compare: str
    value: str


def read_clauses(condition: str) -> list[Clause] | None:
    """Return the comparisons that a condition joins by AND; None where it is anything else.

    Examples
    --------
    >>> [tuple(clause) for clause in read_clauses("contact.segment = 'gold' AND product.value >= 10")]
    [('contact.segment', '=', 'gold'), ('product.value', '>=', '10')]
    >>> read_clauses("true"), read_clauses("a = 1 OR b = 2")
    ([], None)

    """
    condition, clauses, place = condition.strip(), [], 0
    if condition.lower() == "true" or not condition:
        return []
    while found := _CLAUSE.match(condition, place):
        value = re.sub(r"^DATE\s+", "", found["value"], flags=re.IGNORECASE)
        plain = value[1:-1].replace("''", "'") if value.startswith("'") else value
        clauses.append(Clause(found["column"], found["compare"], plain))
        if found.end() == len(condition):
            return clauses
        joined = _AND.match(condition, found.end())
        if joined is None:
            return None
        place = joined.end()
    return None


def write_clauses(clauses: Sequence[Clause], schema: ColumnSchema) -> str:
    """Return the condition of some rows; values are written as the kinds of their columns.

    Examples
    --------
    >>> write_clauses([Clause("contact.segment", "=", "it's"), Clause("product.value", ">", "3")], ColumnSchema())
    "contact.segment = 'it''s' AND product.value > 3"

    """
    return " AND ".join(f"{one.column} {one.compare} {_literal(one, schema)}" for one in clauses) or "true"


def _literal(clause: Clause, schema: ColumnSchema) -> str:
    try:
        kind = schema.kind(clause.column)
    except LookupError:
        kind = None
    quoted = "'" + clause.value.replace("'", "''") + "'"
    if kind == "date":
        return f"DATE {quoted}"
    is_number = re.fullmatch(r"-?\d+(\.\d+)?", clause.value) is not None
    is_bare = clause.value.upper() in ("TRUE", "FALSE") or is_number
    return clause.value if is_bare and kind != "text" else quoted


def read_rule(form: Mapping[str, str], clauses: Sequence[Clause], schema: ColumnSchema, old: Rule) -> dict[str, Any]:
    """Return the rule that a form holds; what it has no field for stays as in the old one."""
    condition = form.get("rule_when", "").strip() or write_clauses([one for one in clauses if one.column], schema)
    sent = {key: form.get(f"rule_{key}", "").strip() for key in PLAIN_KEYS}
    kept = {key: value for key, value in old.items() if key not in (*PLAIN_KEYS, "when", "then")}
    rule = {"id": sent.pop("id"), "when": condition, "then": _effect(form)}
    if sent["stage"] == DEFAULT_STAGE:
        del sent["stage"]
    return rule | kept | {key: value for key, value in sent.items() if value}


def _effect(form: Mapping[str, str]) -> dict[str, Any]:
    kind = form.get("rule_effect", "exclude")
    values: dict[str, Any] = {
        "multiply": _number(form.get("rule_factor", "")),
        "pin": _number(form.get("rule_rank", "")),
        "cap": {"by": form.get("rule_cap_by", ""), "at_most": _number(form.get("rule_cap_most", ""))},
        "limit": {
            "event": form.get("rule_event", ""),
            "by": form.get("rule_limit_by", ""),
            "at_most": _number(form.get("rule_limit_most", "")),
            "days": _number(form.get("rule_days", "")),
        },
        "exclusive": [one.strip() for one in form.get("rule_products", "").split(",") if one.strip()],
    }
    return {kind: values.get(kind, True)}


def _number(text: str) -> int | float | str:
    """Return a number as it was written; the text itself where it is none, which the check then names."""
    try:
        return float(text) if "." in text or "e" in text.lower() else int(text)
    except ValueError:
        return text
