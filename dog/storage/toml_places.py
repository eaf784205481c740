"""Find the places of keys in a TOML text, which the standard reader does not return.

The text must be valid: `tomllib` has accepted it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from dog.core.documents.section import escape

_BLANK = re.compile(r"(?:[\s,]|#[^\n]*)*")
_KEY = re.compile(r'[ \t]*("(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+)[ \t]*(\.?)')
_TRIPLE = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}', flags=re.DOTALL)
_SINGLE = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_SCALAR = re.compile(r"[^,\]}#\n]*")
_ESCAPE = re.compile(r"\\(?:u.{4}|U.{8}|[ \t\r]*\n\s*|.)", flags=re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Place of a key and of its value, in characters from the start of the text."""

    key: int
    value: int


def find_places(text: str, wanted: Collection[str]) -> dict[str, Place]:
    r"""Return the places of keys, tables or entries of lists in valid TOML, by JSON pointer.

    All wanted pointers must exist; after the last, the text is not read on. The result has others on the way, too.

    Examples
    --------
    >>> find_places("[a]\nb = {c = 1}", ["/a/b/c"])["/a/b/c"]
    Place(key=9, value=13)

    """
    scanner = _Scanner(text=text, missing=set(wanted) - {""})
    scanner.document()
    return scanner.places


def place_in_string(text: str, value: int, characters: int) -> int:
    r"""Return the place of a character of a string in the TOML text, where an escape is several characters.

    `value` is the place of the opening quote, `characters` the number of characters of the content before this one.

    Examples
    --------
    >>> place_in_string(r'a = "x\ty"', 4, 2)
    8

    """
    triple = text.startswith(('"""', "'''"), value)
    position = value + (3 if triple else 1)
    if triple:
        position += 2 if text.startswith("\r\n", position) else text.startswith("\n", position)
    for _ in range(characters):
        escaped = _ESCAPE.match(text, position) if text[value] == '"' else None
        if escaped is not None and escaped[0].rstrip(" \t\r\n") == "\\":
            # a line that ends in a backslash spells nothing
            position = escaped.end()
            escaped = _ESCAPE.match(text, position)
        position = escaped.end() if escaped else position + 1
    return position


@dataclass(slots=True, kw_only=True)
class _Scanner:
    text: str
    missing: set[str]
    places: dict[str, Place] = field(default_factory=dict)
    list_lengths: dict[str, int] = field(default_factory=dict)
    position: int = 0

    def document(self) -> None:
        table = ""
        while self.missing and self._go_on():
            if self.text[self.position] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _note(self, pointer: str, place: Place) -> None:
        self.places[pointer] = place
        self.missing.discard(pointer)

    def _go_on(self) -> bool:
        blank = _BLANK.match(self.text, self.position)
        self.position = blank.end() if blank else self.position
        return self.position < len(self.text)

    def _header(self) -> str:
        start, is_list = self.position, self.text.startswith("[[", self.position)
        self.position += 2 if is_list else 1
        pointer = self._keys("", start)
        if is_list:
            pointer = self._next_entry(pointer, start)
        self.position = self.text.index("]", self.position) + (2 if is_list else 1)
        return pointer

    def _next_entry(self, pointer: str, start: int) -> str:
        number = self.list_lengths.get(pointer, 0)
        self.list_lengths[pointer] = number + 1
        self._note(f"{pointer}/{number}", Place(start, start))
        return f"{pointer}/{number}"

    def _keys(self, pointer: str, start: int) -> str:
        """Read a dotted key; each step on the way is a table, or the last entry of a list."""
        while (match := _KEY.match(self.text, self.position)) is not None:
            if (length := self.list_lengths.get(pointer)) is not None:
                pointer = f"{pointer}/{length - 1}"
            key = match[1][1:-1] if match[1][0] in "\"'" else match[1]
            pointer = f"{pointer}/{escape(key)}"
            if pointer not in self.places:
                self._note(pointer, Place(start, start))
            self.position = match.end()
            if not match[2]:
                break
        return pointer

    def _pair(self, table: str) -> None:
        start = self.position
        pointer = self._keys(table, start)
        self.position = self.text.index("=", self.position) + 1
        self._go_on()
        self._note(pointer, Place(start, self.position))
        self._value(pointer)

    def _value(self, pointer: str) -> None:
        opening = self.text[self.position]
        if opening in "[{":
            self._inside(pointer, opening)
            return
        triple = self.text.startswith(('"""', "'''"), self.position)
        pattern = _TRIPLE if triple else _SINGLE if opening in "\"'" else _SCALAR
        match = pattern.match(self.text, self.position)
        self.position = match.end() if match else self.position + 1

    def _inside(self, pointer: str, opening: str) -> None:
        self.position += 1
        while self.missing and self._go_on() and self.text[self.position] not in "]}":
            if opening == "{":
                self._pair(pointer)
            else:
                self._value(self._next_entry(pointer, self.position))
        self.position += 1
