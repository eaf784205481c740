"""Rows of CSV and NDJSON."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any

from dog.errors import InvalidInput, NotJson
from dog.services.data.data_rows import Row, RowFault
from dog.services.data.file_dialect import STATED_IN_FILE
from dog.services.data.strict_json import parse_json
from dog.services.data.table_files import plain

MAX_FIELD_CHARACTERS = 1 << 20
MAX_LINE_CHARACTERS = 1 << 22
UNNAMED = "(no name, column "
"""How the name of a column begins that has none in the file."""


class Lines:
    """Lines of bounded length: a compressed file may hold one of any length."""

    def __init__(self, text: io.TextIOWrapper, first: int = 1) -> None:
        self._text, self._first = text, first
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        """Yield the lines."""
        for number in count(self._first):
            line = self._text.readline(MAX_LINE_CHARACTERS + 1)
            if not line:
                return
            if len(line) > MAX_LINE_CHARACTERS:
                raise InvalidInput(f"line {number} is longer than {MAX_LINE_CHARACTERS:,} characters; break it up")
            self.last = line
            yield line


class CsvRows:
    """The columns of CSV, and its rows."""

    def __init__(self, lines: Lines, delimiter: str) -> None:
        csv.field_size_limit(MAX_FIELD_CHARACTERS)
        self._lines, given = lines, iter(lines)
        first = next(given, "")
        stated = STATED_IN_FILE.fullmatch(first)
        self._before = 1 if stated else 0
        """Lines before the one that names the columns."""
        self._reader = csv.reader(given if stated else _chained(first, given), delimiter=delimiter, strict=True)
        try:
            header = next(self._reader, [])
        except csv.Error as error:
            raise InvalidInput(
                f"line {self._before + 1}, which names the columns, is not CSV: {error}; double quotes inside a name"
            ) from None
        self.columns = name_columns([plain(name.strip()) for name in header])

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows."""
        return _rows(self._reader, self._lines, self.columns, self._before + 1)


def csv_rows(lines: Lines, columns: Sequence[str], delimiter: str, line: int) -> Iterator[Row]:
    """Yield the rows of lines without the one that names the columns; the first line has a number."""
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    return _rows(csv.reader(lines, delimiter=delimiter, strict=True), lines, columns, line)


def _rows(reader: Any, lines: Lines, columns: Sequence[str], before: int) -> Iterator[Row]:
    while True:
        first = reader.line_num + before
        try:
            values = next(reader, None)
        except csv.Error as error:
            message = f"is not CSV: {error}; quote the field and double the quotes inside it"
            yield Row(first, {}, RowFault(message, cells=[lines.last.rstrip("\r\n")]))
            continue
        if values is None:
            return
        if not values:
            continue
        if len(values) != len(columns):
            message = f"has {len(values)} fields where the header names {len(columns)}"
            yield Row(first, {}, RowFault(message, cells=list(map(plain, values))))
        else:
            yield Row(first, dict(zip(columns, map(plain, values), strict=True)))


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def name_columns(names: list[str]) -> list[str]:
    """Return the names of columns, with one for those that have none; refuse none at all, and a name twice.

    Examples
    --------
    >>> name_columns(["a", ""])
    ['a', '(no name, column 2)']

    """
    if not any(names):
        raise InvalidInput("the file is empty; its first line must name the columns")
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names, 1):
        places.setdefault(name or f"{UNNAMED}{place})", []).append(place)
    twice = [f"{name!r} (columns {', '.join(map(str, where))})" for name, where in places.items() if len(where) > 1]
    if twice:
        raise InvalidInput(f"a column is named twice: {'; '.join(twice)}; rename or remove one of them")
    return list(places)


def ndjson_rows(lines: Iterable[str], first_line: int = 1) -> Iterator[Row]:
    """Yield the rows of NDJSON; the first line has a number."""
    for line, content in enumerate(lines, first_line):
        if not content.strip():
            continue
        try:
            fields: Any = parse_json(content.encode())
        except NotJson as error:
            yield Row(line, {}, RowFault(error.message.replace("the body", "it"), cells=[content.strip()]))
            continue
        if isinstance(fields, dict):
            yield Row(line, fields)
        else:
            yield Row(line, {}, RowFault("is not a JSON object", cells=[content.strip()]))
