"""Log lines as JSON or as text for people: bounded texts, no secrets, no line that a client has forged."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

import orjson

API_KEY = re.compile(r"\bdog_([0-9a-f]{12})_[A-Za-z0-9_-]+")
URL_PASSWORD = re.compile(r"(//[^:@/\s]*:)[^@/\s]+@")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
MAX_TEXT_CHARACTERS = 2_000
MAX_TRACEBACK_CHARACTERS = 20_000
TRACEBACK = "exception"
AS_TEXT = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
"""Refuse what `make_safe` writes as text."""


def as_json(line: MutableMapping[str, Any]) -> str:
    """Return a line as JSON, made safe; nearly every line is safe as it is, which its JSON shows."""
    try:
        text = orjson.dumps(line, option=AS_TEXT).decode()
    except TypeError:
        text = ""
    is_plain = 0 < len(text) <= MAX_TEXT_CHARACTERS and text.isascii() and "\\" not in text and "\x7f" not in text
    if is_plain and "dog_" not in text and "@" not in text and TRACEBACK not in line:
        return text
    return orjson.dumps(make_safe(line)).decode()


def as_text(line: MutableMapping[str, Any]) -> str:
    """Return a line for people, made safe."""
    fields = dict(make_safe(line))
    timestamp, level, event, traceback = (fields.pop(name, "") for name in ("timestamp", "level", "event", TRACEBACK))
    told = " ".join(f"{name}={value}" for name, value in sorted(fields.items()))
    return f"{timestamp} [{level:<7}] {event:<30} {told}{traceback and chr(10)}{traceback}"


def make_safe(line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    r"""Hide keys and passwords, truncate, and escape control characters in every text of a line.

    A traceback keeps its line breaks; its lines are indented, so that none looks like a line of the log.

    Examples
    --------
    >>> make_safe({"event": "x\ny", "url": "redis://dog:pw@host"})
    {'event': 'x\\ny', 'url': 'redis://dog:***@host'}

    """
    for name, value in line.items():
        if name == TRACEBACK:
            lines = str(value)[-MAX_TRACEBACK_CHARACTERS:].splitlines()
            line[name] = "\n".join(f"    {_safe(text, MAX_TEXT_CHARACTERS)}" for text in lines)
        else:
            line[name] = _safe_value(value)
    return line


def _safe_value(value: Any) -> Any:
    if isinstance(value, str):
        return _safe(value, MAX_TEXT_CHARACTERS)
    if isinstance(value, Mapping):
        return {_safe(str(name), MAX_TEXT_CHARACTERS): _safe_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_safe_value(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _safe(str(value), MAX_TEXT_CHARACTERS)


def _safe(text: str, max_characters: int) -> str:
    if len(text) <= max_characters and text.isprintable() and "dog_" not in text and "@" not in text:
        return text  # nearly every text
    if len(text) > max_characters:
        text = f"{text[:max_characters]}... ({len(text):,} characters)"
    text = URL_PASSWORD.sub(r"\1***@", API_KEY.sub(r"dog_\1_***", text))
    text = text.encode("utf-8", "backslashreplace").decode()
    return CONTROL.sub(_escape, text.replace("\n", "\\n").replace("\t", "\\t"))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
