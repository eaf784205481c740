"""Read the rows of a data file one by one: CSV, NDJSON, Parquet or Excel, the first three also as `.gz`."""

import gzip
import io
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

from dog.errors import InvalidInput
from dog.services.data.columns.read_tables import CsvBlocks, JsonBlocks, parquet_tables, text_tables
from dog.services.data.columns.row_table import RowTable, tables_of_rows
from dog.services.data.data_rows import Row
from dog.services.data.file_dialect import STATED_IN_FILE, Dialect
from dog.services.data.parquet_rows import parquet_batches, parquet_columns, parquet_rows
from dog.services.data.text_rows import CsvRows, Lines, ndjson_rows
from dog.services.data.workbook_rows import Workbook

FORMATS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet", ".xlsx": "xlsx"}
PLAIN = Dialect()


def with_name(error: InvalidInput, path: Path) -> InvalidInput:
    """Return what is wrong with a file, with its name."""
    is_named = error.message.startswith(path.name)
    return InvalidInput(error.message if is_named else f"{path.name}: {error.message}", code=error.code)


class DataFile:
    """A data file, which can be read several times; `share_read` is the progress of the last time."""

    def __init__(self, path: Path, dialect: Dialect = PLAIN) -> None:
        suffixes = [suffix.lower() for suffix in path.suffixes]
        self.compressed = suffixes[-1:] == [".gz"]
        kind = FORMATS.get(suffixes[-2] if self.compressed and len(suffixes) > 1 else suffixes[-1] if suffixes else "")
        if kind is None or (kind == "xlsx" and self.compressed):
            raise InvalidInput(
                f"{path.name}: the ending must be one of {', '.join(FORMATS)}, all but .xlsx also with .gz"
            )
        if not path.is_file():
            raise InvalidInput(f"{path}: there is no such file")
        self.path, self.kind, self.dialect = path, kind, dialect
        self._size_bytes = max(path.stat().st_size, 1)
        self._file: BinaryIO | None = None

    @property
    def share_read(self) -> float:
        """Return the share of the bytes that are read (all for Parquet, which is read by row group)."""
        return 1.0 if self._file is None or self._file.closed else self._file.tell() / self._size_bytes

    @cached_property
    def workbook(self) -> Workbook:
        """The workbook that an .xlsx file is."""
        return Workbook(self.path)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the file, unpacked; raise `InvalidInput` with its name where it is damaged or of another encoding."""
        with self.path.open("rb") as self._file:
            try:
                yield cast("BinaryIO", gzip.GzipFile(fileobj=self._file)) if self.compressed else self._file
            except UnicodeDecodeError as error:
                name = self.dialect.encoding.removesuffix("-sig").upper()
                raise InvalidInput(
                    f"{self.path.name}: byte {error.start} is not {name}; state the encoding (--encoding cp1252), or "
                    "save the file as UTF-8"
                ) from None
            except (EOFError, OSError, zlib.error) as error:
                raise InvalidInput(f"{self.path.name}: the file is damaged or truncated ({error})") from None
            except InvalidInput as error:
                raise with_name(error, self.path) from None

    def first_line(self) -> str:
        """Return the first line of a text file."""
        with self._lines() as lines:
            return next(iter(lines), "")

    def columns(self) -> list[str]:
        """Return the names of the columns; none for NDJSON, where each row has its own."""
        if self.kind == "xlsx":
            return self.workbook.columns(self._sheet)
        if self.kind == "parquet":
            with self.open() as file:
                return parquet_columns(file)
        with self._lines() as lines:
            return [] if self.kind == "ndjson" else CsvRows(lines, self.dialect.delimiter).columns

    def rows(self, *, leave_empty: bool = False) -> Iterator[Row]:
        """Yield the rows; with `leave_empty` columns of Parquet files without any value in a batch are left out.

        Raise `InvalidInput` if the whole file cannot be read: of another encoding, no header, damaged.
        """
        if self.kind == "xlsx":
            yield from self.workbook.rows(self._sheet)
        elif self.kind == "parquet":
            with self.open() as file:
                yield from parquet_rows(file, leave_empty=leave_empty)
        else:
            with self._lines() as lines:
                yield from ndjson_rows(lines) if self.kind == "ndjson" else CsvRows(lines, self.dialect.delimiter)

    def tables(self, names: Sequence[str]) -> Iterator[RowTable]:
        """Yield the rows as tables; the columns of NDJSON are `names`, of all other files their own."""
        head = self._head() if self.kind in {"csv", "ndjson"} else b""
        if self.kind == "parquet":
            with self.open() as file:
                yield from parquet_tables(file)
        elif head is not None and self.kind != "xlsx":
            reader = JsonBlocks(names) if self.kind == "ndjson" else CsvBlocks(self.columns(), self.dialect.delimiter)
            with self.open() as file:
                file.read(len(head))
                yield from text_tables(file, reader, head.count(b"\n") + 1)
        else:
            yield from tables_of_rows(self.rows(), names)

    def columns_of_batches(self, size: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the columns of a Parquet file as Arrow arrays, some rows at once, and the number of the first row."""
        first = 0
        with self.open() as file:
            for batch in parquet_batches(file, size):
                yield first, dict(zip(batch.schema.names, batch.columns, strict=True))
                first += len(batch)

    def _head(self) -> bytes | None:
        """Return what a text file has before its rows; None where it cannot be read by blocks."""
        with self.open() as file:
            mark = file.read(len(BOM_UTF8))
            if self.dialect.encoding not in {"utf-8", "utf-8-sig"}:
                return None
            if self.kind == "ndjson":
                return mark if mark == BOM_UTF8 else b""
            head = mark + file.readline()
            if STATED_IN_FILE.fullmatch(head.removeprefix(BOM_UTF8).decode(errors="replace")):
                head += file.readline()
        is_one_line = head.count(b'"') % 2 == 0 and b"\r" not in head.replace(b"\r\n", b"")
        return head if is_one_line else None

    @property
    def _sheet(self) -> str:
        return self.dialect.sheet or self.workbook.sheets[0]

    @contextmanager
    def _lines(self) -> Iterator[Lines]:
        with self.open() as file, io.TextIOWrapper(file, self.dialect.encoding, newline="") as text:
            yield Lines(text)
