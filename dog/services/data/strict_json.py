"""Strict JSON: only what every parser reads the same way."""

import re
from collections.abc import Sequence
from typing import Any

import orjson

from dog.errors import NotJson

MAX_DEPTH = 32
TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""Possessive, and an open quote matches to the end, so matching takes linear time."""
CONTAINERS = frozenset({dict, list})
LINES_AT_ONCE = 100
SPACES = b" \r\n"
AS_ZEROS, LONG_NUMBER = bytes.maketrans(b"123456789", b"000000000"), b"0" * 20
"""Searched for as one word: a regular expression takes eight times as long."""


def parse_json(body: bytes) -> Any:
    """Parse strict JSON.

    Raise `NotJson` if the body is not JSON in UTF-8, or holds NaN, infinity, half a surrogate pair, 20 digits in a row
    (which would be rounded), a name twice in one object, or more than 32 levels of nesting.
    """
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotJson(f"the body is not JSON: {error}") from None
    if _is_shallow(body, parsed) and not _has_long_number(body) and _survives_parsing(body, parsed):
        return parsed
    bare = TEXT.sub(b"", body)
    if _has_long_number(bare):
        raise NotJson("the body has a number of 20 digits or more; write it shorter, or as text")
    names, depth = _count_names_and_levels(parsed)
    if depth > MAX_DEPTH:
        raise NotJson(f"the body is nested deeper than {MAX_DEPTH} levels")
    if bare.count(b":") != names:
        raise NotJson(f"the body has the name {_find_twice(body)!r} twice in one object; send it once")
    return parsed


def parse_json_lines(body: bytes) -> list[Any]:
    """Parse lines that hold one strict JSON value each; raise `NotJson` where any does not."""
    lines = body.splitlines()
    starts = range(0, len(lines), LINES_AT_ONCE)
    return [value for start in starts for value in _parse_lines(lines[start : start + LINES_AT_ONCE])]


def _parse_lines(lines: Sequence[bytes]) -> list[Any]:
    """Parse some lines, together where they look strict: a third of the time."""
    try:
        parsed = list(map(orjson.loads, lines))
    except orjson.JSONDecodeError as error:
        raise NotJson(f"a line is not JSON: {error}") from None
    joined = b"[" + b",".join(lines) + b"]"
    is_strict = not _has_long_number(joined) and _survives_parsing(joined, parsed)
    if is_strict and _count_names_and_levels(parsed)[1] <= MAX_DEPTH:
        return parsed
    return list(map(parse_json, lines))


def _survives_parsing(body: bytes, parsed: Any) -> bool:
    """Return whether the body serialised again is the same except for spaces, as for most bodies.

    A repeated name would be lost. False does not mean a fault: escapes or 1.0e5 are serialised differently, too.
    """
    return orjson.dumps(parsed).translate(None, b" ") == body.translate(None, SPACES)


def _is_shallow(body: bytes, parsed: Any) -> bool:
    brackets = body.count(b"{") + body.count(b"[")
    return brackets <= MAX_DEPTH or _count_names_and_levels(parsed)[1] <= MAX_DEPTH


def _has_long_number(body: bytes) -> bool:
    return LONG_NUMBER in body.translate(AS_ZEROS)


def _count_names_and_levels(parsed: Any) -> tuple[int, int]:
    """Count the names of all objects, level by level: a call for each object would take a second a mebibyte."""
    count, depth, level = 0, 0, [parsed] if type(parsed) in CONTAINERS else []
    while level:
        depth += 1
        objects = [value for value in level if type(value) is dict]
        count += sum(map(len, objects))
        inner = [value for one in objects for value in one.values() if type(value) in CONTAINERS]
        inner += [value for many in level if type(many) is list for value in many if type(value) in CONTAINERS]
        level = inner
    return count, depth


def _find_twice(body: bytes) -> str:
    """Return a name that appears twice in one object; slow, for the error message only."""
    import json  # noqa: PLC0415  # needed for this error message only

    twice: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        names: set[str] = set()
        for name, _ in pairs:
            if name in names and not twice:
                twice.append(name)
            names.add(name)

    json.loads(body, object_pairs_hook=note)
    return twice[0] if twice else "?"
