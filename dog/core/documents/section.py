"""One table of a JSON-like document: its faults are collected with their JSON pointers, none is raised."""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from dog.errors import InputFault

MAX_FAULTS = 100
MAX_KEY_CHARACTERS = 200


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
    """A table that is read key by key; after a fault the reading continues.

    Examples
    --------
    >>> section = Section({"wieght": 1}, "/models/cf")
    >>> section.given("weight") is None
    True
    >>> section.close()
    >>> print(*section.faults)
    /models/cf/wieght: unknown key; did you mean weight?

    """

    table: Mapping[str, Any]  # the table itself
    pointer: str = ""  # its place in the document
    # the faults of the whole document, shared by all its sections; at most 100 are kept
    faults: list[InputFault] = field(default_factory=list)
    _: KW_ONLY
    names: tuple[str, ...] = ()  # names that fields of the document may refer to: the policy's models
    # whether the class that is read reports values out of range, by name and after the unknown keys; else each
    # field reports them while it is read
    ranges_last: bool = False
    known: set[str] = field(default_factory=set)  # keys read so far; `close` reports the others

    def fault(self, key: str | None, code: str, message: str) -> None:
        """Note a fault of a key, or of the whole table."""
        pointer = self.pointer if key is None else f"{self.pointer}/{escape(key[:MAX_KEY_CHARACTERS])}"
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(InputFault(pointer, code, message))

    def given(self, key: str) -> Any:
        """Return a value as it came, `None` where it is missing; a null is a fault, as it may mean anything."""
        value = self.table.get(key)
        if value is None and key in self.table and key not in self.known:
            self.fault(key, "wrong_type", "is null; leave it out for its default")
        self.known.add(key)
        return value

    def section(self, key: str) -> "Section":
        """Return an inner table, empty where it is missing."""
        value = self.given(key)
        if value is not None and not isinstance(value, Mapping):
            self.fault(key, "wrong_type", "must be a table")
            value = None
        return self._inner(value or {}, escape(key))

    def sections(self, key: str, at_most: int) -> "list[Section]":
        """Return a list of inner tables, empty where it is missing."""
        value = self.given(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            self.fault(key, "wrong_type", "must be a list of tables")
            return []
        if len(value) > at_most:
            self.fault(key, "too_many", f"has {len(value):,} entries; {at_most:,} are the most")
            return []
        return [self._inner(item, f"{escape(key)}/{place}") for place, item in enumerate(value)]

    def _inner(self, table: Mapping[str, Any], step: str) -> "Section":
        return replace(self, table=table, pointer=f"{self.pointer}/{step}", known=set())

    def close(self) -> None:
        """Report every key that was not read."""
        for key in self.table:
            if len(self.faults) >= MAX_FAULTS:
                return
            if key not in self.known:
                self.fault(str(key), "unknown_key", f"unknown key{nearest(str(key), self.known)}")
