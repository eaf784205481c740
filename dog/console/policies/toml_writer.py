"""Write a policy's document as TOML, for versions that were not stored as TOML."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def write_toml(document: Mapping[str, Any]) -> str:
    """Write plain values first, then a section for each table and for each row of an array of tables.

    Examples
    --------
    >>> print(write_toml({"name": "a", "models": {"cf": {"weight": 1.0}}, "rules": [{"id": "r", "then": {"pin": 1}}]}))
    name = "a"
    <BLANKLINE>
    [models]
    cf = {weight = 1.0}
    <BLANKLINE>
    [[rules]]
    id = "r"
    then = {pin = 1}

    """
    plain, sections = [], []
    for name, value in document.items():
        if isinstance(value, Mapping):
            sections.append(f"[{_key(name)}]\n{_lines(value)}")
        elif isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
            sections += [f"[[{_key(name)}]]\n{_lines(row)}" for row in value]
        elif value is not None and value != []:
            plain.append(f"{_key(name)} = {_value(value)}")
    return "\n\n".join(["\n".join(plain), *sections])


def _lines(table: Mapping[str, Any]) -> str:
    return "\n".join(f"{_key(name)} = {_value(value)}" for name, value in table.items() if value is not None)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = (f"{_key(name)} = {_value(one)}" for name, one in value.items() if one is not None)
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, float):
        return repr(value)
    return orjson.dumps(value).decode().replace("\x7f", "\\u007F")


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else _value(name)
