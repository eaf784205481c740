"""JSON documents of one shape, written from a table of numbers and columns of texts that are JSON already."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import orjson

from dog.core.kernels.fill_documents import END, MEMBER, TEXT, fill_documents

NAME = rb'(?P<%b>(?:[^"\\]|\\.)*?)'
MARK = re.compile(rb'"\\u0000=%b\\u0000"|,?"\\u0000(?P<kind>[{}])%b\\u0000":0' % (NAME % b"hole", NAME % b"member"))
"""What `_mark` writes, in JSON: holes; and before and behind each optional member, a member of its own."""


class Hole(NamedTuple):
    """The place of a value in a template's document: the name of its column."""

    column: str


class OptionalMembers(NamedTuple):
    """An object whose members are left out where a number is missing: name, column of the number, and document.

    Their columns differ, and none holds another such object.
    """

    members: Sequence[tuple[str, str, Mapping[str, Any]]]


class Template:
    """The documents of a list, of one shape, with numbers and texts in their holes.

    Parameters
    ----------
    document
        Holds a `Hole` for each value that differs, and `OptionalMembers` where an object has members that differ.
    numbers
        Names of the columns of numbers; the other holes are filled with texts that are JSON already.

    Examples
    --------
    >>> template = Template({"id": Hole("id"), "score": Hole("score")}, numbers=["rank", "score"])
    >>> template.write(NumberTable(np.array([[1, 0.5], [2, np.nan]])), {"id": [b'"a"', b'"b"']})
    b'{"id":"a","score":0.5},{"id":"b","score":null}'

    """

    __slots__ = ("_holes", "_piece_ends", "_pieces", "_texts")

    def __init__(self, document: Mapping[str, Any], numbers: Sequence[str]) -> None:
        text, places = orjson.dumps(document, default=_mark), {name: place for place, name in enumerate(numbers)}
        self._texts: list[str] = []
        pieces, holes, begin = [], [], 0
        for mark in MARK.finditer(text):
            pieces.append(text[begin : mark.start()])
            begin = mark.end()
            name = orjson.loads(b'"%b"' % (mark["hole"] if mark["kind"] is None else mark["member"]))
            if mark["kind"] is None:
                holes.append(places.get(name, TEXT))
                self._texts += [name] if name not in places else []
            else:
                holes.append(END if mark["kind"] == b"}" else MEMBER - places[name])
        pieces.append(text[begin:])
        self._holes = np.array(holes, np.int64)
        self._pieces = _as_array(b"".join(pieces))
        self._piece_ends = np.cumsum([len(piece) for piece in pieces])

    def write(self, numbers: "NumberTable", texts: Mapping[str, Sequence[bytes]], rows: slice = slice(None)) -> bytes:
        """Return the documents of some rows as JSON, with commas between them.

        `texts` are the JSON of each text column, without newlines, shape (rows,) each.
        """
        first, end, _ = rows.indices(numbers.count)
        by_document = zip(*[texts[name][first:end] for name in self._texts], strict=True)
        values = [*chain.from_iterable(by_document), b""]
        if len(values) != max(end - first, 0) * len(self._texts) + 1:  # the kernel does not check
            raise ValueError(f"{numbers.count} rows need as many texts in each column")
        joined = b"\n".join(values)
        document = self._pieces, self._piece_ends, self._holes
        return fill_documents(numbers.text, numbers.width, first, end - first, *document, _as_array(joined)).tobytes()


class NumberTable:
    """Numbers as JSON, NaN as null, shape (rows, columns)."""

    __slots__ = ("count", "text", "width")

    def __init__(self, numbers: np.ndarray) -> None:
        self.count, self.width = numbers.shape
        self.text = _as_array(orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY))


def _as_array(text: bytes) -> np.ndarray:
    return np.frombuffer(text or b" ", np.uint8)  # numpy takes no empty buffer


def _mark(place: Hole | OptionalMembers) -> Any:
    """Return text that JSON escapes, in the place of a hole, and around optional members."""
    if isinstance(place, Hole):
        return f"\0={place.column}\0"
    marked: dict[str, Any] = {}
    for name, column, document in place.members:
        marked |= {f"\0{{{column}\0": 0, name: document, f"\0}}{column}\0": 0}
    return marked


def write_list(texts: Iterable[bytes]) -> bytes:
    """Return a JSON array of values that are JSON already."""
    return b"[%b]" % b",".join(texts)
