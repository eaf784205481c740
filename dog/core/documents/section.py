"""A strict reading of a JSON-like document: every fault is gathered with its JSON pointer, none is raised."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, TypeVar

from dog.errors import InputFault

MAX_FAULTS = 100
MAX_TEXT_CHARACTERS = 2000
MAX_LIST = 1000
MAX_KEY_CHARACTERS = 200
MAX_NUMBER = 1e300

Choice = TypeVar("Choice", bound=str)


def escape(key: object) -> str:
    """Write one step of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def nearest(name: str, names: Iterable[str]) -> str:
    """Suggest the closest known name, as the end of a sentence; empty if none is close.

    >>> nearest("product.catgory", ["product.category", "product.value"])
    '; did you mean product.category?'

    """
    found = get_close_matches(name[:200], list(names), n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


@dataclass(slots=True)
class Section:
    """One table of a document, read key by key; after a fault the reading goes on with the default.

    Parameters
    ----------
    table
        The table itself.
    pointer
        Where it stands in the document.
    faults
        What is wrong in the whole document, shared by all its sections; at most 100 are kept.
    known
        Keys asked for so far; `close` reports the others.

    Examples
    --------
    >>> section = Section({"weight": True, "wieght": 1}, "/models/cf")
    >>> section.number("weight", 1.0)
    1.0
    >>> section.close()
    >>> print(*section.faults, sep="; ")
    /models/cf/weight: must be a number; /models/cf/wieght: unknown key; did you mean weight?

    """

    table: Mapping[str, Any]
    pointer: str = ""
    faults: list[InputFault] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    def fault(self, key: str | None, code: str, message: str, column: int | None = None) -> None:
        """Note what is wrong with a key, or with the whole table."""
        pointer = self.pointer if key is None else f"{self.pointer}/{escape(key[:MAX_KEY_CHARACTERS])}"
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(InputFault(pointer, code, message, column=column))

    def given(self, key: str) -> Any:
        """Look up a key as it came, `None` where it is missing."""
        self.known.add(key)
        return self.table.get(key)

    def number(
        self,
        key: str,
        default: float,
        *,
        above: float = -math.inf,
        at_least: float = -math.inf,
        at_most: float = math.inf,
    ) -> float:
        """Read a finite number; true and false are none."""
        value = self.given(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(key, "wrong_type", "must be a number")
        elif not (abs(value) <= MAX_NUMBER and above < value <= at_most and at_least <= value):
            self.fault(key, "out_of_range", f"must be a finite number{_bounds(above, at_least, at_most)}")
        else:
            return float(value)
        return default

    def whole(self, key: str, *, at_least: int, at_most: int, default: int | None = None) -> int:
        """Read a whole number; without a default it must be there."""
        value = self.given(key)
        if value is None and default is not None:
            return default
        if value is None:
            self.fault(key, "missing", f"is missing: a whole number from {at_least:,} to {at_most:,}")
        elif isinstance(value, bool) or not isinstance(value, int) or not at_least <= value <= at_most:
            self.fault(key, "out_of_range", f"must be a whole number from {at_least:,} to {at_most:,}")
        else:
            return value
        return at_least

    def text(self, key: str, default: str | None = None, *, choices: Sequence[str] | None = None) -> str:
        """Read a text, one of the choices if given; without a default it must be there."""
        value = self.given(key)
        if value is None:
            if default is None:
                self.fault(key, "missing", f"is missing{_one_of(choices)}")
            return default or ""
        if not isinstance(value, str):
            self.fault(key, "wrong_type", f"must be text{_one_of(choices)}")
        elif len(value) > MAX_TEXT_CHARACTERS:
            self.fault(key, "too_long", f"is longer than {MAX_TEXT_CHARACTERS:,} characters")
        elif choices is not None and value not in choices:
            self.fault(key, "unknown_value", f"must be one of {', '.join(choices)}{nearest(value, choices)}")
        else:
            return value
        return default or ""

    def choice(self, key: str, default: Choice, choices: Sequence[Choice]) -> Choice:
        """Read one of the choices."""
        value = self.text(key, default, choices=choices)
        return next((choice for choice in choices if choice == value), default)

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of distinct texts, empty where it is missing."""
        value = self.given(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            self.fault(key, "wrong_type", "must be a list of texts")
        elif len(value) > MAX_LIST or len(set(value)) < len(value):
            self.fault(key, "bad_list", f"must hold at most {MAX_LIST:,} texts, each once")
        else:
            return tuple(value)
        return ()

    def day(self, key: str) -> date | None:
        """Read a date: a TOML date, or text such as 2026-12-31."""
        value = self.given(key)
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                value = ...
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.fault(key, "wrong_type", "must be a date such as 2026-12-31")
        return None

    def flag(self, key: str) -> bool | None:
        """Read true or false."""
        value = self.given(key)
        if value is None or isinstance(value, bool):
            return value
        self.fault(key, "wrong_type", "must be true or false")
        return None

    def section(self, key: str) -> "Section":
        """Read a table, empty where it is missing."""
        value = self.given(key)
        if value is not None and not isinstance(value, Mapping):
            self.fault(key, "wrong_type", "must be a table")
            value = None
        return Section(value or {}, f"{self.pointer}/{escape(key)}", self.faults)

    def sections(self, key: str, at_most: int) -> "list[Section]":
        """Read a list of tables, empty where it is missing."""
        value = self.given(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            self.fault(key, "wrong_type", "must be a list of tables")
            return []
        if len(value) > at_most:
            self.fault(key, "too_many", f"has {len(value):,} entries; {at_most:,} are the most")
            return []
        pointer = f"{self.pointer}/{escape(key)}"
        return [Section(item, f"{pointer}/{place}", self.faults) for place, item in enumerate(value)]

    def close(self) -> None:
        """Report every key that nobody asked for."""
        for key in self.table:
            if len(self.faults) >= MAX_FAULTS:
                return
            if key not in self.known:
                self.fault(str(key), "unknown_key", f"unknown key{nearest(str(key), self.known)}")


def _bounds(above: float, at_least: float, at_most: float) -> str:
    bounds = [
        f"{words} {bound:g}"
        for words, bound in (("above", above), ("of at least", at_least), ("of at most", at_most))
        if math.isfinite(bound)
    ]
    return f" {' and '.join(bounds)}" if bounds else ""


def _one_of(choices: Sequence[str] | None) -> str:
    return f": one of {', '.join(choices)}" if choices else ""
