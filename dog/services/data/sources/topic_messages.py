"""Messages of Kafka as rows: JSON objects, mapped as rows of a file; and the file of those that were rejected."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from dog.errors import InvalidInput, NotJson
from dog.services.data.data_rows import Row, RowFault
from dog.services.data.mapping.map_entries import TopicEntry
from dog.services.data.mapping.row_map import RowMap
from dog.services.data.row_values import RowOutcome
from dog.services.data.sources.typed_rows import map_typed_rows
from dog.services.data.strict_json import parse_json
from dog.storage.event_log import Status

MAX_SHAPES = 1_000
"""Sets of names for which it is kept how messages with them are mapped."""


class MessageReader:
    """Reads the messages of one topic; each set of names is mapped once, as the columns of a file are."""

    def __init__(self, name: str, entry: TopicEntry) -> None:
        self._kind, self._entry, self._table = str(entry.kind), entry, f"topics.{name}"
        self._known: dict[tuple[str, ...], RowMap] = {}

    def read(self, line: int, place: str, content: bytes) -> Row | None:
        """Return the row of a message; `place` is the id of an event that has none."""
        try:
            document: Any = parse_json(content)
        except NotJson as error:
            return _unreadable(line, content, error.message.replace("the body", "the message"))
        if not isinstance(document, dict):
            return _unreadable(line, content, "the message is not a JSON object")
        fields = flatten(document)
        try:
            return self._row_map(tuple(fields)).apply(Row(line, fields), place)
        except InvalidInput as error:
            return Row(line, {}, RowFault(error.message, error.code), original=fields)

    def _row_map(self, names: tuple[str, ...]) -> RowMap:
        found = self._known.get(names)
        if found is None:
            if len(self._known) >= MAX_SHAPES:
                self._known.clear()
            found = self._known[names] = map_typed_rows(self._kind, names, (), self._entry, table=self._table)
        return found


def _unreadable(line: int, content: bytes, message: str) -> Row:
    return Row(line, {}, RowFault(message, cells=[content.decode(errors="replace")]))


def flatten(document: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the values of nested objects under names with dots.

    Examples
    --------
    >>> flatten({"deal": {"id": 7, "tags": ["a"]}})
    {'deal.id': 7, 'deal.tags': ['a']}

    """
    flat: dict[str, Any] = {}
    for name, value in document.items():
        flat |= flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def write_rejected(path: Path, places: Sequence[str], rows: Sequence[Row], results: Sequence[RowOutcome]) -> None:
    """Add the messages that were rejected to an NDJSON file, which can be fixed and loaded."""
    lines = []
    for place, row, result in zip(places, rows, results, strict=True):
        if result.status is Status.REJECTED:
            content = row.original or row.fields or {"message": "".join(row.fault.cells if row.fault else ())}
            reason = {"line": place, "code": result.code, "reason": result.message}
            lines.append(orjson.dumps({**reason, **content}, option=orjson.OPT_APPEND_NEWLINE, default=str))
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(b"".join(lines))
