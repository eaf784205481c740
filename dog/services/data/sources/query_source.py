"""Rows of a query, from where an earlier load of them ended: nothing is lost, nothing counts twice.

With a cursor column rows come in its order, from its last stored value on, that value included: rows with an equal
value may have come since. Of those the ones that were read are left out by their digests, beyond `MOST_DIGESTS` they
are recognised by their ids.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from dog.services.data.columns.row_table import RowTable, tables_of_rows
from dog.services.data.data_rows import Row
from dog.services.data.file_dialect import Dialect
from dog.services.data.mapping.cell_words import WordReader
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.mapping.map_entries import SourceEntry
from dog.services.data.mapping.mapped_file import DERIVED_IDS, HEAD_ROWS
from dog.services.data.mapping.match_columns import join_names
from dog.services.data.mapping.row_map import EVENT_ID, RowMap
from dog.services.data.sources.cursor_query import columns_of, find_cursor, read_query
from dog.services.data.sources.database import Database
from dog.services.data.sources.database_values import plain_value, read_cursor, write_cursor
from dog.services.data.sources.typed_rows import map_typed_rows
from dog.storage.ids import digest
from dog.storage.source_places import SourcePlace, keep_source_place, read_source_place
from dog.storage.store import Store

MOST_DIGESTS = 10_000
DIGEST_BYTES = 12


@dataclass(slots=True, kw_only=True)
class QuerySource:
    """The rows of a query that are not stored yet; `rows` may be called once."""

    store: Store
    name: str
    entry: SourceEntry
    reject_path: Path
    columns: Sequence[str]
    found: Iterator[Row]
    row_map: RowMap
    place: SourcePlace
    cursor: str | None  # its column, as the database calls it
    without_cursor: int  # rows that have no value in that column
    keeps_rejects: bool
    rows_read: int = 0
    columns_before: int = 0
    dialect: Dialect = field(default_factory=Dialect)
    share_read: float = 0.0
    _last_value: Any = None  # of the cursor, of the last row that was read
    _values: deque[Any] = field(default_factory=deque)  # of the cursor, of the rows that are not stored yet

    @property
    def kind(self) -> str:
        """What its rows are."""
        return str(self.entry.kind)

    @property
    def goes_on(self) -> bool:
        """Whether a later load reads the rows after these."""
        return self.cursor is not None

    def reject_columns(self) -> Sequence[str]:
        """Return the columns of the query, and that of the ids which were given."""
        return [*self.columns, EVENT_ID] if self.row_map.derives_ids else self.columns

    def rows(self) -> Iterator[Row]:
        """Yield the rows."""
        last = read_cursor(self.place.value) if self.place.value else None
        known = {*self.place.read_rows}
        for row in self.found:
            value = row.fields[self.cursor] if self.cursor else None
            if known and value == last and self._digest(row) in known:
                continue
            self.rows_read += 1
            self._last_value = value
            mapped = self.row_map.apply(replace(row, fields=_plain(row.fields)))
            if mapped is not None:
                self._values.append(value)
                yield mapped

    def tables(self) -> Iterator[RowTable]:
        """Yield the rows as tables."""
        return tables_of_rows(self.rows(), FILE_COLUMNS[self.kind].names)

    def stored(self, rows: Sequence[Row]) -> None:
        """Keep how far the source is stored."""
        values = [self._values.popleft() for _ in rows]
        if self.cursor is None or not values:
            return
        written = write_cursor(self.cursor, values[-1])
        known = self.place.read_rows if written == self.place.value else ()
        equal = [self._digest(row) for row, value in zip(rows, values, strict=True) if value == values[-1]]
        self.place = replace(self.place, value=written, read_rows=(*known, *equal)[:MOST_DIGESTS])
        keep_source_place(self.store, self.name, self.place)

    def end(self) -> SourcePlace:
        """Return how far the source is read once all of its rows are stored: past rows that its map leaves out, too."""
        if self.cursor is not None and self._last_value is not None:
            written = write_cursor(self.cursor, self._last_value)
            if written != self.place.value:
                self.place = replace(self.place, value=written, read_rows=())
        return self.place

    def _digest(self, row: Row) -> str:
        """Return a digest of a row as it was read."""
        given = row.fields if row.original is None else row.original
        values = [plain_value(given[name]) for name in self.columns]
        written = orjson.dumps(values, default=str).decode()
        return digest(self.store.tenant.secret, written, DIGEST_BYTES).hex()

    def notes(self) -> list[str]:
        """Return how columns were renamed or ignored, and how many rows have no place in the order."""
        match = self.row_map.match
        lines = []
        if match.renamed:
            lines.append(f"columns: {join_names([f'{old} -> {new}' for old, new in match.renamed.items()], 30)}")
        if match.ignored:
            lines.append(f"columns ignored: {join_names(match.ignored, 30)}")
        if self.row_map.derives_ids:
            lines.append(DERIVED_IDS)
        words = [reader.advice() for _, reader in self.row_map.readers if isinstance(reader, WordReader)]
        lines += filter(None, words)
        if self.without_cursor:
            lines.append(f"rows not read, as they have no value in {self.cursor}: {self.without_cursor:,}")
        return lines

    def found_options(self) -> Mapping[str, Any]:
        """Return the formats that are stated: they are needed for the rejected rows as well."""
        stated = {"decimal": self.entry.decimal, "date_format": self.entry.date_format}
        return {name: value for name, value in stated.items() if value is not None}


@contextmanager
def open_query(
    store: Store, name: str, entry: SourceEntry, reject_path: Path, *, table: str = ""
) -> Iterator[QuerySource]:
    """Connect to the database of a source, and find how the rows of its query are mapped.

    Parameters
    ----------
    name
        Under which the place of the source is kept.
    reject_path
        Its file of rejected rows.
    table
        The table of `dog.toml` that errors name; by default that of the source.

    Raises
    ------
    InvalidInput
        The database cannot be reached or read, or the rows cannot be mapped.

    """
    settings = digest(store.tenant.secret, orjson.dumps([entry.kind, entry.query, entry.cursor]).decode()).hex()
    place = read_source_place(store, name)
    if place.settings != settings:
        place = SourcePlace(settings=settings)
    with Database(entry.url).read() as connection:
        cursor, without = find_cursor(connection, entry.query, entry.cursor) if entry.cursor else (None, 0)
        last = read_cursor(place.value) if place.value else None
        with read_query(connection, entry.query, cursor, last) as result:
            columns = columns_of(result)
            found = (Row(line, dict(zip(columns, values, strict=True))) for line, values in enumerate(result, 1))
            head = list(islice(found, HEAD_ROWS))
            plain = (replace(row, fields=_plain(row.fields)) for row in head)
            yield QuerySource(
                store=store,
                name=name,
                entry=entry,
                reject_path=reject_path,
                columns=columns,
                found=chain(head, found),
                row_map=map_typed_rows(
                    str(entry.kind), columns, plain, entry, table=table or f"sources.{name}", cursor=cursor
                ),
                place=place,
                cursor=cursor,
                without_cursor=without,
                keeps_rejects=place.value is not None,
            )


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain_value(value) for name, value in fields.items()}
