"""JSON documents of one shape, written from columns of texts that are JSON already."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

HOLE = re.compile(rb'"\\u0000(.*?)\\u0000"')


class Hole(NamedTuple):
    """The place of a value in a template's document: the name of its column."""

    column: str


class Template:
    """A document with holes, compiled once: its text between the holes, and the column of each hole.

    `pattern` is the text of a single document, to be completed by `%` with its values in their order.

    Examples
    --------
    >>> template = Template({"rank": Hole("rank"), "factors": {"clamp": Hole("clamp"), "discomfort": 1.0}})
    >>> template.write({"rank": [b"1", b"2"], "clamp": [b"0.5", b"null"]}, 2)
    [b'{"rank":1,"factors":{"clamp":0.5,"discomfort":1.0}}', b'{"rank":2,"factors":{"clamp":null,"discomfort":1.0}}']

    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        parts = HOLE.split(orjson.dumps(document, default=_mark))
        self.pattern = b"%b".join(text.replace(b"%", b"%%") for text in parts[::2])
        self._columns = [name.decode() for name in parts[1::2]]
        self._row = parts  # text, hole, text, ..., hole, text

    def write(self, columns: Mapping[str, Sequence[bytes]], count: int) -> list[bytes]:
        """Return the text of each row; a column holds the JSON of each row's value, shape (rows,)."""
        width = len(self._row)
        parts = self._row * count
        for place, name in enumerate(self._columns):
            parts[2 * place + 1 :: width] = columns[name]
        return [b"".join(parts[first : first + width]) for first in range(0, width * count, width)]


def _mark(hole: Hole) -> str:
    """Return text that JSON escapes, in the place of a hole."""
    return f"\0{hole.column}\0"


def write_list(texts: Iterable[bytes]) -> bytes:
    """Return a JSON array of values that are JSON already."""
    return b"[%b]" % b",".join(texts)


def join_objects(*texts: bytes) -> bytes:
    """Return one JSON object with the members of some, none of them empty."""
    return b"{" + b",".join([text[1:-1] for text in texts]) + b"}"
