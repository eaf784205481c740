"""Rows of the sheets of an .xlsx workbook."""

import zipfile
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from dog.errors import InvalidInput, NotReady
from dog.extras import install_extra
from dog.services.data.data_rows import Row
from dog.services.data.text_rows import name_columns

MAX_BYTES = 1 << 30
"""Unpacked: a full sheet of ten columns has less."""
HEADER_WITHIN = 20
"""First rows among which the one that names the columns is looked for: some sheets have a title above it."""
LARGEST_WHOLE = 1 << 53


class Workbook:
    """The visible sheets of a workbook; each has its rows in memory once it was read."""

    def __init__(self, path: Path) -> None:
        try:
            import python_calamine as calamine  # noqa: PLC0415  # an extra, needed for workbooks only
        except ImportError:
            raise NotReady(
                f"reading .xlsx needs python-calamine: {install_extra('excel')}, or save the sheet as CSV"
            ) from None
        try:
            with zipfile.ZipFile(path) as parts:
                unpacked = sum(part.file_size for part in parts.infolist())
            if unpacked > MAX_BYTES:
                raise InvalidInput(
                    f"{path.name} unpacks to {unpacked:,} bytes; {MAX_BYTES:,} are the most: save it as CSV"
                )
            self._book = calamine.load_workbook(path)
        except (zipfile.BadZipFile, calamine.CalamineError) as error:
            raise InvalidInput(f"{path.name}: this is not a readable workbook ({error})") from None
        visible, worksheet = calamine.SheetVisibleEnum.Visible, calamine.SheetTypeEnum.WorkSheet
        self.sheets = [it.name for it in self._book.sheets_metadata if it.visible == visible and it.typ == worksheet]
        self._rows = cache(self._read)

    def _read(self, sheet: str) -> tuple[int, list[str], Any]:
        """Return the number of the row that names the columns, their names, and the sheet."""
        read = self._book.get_sheet_by_name(sheet)
        heads = list(islice(read.iter_rows(), HEADER_WITHIN))
        filled = [[_is_filled(cell) for cell in row] for row in heads]
        place = next(
            (n for n, row in enumerate(filled) if sum(row) > 1),
            next((n for n, row in enumerate(filled) if any(row)), -1),
        )
        if place < 0:
            return 0, [], read
        last = max(n for n, is_filled in enumerate(filled[place]) if is_filled)
        return place + 1, name_columns([str(_cell(cell)).strip() for cell in heads[place][: last + 1]]), read

    def columns(self, sheet: str) -> list[str]:
        """Return the names of the columns of a sheet; none where it is empty."""
        return self._rows(sheet)[1]

    def rows(self, sheet: str) -> Iterator[Row]:
        """Yield the rows of a sheet that have a value."""
        header, columns, read = self._rows(sheet)
        for line, cells in enumerate(islice(read.iter_rows(), header, None), header + 1):
            if any(map(_is_filled, cells)):
                yield Row(line, dict(zip(columns, map(_cell, cells), strict=False)))


def _is_filled(cell: Any) -> bool:
    return cell is not None and cell != ""


def _cell(cell: Any) -> Any:
    """Return the value of a cell: a whole number as such, a time of day as text."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= LARGEST_WHOLE:
        return int(cell)
    return cell if cell is None or isinstance(cell, str | int | float | date) else str(cell)
