"""Strict JSON: only what every parser reads the same way."""

import re
from typing import Any

import orjson

from dog.errors import NotJson

MAX_DEPTH = 32
TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""Possessive, and an open quote matches to the end, so matching takes linear time."""
NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
AS_SQUARE = bytes.maketrans(b"{}", b"[]")
CONTAINERS = frozenset({dict, list})
SPACES = b" \r\n"
AS_ZERO = bytes.maketrans(b"123456789", b"000000000")
TOO_MANY_DIGITS = b"0" * 20


def parse_json(body: bytes) -> Any:
    """Parse strict JSON.

    Raise `NotJson` if the body is no JSON in UTF-8, or holds NaN, infinity, half a surrogate pair, 20 digits in a row
    (which would be rounded), a name twice in one object, or more than 32 levels of nesting.
    """
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotJson(f"the body is no JSON: {error}") from None
    if not _has_long_number(body) and _survives_parsing(body, parsed):
        return parsed
    bare = TEXT.sub(b"", body)
    if _has_long_number(bare):
        raise NotJson("the body has a number of 20 digits or more; write it shorter, or as text")
    if _is_deep(bare):
        raise NotJson(f"the body is nested deeper than {MAX_DEPTH} levels")
    if bare.count(b":") != _count_names(parsed):
        raise NotJson(f"the body has the name {_find_twice(body)!r} twice in one object; send it once")
    return parsed


def _has_long_number(body: bytes) -> bool:
    """Return whether a body has 20 digits in a row; twenty times as fast as a regular expression."""
    return body.translate(AS_ZERO).find(TOO_MANY_DIGITS) >= 0


def _survives_parsing(body: bytes, parsed: Any) -> bool:
    """Return whether the body serialised again is the same except for spaces, as for most bodies.

    A repeated name would be lost. False does not mean a fault: escapes or 1.0e5 are serialised differently, too.
    """
    if len(body) > 2 * MAX_DEPTH and body.count(b"{") + body.count(b"[") > MAX_DEPTH:
        return False
    return orjson.dumps(parsed).translate(None, b" ") == body.translate(None, SPACES)


def _is_deep(bare: bytes) -> bool:
    """Remove the innermost brackets as often as they may be nested, and return whether any are left."""
    brackets = bare.translate(AS_SQUARE, NO_BRACKETS)
    if len(brackets) <= 2 * MAX_DEPTH:
        return False
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _count_names(parsed: Any) -> int:
    """Count the names of all objects level by level; a call for each object would take a second a mebibyte."""
    count, level = 0, [parsed]
    while level:
        objects = [value for value in level if type(value) is dict]
        count += sum(map(len, objects))
        inner = [value for one in objects for value in one.values() if type(value) in CONTAINERS]
        inner += [value for many in level if type(many) is list for value in many if type(value) in CONTAINERS]
        level = inner
    return count


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
