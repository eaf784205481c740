"""The file of the rows that a load rejected: their line, the reason, and the columns as they were."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from dog.services.data.data_rows import Row
from dog.services.data.mapping.load_map import REJECTED
from dog.services.data.mapping.mapped_file import REJECT_COLUMNS, MappedFile
from dog.services.data.read_rows import DataFile
from dog.services.data.row_values import RowOutcome
from dog.services.data.table_files import csv_line
from dog.storage.event_log import Status


def rejected_path(path: Path) -> Path:
    """Return where the rejected rows of a file go: never into the file itself.

    Examples
    --------
    >>> rejected_path(Path("a.xlsx")).name, rejected_path(Path("a.xlsx.rejected.csv")).name
    ('a.xlsx.rejected.csv', 'a.xlsx.rejected.2.csv')

    """
    again = REJECTED.fullmatch(path.name)
    return path.with_name(f"{again[1]}.rejected.{int(again[2] or 1) + 1}.csv" if again else f"{path.name}.rejected.csv")


class RejectedRows:
    """The file of rejected rows, created with the first of them; it can be mended and loaded."""

    def __init__(self, source: MappedFile) -> None:
        self._source, self._path = source, rejected_path(source.data.path)
        self._file: TextIO | None = None
        self._columns: Sequence[str] = ()
        self._path.unlink(missing_ok=True)

    def add(self, rows: Sequence[Row], results: Sequence[RowOutcome]) -> None:
        """Write those of the rows that were rejected."""
        for row, result in zip(rows, results, strict=True):
            if result.status is Status.REJECTED:
                self._write([row.line, result.code, result.message, *self._cells(row)])

    def close(self) -> Path | None:
        """Return the path of the file, None where there is none."""
        if self._file is None:
            return None
        self._file.close()
        return self._path

    def _cells(self, row: Row) -> Sequence[object]:
        if self._file is None:
            self._create()
        if row.fault is not None and row.original is None:
            cells, before = row.fault.cells, self._source.columns_before
            return cells[before:] if len(cells) > before else cells
        given: Mapping[str, object] = row.fields if row.original is None else row.original
        return [given.get(name) for name in self._columns]

    def _create(self) -> None:
        plain = self._source.data.dialect.is_plain
        self._file = self._path.open("w", newline="", encoding="utf-8" if plain else "utf-8-sig")
        self._columns = self._source.columns or _names_of_all(self._source.data)
        self._write([*REJECT_COLUMNS, *self._columns])

    def _write(self, cells: Sequence[object]) -> None:
        if self._file is not None:
            self._file.write(csv_line(cells, self._source.data.dialect.delimiter))


def _names_of_all(data: DataFile) -> list[str]:
    """Return the names in all rows of NDJSON, which have no head."""
    rows = DataFile(data.path, data.dialect).rows()
    return list(dict.fromkeys(name for row in rows for name in row.fields))
