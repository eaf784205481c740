"""JSON documents of one shape, written from columns of texts that are JSON already."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

HOLE = re.compile(rb'"\\u0000(.*?)\\u0000"')


class Hole(NamedTuple):
    """The place of a value in a template's document: the name of its column."""

    column: str


class Template:
    """A document with holes, compiled once: its text between the holes, and the column of each hole.

    Examples
    --------
    >>> template = Template.of({"rank": Hole("rank"), "factors": {"clamp": Hole("clamp"), "discomfort": 1.0}})
    >>> template.columns
    ('rank', 'clamp')
    >>> template.fill([b"1", b"0.5"])
    b'{"rank":1,"factors":{"clamp":0.5,"discomfort":1.0}}'
    >>> template.fill_some({"clamp": b"null"}).fill([b"2"])
    b'{"rank":2,"factors":{"clamp":null,"discomfort":1.0}}'

    """

    __slots__ = ("_parts", "columns")

    def __init__(self, parts: Sequence[bytes]) -> None:
        self._parts = list(parts)  # text, name of a column, text, ..., name of a column, text
        self.columns = tuple(name.decode() for name in parts[1::2])

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Template":
        """Return the template of a document that holds a `Hole` for each value that differs."""
        return cls(HOLE.split(orjson.dumps(document, default=_mark)))

    def fill(self, values: Sequence[bytes]) -> bytes:
        """Return the document with values as JSON in its holes, in the order of `columns`."""
        parts = self._parts.copy()
        parts[1::2] = values
        return b"".join(parts)

    def fill_some(self, values: Mapping[str, bytes]) -> "Template":
        """Return the template whose holes of these columns are filled."""
        parts = [b""]
        for text, column in zip(self._parts[::2], self.columns, strict=False):  # one text more than holes
            parts[-1] += text
            if column in values:
                parts[-1] += values[column]
            else:
                parts += (column.encode(), b"")
        parts[-1] += self._parts[-1]
        return Template(parts)

    def rows(self, columns: Mapping[str, Sequence[bytes]]) -> Iterator[tuple[bytes, ...]]:
        """Return the values of each document, given the values of each column."""
        return zip(*[columns[name] for name in self.columns], strict=True)


def _mark(hole: Hole) -> str:
    """Return text that JSON escapes, in the place of a hole."""
    return f"\0{hole.column}\0"


def write_list(texts: Iterable[bytes]) -> bytes:
    """Return a JSON array of values that are JSON already."""
    return b"[%b]" % b",".join(texts)


def join_objects(*texts: bytes) -> bytes:
    """Return one JSON object with the members of some, none of them empty."""
    return b"{" + b",".join([text[1:-1] for text in texts]) + b"}"
