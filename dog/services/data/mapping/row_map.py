"""Rows of a file as rows of the contract: columns renamed, words, numbers and times read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

import orjson

from dog.errors import InvalidInput
from dog.services.data.columns.row_table import RowTable
from dog.services.data.data_rows import Row, RowFault
from dog.services.data.mapping.cell_numbers import DecimalEvidence
from dog.services.data.mapping.cell_times import TimeEvidence, parse_time_format
from dog.services.data.mapping.cell_words import LeftOut, WordEvidence, WordReader
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.mapping.map_entries import RowMapping
from dog.services.data.mapping.match_columns import ColumnMatch
from dog.services.data.mapping.salesforce_ids import SalesforceIdReader

EVENT_ID = "event_id"
Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMap:
    """What is done to each row of a file."""

    match: ColumnMatch
    readers: Sequence[tuple[str, Reader]]  # each with its column of the contract, in the order of reading
    constants: Mapping[str, str]
    derives_ids: bool  # whether the rows are events without a column of ids
    keeps_new: bool  # whether columns that the head of the file does not have are kept: rows of NDJSON have their own

    @property
    def is_plain(self) -> bool:
        """Return whether rows stay as they are."""
        return not (self.match.renamed or self.match.ignored or self.readers or self.constants or self.derives_ids)

    @property
    def keeps_values(self) -> bool:
        """Return whether values stay as they are: columns are renamed, left out or added at most."""
        return not (self.readers or self.derives_ids)

    def apply(self, row: Row, own_id: str | None = None) -> Row | None:
        """Return a row of the contract, which keeps the original; one that cannot be read has the fault instead.

        An event without an id gets `own_id`, else one of its content, which the original has as well. None where the
        map leaves the row out.
        """
        if row.fault is not None:
            return row
        given = row.fields
        fields = {target: given[source] for source, target in self.match.targets.items() if source in given}
        if self.keeps_new:
            fields |= {name: given[name] for name in given.keys() - self.match.targets.keys() - {*self.match.ignored}}
        fields |= self.constants
        try:
            for column, read in self.readers:
                value = fields.get(column)
                if value is not None and value != "":
                    fields[column] = read(value)
        except LeftOut:
            return None
        except InvalidInput as error:
            code = "invalid_row" if error.code == InvalidInput.code else error.code
            fault = RowFault(error.message, code, event_id=fields.get(EVENT_ID))
            return Row(row.line, {}, fault, original=self._with_id(given, given, own_id))
        if self.derives_ids and not fields.get(EVENT_ID):
            given = self._with_id(given, fields, own_id)
            fields[EVENT_ID] = given[EVENT_ID]
        return Row(row.line, fields, original=given)

    def _with_id(self, given: dict[str, Any], content: Mapping[str, Any], own_id: str | None) -> dict[str, Any]:
        """Return what a source has, with the id of an event that has none: `own_id`, else one of the content."""
        return {**given, EVENT_ID: own_id or derive_event_id(content)} if self.derives_ids else given


def derive_event_id(fields: Mapping[str, Any], prefix: str = "row_") -> str:
    """Return the id of an event that has none: a digest of its content, so that the same row has the same id.

    Examples
    --------
    >>> derive_event_id({"type": "win", "contact_id": "c1"}) == derive_event_id({"contact_id": "c1", "type": "win"})
    True

    """
    written = orjson.dumps(fields, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return f"{prefix}{blake2b(written, digest_size=16).hexdigest()}"


class TextReader:
    """Reads numbers and dates in a column of texts as text."""

    def __call__(self, value: Any) -> Any:
        """Return the text."""
        if isinstance(value, bool):
            return str(value).lower()
        return str(value) if isinstance(value, int | float | date) else value

    def __str__(self) -> str:
        """Return what a summary says of it: nothing."""
        return ""


class FileEvidence:
    """What the values of a file tell of how its columns are written."""

    def __init__(
        self, kind: str, match: ColumnMatch, *, typed_cells: bool, dots_are_points: bool, is_whole: bool
    ) -> None:
        """`typed_cells`: the values have kinds, as those of a workbook; see `DecimalEvidence` and `TimeEvidence`."""
        columns = FILE_COLUMNS[kind]
        self.sources = {target: source for source, target in match.targets.items()}
        takes_times = kind != "feedback" or EVENT_ID in self.sources  # an id is derived of the time as text
        self.times = {
            name: TimeEvidence(
                name,
                takes_days=columns.takes_days,
                takes_times=takes_times,
                serials=typed_cells,
                is_whole=is_whole,
            )
            for name in columns.times
            if name in self.sources
        }
        self.numbers = {
            name: DecimalEvidence(name, dots_are_points=dots_are_points)
            for name in columns.numbers
            if name in self.sources
        }
        self.texts = [
            name
            for name in (columns.names if typed_cells else ())
            if name in self.sources and name not in columns.times and name not in columns.numbers
        ]
        self.words = {name: WordEvidence(words) for name, words in columns.choices.items() if name in self.sources}

    def add(self, rows: Iterable[Row]) -> None:
        """Take note of rows."""
        noted = [(self.sources[name], it.add) for name, it in (self.times | self.numbers | self.words).items()]
        for row in rows:
            for source, add in noted:
                value = row.fields.get(source)
                if value is not None and value != "":
                    add(row.line, value)

    def add_tables(self, tables: Iterable[RowTable]) -> None:
        """Take note of the rows of tables, of equal values of a column once a table."""
        noted = [(self.sources[name], it.add) for name, it in (self.times | self.numbers | self.words).items()]
        for table in tables:
            for source, add in noted:
                for line, value in table.first_values(source):
                    if value is not None and value != "":
                        add(line, value)

    @property
    def is_foreign(self) -> bool:
        """Return whether any value is written in a way that an import does not take."""
        return any(any(it.is_foreign for it in columns.values()) for columns in (self.times, self.numbers, self.words))


def build_row_map(
    kind: str,
    match: ColumnMatch,
    mapping: RowMapping,
    evidence: FileEvidence,
    *,
    keeps_new: bool,
    table: str = "",
) -> RowMap:
    """Return the map of a file; raise `InvalidInput` where its numbers or dates are ambiguous.

    `table` of `dog.toml` states it, by default that of files of the kind.
    """
    form = parse_time_format(mapping.date_format) if mapping.date_format else None
    columns = FILE_COLUMNS[kind]
    foreign = {name: mapping.values.get(name, {}) for name, words in evidence.words.items() if words.is_foreign}
    readers: list[tuple[str, Reader | None]] = [
        *((name, TextReader()) for name in evidence.texts),
        *(
            (
                name,
                WordReader(
                    table or f"files.{kind}",
                    name,
                    stated,
                    columns.choices.get(name, ()),
                    is_required=name in columns.required,
                ),
            )
            for name, stated in (foreign | {**mapping.values}).items()
        ),
        *((name, it.reader(mapping.decimal)) for name, it in evidence.numbers.items()),
        *((name, it.reader(form)) for name, it in evidence.times.items()),
        *((name, SalesforceIdReader(name)) for name in columns.names if mapping.ids and name.endswith("_id")),
    ]
    return RowMap(
        match=match,
        readers=[(name, read) for name, read in readers if read is not None],
        constants=mapping.constants,
        derives_ids=kind == "feedback" and EVENT_ID not in {*match.targets.values(), *mapping.constants},
        keeps_new=keeps_new,
    )
