"""Change rules and settings in a policy's TOML text; comments stay where the text has one table for each rule."""

import re
from collections.abc import Mapping
from typing import Any

from dog.console.policies.toml_writer import write_toml
from dog.errors import InvalidPolicy
from dog.storage.policy_files import parse_policy_toml

_RULE = re.compile(r"^[ \t]*\[\[[ \t]*rules[ \t]*\]\]", re.MULTILINE)
_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)
_TAIL = re.compile(r"(?:^[ \t]*(?:#[^\n]*)?(?:\n|\Z))*\Z", re.MULTILINE)
"""Blank lines and comments at the end of a rule: they belong to what follows."""

Document = Mapping[str, Any]


def write_rule(text: str, place: int | None, rule: Document | None) -> str:
    """Return the text with one rule in the place of another, at the end for None; without it where `rule` is None."""
    document = parse_policy_toml(text)
    rules = list(document.get("rules", []))
    place = len(rules) if place is None else place
    rules[place : place + 1] = [] if rule is None else [rule]
    wanted = {
        **{key: value for key, value in document.items() if key != "rules"},
        **({"rules": rules} if rules else {}),
    }
    block = "" if rule is None else write_toml({"rules": [rule]}).strip() + "\n"
    return _checked(_put_block(text, place, block), wanted)


def swap_rules(text: str, place: int) -> str:
    """Return the text with a rule and the following one in each other's places, with the comments above them."""
    document = parse_policy_toml(text)
    rules = list(document.get("rules", []))
    if not 0 <= place < len(rules) - 1:
        return text
    rules[place], rules[place + 1] = rules[place + 1], rules[place]
    lines = text.rstrip() + "\n"
    starts = [found.start() for found in _RULE.finditer(lines)]
    if place + 1 < len(starts):
        following = _HEADER.search(lines, lines.find("\n", starts[place + 1]))
        ends = (starts[place], starts[place + 1], following.start() if following else len(lines))
        first, second, end = (_above(lines, one) for one in ends)
        lines = lines[:first] + lines[second:end] + lines[first:second] + lines[end:]
    return _checked(lines, {**document, "rules": rules})


def _above(text: str, place: int) -> int:
    """Return where the blank lines and comments above a place begin."""
    found = _TAIL.search(text, 0, place)
    return found.start() if found and place < len(text) else place


def set_value(text: str, path: tuple[str, ...], value: Any) -> str:
    """Return the text with another value of a setting, such as ("models", "cf", "weight")."""
    document = parse_policy_toml(text)
    wanted = _with(document, path, value)
    if wanted == document:
        return text
    literal = write_toml({"value": value}).partition(" = ")[2].strip()
    section, *inner = path
    start = re.search(rf"^[ \t]*\[[ \t]*{re.escape(section)}[ \t]*\]", text, re.MULTILINE)
    if start is None:
        return _checked(text, wanted)
    lead = rf"^[ \t]*{re.escape(inner[0])}[ \t]*=[ \t]*"
    if len(inner) > 1:
        lead += rf"\{{[^\n}}]*?\b{re.escape(inner[-1])}[ \t]*=[ \t]*"
    found = re.compile(rf'({lead})("[^"\n]*"|[^\s,}}#]+)', re.MULTILINE).search(text, start.end())
    return _checked(text if found is None else text[: found.end(1)] + literal + text[found.end() :], wanted)


def _put_block(text: str, place: int, block: str) -> str:
    starts = [found.start() for found in _RULE.finditer(text)]
    if place >= len(starts):
        return f"{text.rstrip()}\n\n{block}"
    following = _HEADER.search(text, text.find("\n", starts[place]) % (len(text) + 1))
    end = following.start() if following else len(text)
    tail = _TAIL.search(text, starts[place], end)
    return text[: starts[place]] + block + text[tail.start() if tail else end :]


def _with(document: Document, path: tuple[str, ...], value: Any) -> dict[str, Any]:
    first, *rest = path
    inner = document.get(first, {})
    return {
        **document,
        first: _with(inner if isinstance(inner, Mapping) else {}, tuple(rest), value) if rest else value,
    }


def _checked(text: str, wanted: Document) -> str:
    """Return the text if it means what is wanted, else the document written as a whole, without comments."""
    try:
        return text if parse_policy_toml(text) == wanted else write_toml(wanted) + "\n"
    except InvalidPolicy:
        return write_toml(wanted) + "\n"
