"""Read the rows of a file as tables: Parquet by Arrow, CSV and NDJSON block by block.

A block of text that Arrow may read otherwise than the careful reader (broken lines, quotes inside values, other line
ends) is read line by line instead. Both give the same values, lines and faults.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any, BinaryIO, Protocol

import numpy as np

from dog.errors import NotJson
from dog.services.data.columns.row_table import RowTable, table_of_rows, tables_of_rows
from dog.services.data.data_rows import Row
from dog.services.data.parquet_rows import parquet_batches, parquet_columns
from dog.services.data.strict_json import parse_json_lines
from dog.services.data.text_rows import MAX_FIELD_CHARACTERS, MAX_LINE_CHARACTERS, Lines, csv_rows, ndjson_rows

TABLE_ROWS = 250_000
TABLE_VALUES = 1_500_000
"""Rows of a Parquet file that are held at once, and values."""
BLOCK_BYTES = 1 << 24
LONGEST_LINE_BYTES = 4 * MAX_LINE_CHARACTERS


class BlockReader(Protocol):
    """How a text file is read: by blocks where possible, else line by line."""

    @property
    def names(self) -> Sequence[str]:
        """The columns of the tables."""

    def read_block(self, block: bytes, lines: int, first: int, line: int) -> RowTable | None:
        """Return some whole lines as a table; None where they are to be read line by line."""

    def read_lines(self, lines: Lines, line: int) -> Iterator[Row]:
        """Yield the rows of lines, the first of which has a number."""

    def may_go_on(self, block: bytes) -> bool:
        """Return whether the last row of a block may continue in the next one."""


@dataclass(frozen=True, slots=True)
class CsvBlocks:
    """Blocks of CSV with some columns."""

    names: Sequence[str]
    delimiter: str

    def read_block(self, block: bytes, lines: int, first: int, line: int) -> RowTable | None:
        """Return some whole lines as a table; None where Arrow may read them otherwise."""
        if not self._is_simple(block):
            return None
        import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for files only
        from pyarrow import csv  # noqa: PLC0415  # as above

        texts = dict.fromkeys(self.names, pa.string())
        try:
            found = csv.read_csv(
                pa.BufferReader(block),
                csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=self.names),
                csv.ParseOptions(delimiter=self.delimiter, ignore_empty_lines=False),
                csv.ConvertOptions(column_types=texts, strings_can_be_null=False),
            )
        except pa.ArrowInvalid:
            return None
        if len(found) != lines:
            return None
        columns = {name: found.column(name).combine_chunks() for name in self.names}
        return RowTable(size=lines, columns=columns, first=first, first_line=line)

    def _is_simple(self, block: bytes) -> bool:
        """Return whether each line is a row, no value has a quote, and none is made inert (`table_files.inert`)."""
        sign = re.escape(self.delimiter.encode())
        if b"\0" in block:
            return False
        if b"'" in block and re.search(rb"(?:^|[\n\"%b])'" % sign, block):
            return False
        value = rb'(?:"[^"\r\n]*+"|[^"\r\n%b]*+)' % sign
        return b'"' not in block or bool(re.fullmatch(rb"(?:%b(?:%b|\r?\n|\Z))*+" % (value, sign), block))

    def read_lines(self, lines: Lines, line: int) -> Iterator[Row]:
        """Yield the rows of lines, the first of which has a number."""
        return csv_rows(lines, self.names, self.delimiter, line)

    def may_go_on(self, block: bytes) -> bool:
        """Return whether the last row of a block may continue in the next one."""
        return b'"' in block


@dataclass(frozen=True, slots=True)
class JsonBlocks:
    """Blocks of NDJSON."""

    names: Sequence[str]

    def read_block(self, block: bytes, lines: int, first: int, line: int) -> RowTable | None:
        """Return some whole lines as a table; None where any is not a strict JSON object."""
        try:
            objects = parse_json_lines(block)
        except NotJson:
            return None
        if len(objects) != lines or {*map(type, objects)} != {dict}:
            return None
        return table_of_rows(list(map(Row, count(line), objects)), self.names, first)

    def read_lines(self, lines: Lines, line: int) -> Iterator[Row]:
        """Yield the rows of lines, the first of which has a number."""
        return ndjson_rows(lines, line)

    def may_go_on(self, block: bytes) -> bool:  # noqa: ARG002  # a line is a row
        """Return False."""
        return False


def parquet_tables(file: BinaryIO) -> Iterator[RowTable]:
    """Yield the rows of a Parquet file."""
    first, width = 0, len(parquet_columns(file))
    for batch in parquet_batches(file, max(min(TABLE_ROWS, TABLE_VALUES // max(width, 1)), 1)):
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        yield RowTable(size=len(batch), columns=columns, first=first, first_line=first + 1)
        first += len(batch)


def text_tables(file: BinaryIO, reader: BlockReader, line: int) -> Iterator[RowTable]:
    """Yield the rows of a text file in UTF-8 from a line on, which is the next to be read."""
    first, blocks = 0, _blocks(file)
    for block in blocks:
        lines = _count_lines(block)
        table = reader.read_block(block, lines, first, line) if lines else None
        if table is not None:
            yield table
            first, line = first + table.size, line + lines
            continue
        goes_on = reader.may_go_on(block)
        rest = io.BufferedReader(_Rest(chain([block], blocks if goes_on else ())))
        with io.TextIOWrapper(rest, "utf-8", newline="") as text:
            found = reader.read_lines(Lines(text, line), line)
            for table in tables_of_rows(found, reader.names, first):
                first += table.size
                yield table
        if goes_on:
            return
        line += len(block.splitlines())


class _Rest(io.RawIOBase):
    """Blocks one after another."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._block = blocks, io.BytesIO()

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes."""
        found = self._block.read(len(buffer))
        if not found:
            self._block = io.BytesIO(next(self._blocks, b""))
            found = self._block.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield whole lines, about `BLOCK_BYTES` at once."""
    left = b""
    while found := file.read(BLOCK_BYTES):
        head, newline, tail = found.rpartition(b"\n")
        if newline:
            yield left + head + newline
            left = tail
        else:
            left += found
            if len(left) > LONGEST_LINE_BYTES:  # refused by the careful reader
                yield left
                left = b""
    if left:
        yield left


def _count_lines(block: bytes) -> int:
    """Return the number of lines; 0 where a line is long, may be empty, or ends otherwise than with a line feed."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
    ends = ends if block.endswith(b"\n") else np.append(ends, len(block))
    sizes = np.diff(ends, prepend=-1)
    has_returns = b"\r" in block
    if has_returns and block.count(b"\r") != block.count(b"\r\n"):
        return 0
    return len(ends) if sizes.min() > 1 + has_returns and sizes.max() <= MAX_FIELD_CHARACTERS else 0
