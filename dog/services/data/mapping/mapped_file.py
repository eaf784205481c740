"""Open a file of a kind: find how it is written, and map its rows to those of the contract."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from dog.errors import InvalidInput
from dog.services.data.columns.gather_tables import gather_tables
from dog.services.data.columns.row_table import RowTable, table_of_rows, tables_of_rows
from dog.services.data.data_rows import Row
from dog.services.data.file_dialect import FALLBACK, Dialect
from dog.services.data.mapping.cell_numbers import DecimalReader
from dog.services.data.mapping.cell_times import SLASHED, TimeReader
from dog.services.data.mapping.cell_words import WordReader
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.mapping.find_dialect import find_dialect
from dog.services.data.mapping.map_entries import PLAIN, FileEntry
from dog.services.data.mapping.match_columns import IGNORED, ColumnMatch, join_names, match_columns
from dog.services.data.mapping.reject_names import rejected_path
from dog.services.data.mapping.row_map import FileEvidence, RowMap, build_row_map
from dog.services.data.read_rows import DataFile, with_name

HEAD_ROWS = 2_000
"""Rows that decide whether a file is written as the contract has it; if not, all its rows are looked at."""
REJECT_COLUMNS = ("line", "code", "reason")
"""First columns of a file of rejected rows; they are ignored when it is loaded."""
MAX_SHOWN = 30
GATHERED = frozenset({"scores", "transactions"})
"""Kinds of rows that are merged by contact, and have known columns only; products and contacts keep any column."""
DERIVED_IDS = "event_id: a digest of each row's content, as no column has it; equal rows are one event"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedFile:
    """A file whose rows are those of the contract."""

    kind: str
    data: DataFile
    columns: Sequence[str]  # as the file has them; none for NDJSON, whose rows have names of their own
    columns_before: int  # number of columns before them, of a file of rejected rows
    row_map: RowMap
    sample: str  # a text of the file beyond ASCII, empty where there is none
    goes_on: bool = False
    keeps_rejects: bool = False

    @property
    def name(self) -> str:
        """The file's name."""
        return self.data.path.name

    @property
    def reject_path(self) -> Path:
        """The file of rejected rows."""
        return rejected_path(self.data.path)

    @property
    def dialect(self) -> Dialect:
        """How the file is written."""
        return self.data.dialect

    @property
    def share_read(self) -> float:
        """The share of the bytes that was read."""
        return self.data.share_read

    def reject_columns(self) -> Sequence[str]:
        """Return the columns as the file has them: those in all rows of NDJSON, which has no head."""
        names = self.columns or (
            name for row in DataFile(self.data.path, self.data.dialect).rows() for name in row.fields
        )
        return list(dict.fromkeys(names))

    def stored(self, rows: Sequence[Row]) -> None:
        """Do nothing: a load that was killed starts again from the first row."""

    def rows(self) -> Iterator[Row]:
        """Yield the rows, but those that the map leaves out."""
        rows = self.data.rows(leave_empty=self.kind == "feedback")
        if self.row_map.is_plain:
            return rows
        return (mapped for mapped in map(self.row_map.apply, rows) if mapped is not None)

    def tables(self) -> Iterator[RowTable]:
        """Yield the rows as tables: by columns where these suffice to import and to map them."""
        names = FILE_COLUMNS[self.kind].names
        if not self.row_map.keeps_values:
            yield from tables_of_rows(self.rows(), names)
            return
        tables = map(self._map_table, self.data.tables(names))
        yield from gather_tables(tables) if self.kind in GATHERED else tables

    def again(self) -> "MappedFile":
        """Return the file to be read once more: what its readers count for the summary is not counted twice."""
        return replace(self, row_map=deepcopy(self.row_map))

    def _map_table(self, table: RowTable) -> RowTable:
        if self.row_map.is_plain:
            return table
        if table.given:
            mapped = [row for row in map(self.row_map.apply, table.given) if row is not None]
            return table_of_rows(mapped, FILE_COLUMNS[self.kind].names, table.first)
        return table.renamed(self.row_map.match.targets, self.row_map.constants)

    def found_options(self) -> dict[str, Any]:
        """Return the formats that were found in the values and that a part of them may not tell again."""
        readers = [reader for _, reader in self.row_map.readers]
        names = {name for it in readers if isinstance(it, TimeReader) for name in it.form.name.split(" or ")}
        slashed = names.intersection(SLASHED.values())
        decimals = {it.decimal for it in readers if isinstance(it, DecimalReader)}
        found = {"date_format": slashed.pop()} if len(slashed) == 1 else {}
        return found | ({"decimal": decimals.pop()} if len(decimals) == 1 else {})

    def notes(self) -> list[str]:
        """Return what a summary says of how the file was read; nothing of one that is as the contract has it."""
        found = [] if self.data.dialect.is_plain else [str(self.data.dialect)]
        if self.data.dialect.encoding == FALLBACK and self.sample:
            found[0] = found[0].replace(FALLBACK, f"{FALLBACK} (such as {self.sample})")
        found += [str(reader) for _, reader in self.row_map.readers if str(reader)]
        lines = [f"read as {', '.join(found)}"] if found else []
        match = self.row_map.match
        if match.renamed:
            renamed = [f"{source} -> {target}" for source, target in match.renamed.items()]
            lines.append(f"columns: {join_names(renamed, MAX_SHOWN)}")
        if self.row_map.derives_ids:
            lines.append(DERIVED_IDS)
        ignored = match.ignored[self.columns_before :]
        if ignored:
            lines.append(f"columns ignored: {join_names(ignored, MAX_SHOWN)}")
        words = [reader.advice() for _, reader in self.row_map.readers if isinstance(reader, WordReader)]
        return [*lines, *filter(None, words)]


def open_mapped(kind: str, path: Path, entry: FileEntry = PLAIN) -> MappedFile:
    """Open a file of a kind.

    Parameters
    ----------
    kind
        One of `FILE_COLUMNS`.
    entry
        What is stated of it; the rest is found in its names and values.

    Raises
    ------
    InvalidInput
        It cannot be read, lacks a column, or its numbers or dates may mean two things: one message for the file.

    """
    data = DataFile(path)
    try:
        data.dialect = find_dialect(data, kind, entry)
        columns = data.columns()
        head = list(islice(data.rows(), HEAD_ROWS))
        if data.kind == "ndjson":
            columns = list(dict.fromkeys(name for row in head for name in row.fields))
        own = len(REJECT_COLUMNS) if tuple(columns[: len(REJECT_COLUMNS)]) == REJECT_COLUMNS else 0
        stated = {**entry.columns, **dict.fromkeys(columns[:own], IGNORED)}
        match = match_columns(kind, columns, stated, entry.constants) if columns else ColumnMatch({})
        row_map = _find_map(kind, data, entry, match, head, is_whole=not own)
    except InvalidInput as error:
        raise with_name(error, path) from None
    return MappedFile(
        kind=kind,
        data=data,
        columns=[] if data.kind == "ndjson" else columns[own:],
        columns_before=own,
        row_map=row_map,
        sample=_find_sample(columns, head),
    )


def _find_map(
    kind: str, data: DataFile, entry: FileEntry, match: ColumnMatch, head: Sequence[Row], *, is_whole: bool
) -> RowMap:
    columns = list(match.targets)
    evidence = FileEvidence(
        kind,
        match,
        typed_cells=data.kind == "xlsx",
        dots_are_points=data.dialect.delimiter == ",",
        is_whole=is_whole,
    )
    evidence.add(head)
    if evidence.is_foreign or match.renamed or not data.dialect.is_plain or entry.decimal:
        if kind in GATHERED:
            evidence.add_tables(data.tables(columns))
        else:
            evidence.add(islice(data.rows(), HEAD_ROWS, None))
    return build_row_map(kind, match, entry, evidence, keeps_new=data.kind == "ndjson")


def _find_sample(columns: Sequence[str], head: Sequence[Row]) -> str:
    texts: Iterator[Any] = (text for row in head for text in row.fields.values())
    found = (text for texts in (iter(columns), texts) for text in texts if isinstance(text, str) and not text.isascii())
    return next(found, "")[:40]
