"""Kinds of fields: each reads a value, refuses one out of range, writes it, and describes it as JSON Schema.

A field is declared beside the type of an attribute of a `DocumentTable`:
`weight: Annotated[float, NumberField("Share of the model.", at_least=0)] = 1.0`.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, field
from datetime import date, datetime
from typing import Any

from dog.core.documents.section import Section, nearest

MAX_TEXT_CHARACTERS = 2000
MAX_LIST = 1000
MAX_NUMBER = 1e300


@dataclass(frozen=True, slots=True)
class DocumentField:
    """Base of all kinds.

    Parameters
    ----------
    description
        One sentence for those who write documents.
    key
        Name in the document, where it differs from the attribute's.

    """

    description: str = ""
    key: str = field(default="", kw_only=True)

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read the value; `default` where it is missing, and `MISSING` as default where it is required."""
        raise NotImplementedError

    def refusal(self, _value: Any) -> str | None:
        """Return what is wrong with a value, as a sentence after its name."""
        return None

    def write(self, value: Any) -> Any:
        """Return the value as a document holds it."""
        return value

    def schema(self, default: Any = MISSING) -> dict[str, Any]:
        """Return the JSON Schema, with the default where there is one."""
        about = {"description": self.description} if self.description else {}
        has_none = default is MISSING or default is None or default == ()
        return about | self._shape() | ({} if has_none else {"default": self.write(default)})

    def _shape(self) -> dict[str, Any]:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class NumberField(DocumentField):
    """A finite number; true and false are none.

    >>> NumberField("Floor of the multiplier.", above=0, at_most=1).refusal(2.0)
    'must be in (0, 1]'

    """

    above: float = field(default=-math.inf, kw_only=True)
    at_least: float = field(default=-math.inf, kw_only=True)
    below: float = field(default=math.inf, kw_only=True)
    at_most: float = field(default=math.inf, kw_only=True)
    missing: str = field(default="a number", kw_only=True)

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read it as a float."""
        value = section.given(key)
        if value is None and default is not MISSING:
            return default
        if value is None:
            section.fault(key, "missing", f"is missing: {self.missing}")
        elif isinstance(value, bool) or not isinstance(value, int | float):
            section.fault(key, "wrong_type", "must be a number")
        elif not abs(value) <= MAX_NUMBER or not (section.ranges_last or self._holds(value)):
            bounds = "" if section.ranges_last else self._bounds()
            section.fault(key, "out_of_range", f"must be a finite number{bounds}")
        else:
            return float(value)
        return max(0.0, self.at_least) if default is MISSING else default

    def refusal(self, value: Any) -> str | None:
        """Name the range that a number is out of."""
        return None if math.isfinite(value) and self._holds(value) else self._range()

    def _holds(self, value: float) -> bool:
        return self.above < value < self.below and self.at_least <= value <= self.at_most

    def _bounds(self) -> str:
        named = (("above", self.above), ("of at least", self.at_least), ("of at most", self.at_most))
        bounds = [f"{words} {bound:g}" for words, bound in named if math.isfinite(bound)]
        return f" {' and '.join(bounds)}" if bounds else ""

    def _range(self) -> str:
        is_open, low = self.above > self.at_least, max(self.above, self.at_least)
        if math.isfinite(high := min(self.at_most, self.below)):
            return f"must be in {'(' if is_open else '['}{low:g}, {high:g}{')' if self.below < self.at_most else ']'}"
        return f"must be {'above' if is_open else 'at least'} {low:g}"

    def _shape(self) -> dict[str, Any]:
        bounds = {"exclusiveMinimum": self.above, "minimum": self.at_least}
        bounds |= {"exclusiveMaximum": self.below, "maximum": self.at_most}
        return {"type": "number"} | {name: bound for name, bound in bounds.items() if math.isfinite(bound)}


@dataclass(frozen=True, slots=True)
class WholeField(DocumentField):
    """A whole number."""

    at_least: int = field(kw_only=True)
    at_most: int = field(kw_only=True)

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read it."""
        value = section.given(key)
        if value is None and default is not MISSING:
            return default
        if value is None:
            section.fault(key, "missing", f"is missing: a whole number from {self.at_least:,} to {self.at_most:,}")
        elif isinstance(value, bool) or not isinstance(value, int) or self.refusal(value):
            section.fault(key, "out_of_range", f"must be a whole number from {self.at_least:,} to {self.at_most:,}")
        else:
            return value
        return self.at_least

    def refusal(self, value: Any) -> str | None:
        """Name the bound that a number passes."""
        if value < self.at_least:
            return f"must be at least {self.at_least:,}"
        return f"must be at most {self.at_most:,}" if value > self.at_most else None

    def _shape(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.at_least, "maximum": self.at_most}


@dataclass(frozen=True, slots=True)
class TextField(DocumentField):
    """A text; where a pattern is given, it must match as a whole, and `must` says what is allowed."""

    pattern: str = field(default="", kw_only=True)
    code: str = field(default="bad_name", kw_only=True)
    must: str = field(default="", kw_only=True)

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read it; an empty text counts as missing where nothing is the default."""
        value = read_text(section, key, default)
        if default is None:
            return value or None
        if self.must and value and not re.fullmatch(self.pattern, value):
            section.fault(key, self.code, self.must)
        return value

    def _shape(self) -> dict[str, Any]:
        pattern = {"pattern": f"^{self.pattern}$"} if self.pattern else {}
        return {"type": "string", "maxLength": MAX_TEXT_CHARACTERS, **pattern}


def read_text(section: Section, key: str, default: Any, choices: Sequence[str] = ()) -> Any:
    """Read a text, one of the choices if there are any; after a fault the default, or an empty text."""
    value, allowed = section.given(key), f": one of {', '.join(choices)}" if choices else ""
    otherwise = "" if default is MISSING else default
    if value is None:
        if default is MISSING:
            section.fault(key, "missing", f"is missing{allowed}")
    elif not isinstance(value, str):
        section.fault(key, "wrong_type", f"must be text{allowed}")
    elif len(value) > MAX_TEXT_CHARACTERS:
        section.fault(key, "too_long", f"is longer than {MAX_TEXT_CHARACTERS:,} characters")
    elif choices and value not in choices:
        section.fault(key, "unknown_value", f"must be one of {', '.join(choices)}{nearest(value, choices)}")
    else:
        return value
    return otherwise


@dataclass(frozen=True, slots=True)
class TextsField(DocumentField):
    """A list of distinct texts."""

    at_least: int = field(default=0, kw_only=True)
    too_few: str = field(default="", kw_only=True)

    def read(self, section: Section, key: str, _default: Any) -> Any:
        """Read it as a tuple, empty where it is missing."""
        value = section.given(key)
        if value is not None and not (isinstance(value, list) and all(isinstance(it, str) and it for it in value)):
            section.fault(key, "wrong_type", "must be a list of texts")
        elif len(value or ()) > MAX_LIST or len(set(value or ())) < len(value or ()):
            section.fault(key, "bad_list", f"must hold at most {MAX_LIST:,} texts, each once")
        elif len(value or ()) < self.at_least:
            section.fault(key, "bad_list", self.too_few)
        else:
            return tuple(value or ())
        return ()

    def write(self, value: Any) -> Any:
        """Return a list."""
        return list(value)

    def _shape(self) -> dict[str, Any]:
        items = {"items": {"type": "string", "minLength": 1}, "maxItems": MAX_LIST, "uniqueItems": True}
        return {"type": "array", **items} | ({"minItems": self.at_least} if self.at_least else {})


@dataclass(frozen=True, slots=True)
class DayField(DocumentField):
    """A date: a TOML date, or text such as 2026-12-31."""

    def read(self, section: Section, key: str, _default: Any) -> Any:
        """Read it as a date."""
        value = section.given(key)
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                value = ...
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        section.fault(key, "wrong_type", "must be a date such as 2026-12-31")
        return None

    def write(self, value: date | None) -> Any:
        """Return it as text."""
        return None if value is None else value.isoformat()

    def _shape(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class FlagField(DocumentField):
    """True or false."""

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read it."""
        value = section.given(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        section.fault(key, "wrong_type", "must be true or false")
        return default

    def _shape(self) -> dict[str, Any]:
        return {"type": "boolean"}
