"""The file of the rows that a load rejected: their line, the reason, and the columns as they were."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TextIO

from dog.errors import InvalidInput
from dog.services.data.data_rows import Row
from dog.services.data.mapping.mapped_file import REJECT_COLUMNS
from dog.services.data.row_source import RowSource
from dog.services.data.row_values import RowOutcome
from dog.services.data.table_files import csv_line
from dog.services.feedback.refused_pitches import PITCH_REFUSED, describe_refused_pitch, id_of
from dog.storage.event_log import Status


class Rejects(Protocol):
    """What takes the rejected rows."""

    def add(self, rows: Sequence[Row], results: Sequence[RowOutcome]) -> None:
        """Take those of the rows that were rejected."""


class RejectedRows:
    """The file of rejected rows, created with the first of them; it can be fixed and loaded."""

    def __init__(self, source: RowSource) -> None:
        self._source, self._path = source, source.reject_path
        self._file: TextIO | None = None
        self._columns: Sequence[str] = ()
        if not source.keeps_rejects:
            self._path.unlink(missing_ok=True)

    def add(self, rows: Sequence[Row], results: Sequence[RowOutcome]) -> None:
        """Write those of the rows that were rejected."""
        rejected = [both for both in zip(rows, results, strict=True) if both[1].status is Status.REJECTED]
        if not rejected:
            return
        file = self._file = self._file or self._open()
        lines = ([row.line, result.code, result.message, *self._cells(row)] for row, result in rejected)
        file.write("".join(csv_line(cells, self._source.dialect.delimiter) for cells in lines))
        file.flush()

    def close(self) -> Path | None:
        """Return the path of the file, None where there is none."""
        if self._file is None:
            return None
        self._file.close()
        return self._path

    def _cells(self, row: Row) -> Sequence[object]:
        if row.fault is not None and row.original is None:
            cells, before = row.fault.cells, self._source.columns_before
            return cells[before:] if len(cells) > before else cells
        given: Mapping[str, object] = row.fields if row.original is None else row.original
        return [given.get(name) for name in self._columns]

    def _open(self) -> TextIO:
        source = self._source
        self._columns = source.reject_columns()
        head = csv_line([*REJECT_COLUMNS, *self._columns], source.dialect.delimiter)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if source.keeps_rejects:
            return open_to_append(self._path, head)
        encoding = "utf-8" if source.dialect.is_plain else "utf-8-sig"
        file = self._path.open("w", newline="", encoding=encoding)
        file.write(head)
        return file


def open_to_append(path: Path, head: str) -> TextIO:
    """Open a file of rejected rows to add more; raise `InvalidInput` where its columns are others."""
    file = path.open("a+", newline="", encoding="utf-8")
    if file.tell() == 0:
        file.write(head)
        return file
    file.seek(0)
    if file.readline() != head:
        file.close()
        raise InvalidInput(f"{path} has other columns than the rows now; load its rows or move it away, then run again")
    return file


class RefusedLines:
    """The lines of the refused events of one file, by id, as far as it was read."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}

    def name_lines(self, rows: Sequence[Row], results: Sequence[RowOutcome]) -> Sequence[RowOutcome]:
        """Return the results of a chunk, those of events that name a refused pitch with its line."""
        for row, result in zip(rows, results, strict=True):
            if result.status is Status.REJECTED and (event_id := id_of(row.fault or row.fields)) is not None:
                self._lines.setdefault(event_id, row.line)
        return [self._with_line(row, result) for row, result in zip(rows, results, strict=True)]

    def _with_line(self, row: Row, result: RowOutcome) -> RowOutcome:
        if result.code != PITCH_REFUSED:
            return result
        pitch_id = str(row.fields.get("pitch_id"))
        return replace(result, message=describe_refused_pitch(pitch_id, self._lines.get(pitch_id)))
