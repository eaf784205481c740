"""Paths into a JSON body: from an event by dots, from the whole body by a JSON pointer."""

from collections.abc import Iterable
from typing import Any


def value_at(path: str, event: Any, body: Any) -> Any:
    """Return what is at a path, None where there is nothing.

    A path that begins with `/` is a JSON pointer (RFC 6901) into the body; any other is a name of the event, or names
    joined by dots. A number counts the items of a list from 0.

    Examples
    --------
    >>> body = {"user": {"id": 7}, "lines": [{"sku": "a", "price": {"net": 2}}]}
    >>> value_at("price.net", body["lines"][0], body), value_at("/user/id", body["lines"][0], body)
    (2, 7)
    >>> value_at("/lines/0/sku", {}, body), value_at("price.gross", body["lines"][0], body)
    ('a', None)

    """
    if path.startswith("/"):
        return _follow(body, (step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/")))
    if isinstance(event, dict) and path in event:
        return event[path]
    return _follow(event, path.split("."))


def _follow(value: Any, steps: Iterable[str]) -> Any:
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 10:
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value
