"""Warnings about product values that rules name and no product has: a wrong case, a typing error, an old id."""

import re
from collections.abc import Iterator

from dog.core.documents.section import nearest
from dog.core.policy.policy import Policy
from dog.core.rulebook.columns import Frame, TextColumn
from dog.core.rulebook.exclusive import Exclusive
from dog.errors import InputFault

_COMPARED = re.compile(r"\b(product\.\w+)\s*(?:=|<>|!=)\s*'((?:[^']|'')*)'", re.IGNORECASE)
_LISTED = re.compile(r"\b(product\.\w+)\s+(?:not\s+)?in\s*\(([^()]*)\)", re.IGNORECASE)
_TEXT = re.compile(r"'((?:[^']|'')*)'")


def unmatched_values(policy: Policy, products: Frame) -> list[InputFault]:
    """Return one warning for each such value, in the order of the rules, with the nearest value of the catalogue."""
    warnings = []
    for place, rule in enumerate(policy.rules):
        named = [*_named(rule.when)]
        pointer = f"/rules/{place}/when"
        if isinstance(rule.effect, Exclusive):
            named += [("product.id", value) for value in rule.effect.products]
        for column, value in dict.fromkeys(named):
            words = products.columns.get(column)
            if isinstance(words, TextColumn) and products.rows > 1 and value not in words.vocabulary:
                message = f"no product has {column} '{value}'{nearest(value, words.vocabulary)}"
                warnings.append(InputFault(pointer, "unmatched_value", message))
    return warnings


def _named(condition: str) -> Iterator[tuple[str, str]]:
    for column, value in _COMPARED.findall(condition):
        yield column.lower(), value.replace("''", "'")
    for column, values in _LISTED.findall(condition):
        for value in _TEXT.findall(values):
            yield column.lower(), value.replace("''", "'")
