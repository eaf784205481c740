"""The first rows of a data file, a sheet or a table, before anything is known of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from dog.services.data.file_dialect import Dialect
from dog.services.data.mapping.file_columns import KINDS
from dog.services.data.mapping.find_dialect import find_text_dialect
from dog.services.data.mapping.map_entries import PLAIN
from dog.services.data.mapping.match_columns import known_names
from dog.services.data.read_rows import DataFile

HEAD_ROWS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHead:
    """The columns and the first rows of a file, sheet or table."""

    path: Path  # of a table its name
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    day: str  # of the last change of the file: the date of scores that have none
    sheet: str | None = None
    query: str = ""  # that reads a table whole; empty for a file

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.path.name}, sheet {self.sheet}" if self.sheet else self.path.name

    def values(self, column: str) -> list[Any]:
        """Return the values of a column that are not empty."""
        return [value for row in self.rows if (value := row.get(column)) is not None and value != ""]


def read_heads(path: Path) -> list[FileHead]:
    """Read the head of a file, of a workbook one for each sheet that has columns.

    Raise `InvalidInput` where the file cannot be read.
    """
    data = DataFile(path)
    if data.kind == "xlsx":
        sheets = [sheet for sheet in data.workbook.sheets if data.workbook.columns(sheet)]
        return [_read(data, Dialect(sheet=sheet), sheet if len(sheets) > 1 else None) for sheet in sheets]
    return [_read(data, Dialect() if data.kind == "parquet" else find_text_dialect(data, PLAIN, _known_names()))]


def _read(data: DataFile, dialect: Dialect, sheet: str | None = None) -> FileHead:
    data.dialect = dialect
    rows = [row.fields for row in islice(data.rows(), HEAD_ROWS) if row.fault is None]
    columns = data.columns() or list(dict.fromkeys(name for row in rows for name in row))
    day = datetime.fromtimestamp(data.path.stat().st_mtime, UTC).date().isoformat()
    return FileHead(path=data.path, columns=columns, rows=rows, day=day, sheet=sheet)


@cache
def _known_names() -> Collection[str]:
    return set().union(*(known_names(kind, ()) for kind in KINDS))
