"""Read the rows of a data file one by one: CSV, NDJSON or Parquet, the first two also as `.gz`."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, repeat
from pathlib import Path
from typing import Any, BinaryIO

from dog.errors import InvalidInput, NotJson
from dog.services.data.strict_json import parse_json
from dog.services.data.table_files import plain

FORMATS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}
MAX_FIELD_CHARACTERS = 1 << 20
MAX_LINE_CHARACTERS = 1 << 22


@dataclass(slots=True)
class Row:
    """One row: its line from 1 (in Parquet its number), and its fields or the fault that it has instead.

    Never changed once made; not frozen, which would take three times as long to create.
    """

    line: int
    fields: dict[str, Any]
    fault: str | None = None


class DataFile:
    """A data file open for reading; `read_bytes` is the progress."""

    def __init__(self, path: Path) -> None:
        suffixes = [suffix.lower() for suffix in path.suffixes]
        self.compressed = suffixes[-1:] == [".gz"]
        kind = FORMATS.get(suffixes[-2] if self.compressed and len(suffixes) > 1 else suffixes[-1] if suffixes else "")
        if kind is None:
            raise InvalidInput(f"{path.name}: the ending must be one of {', '.join(FORMATS)}, with or without .gz")
        if not path.is_file():
            raise InvalidInput(f"{path}: there is no such file")
        self.path, self.kind = path, kind
        self.size_bytes = path.stat().st_size
        self._file: BinaryIO = path.open("rb")

    @property
    def read_bytes(self) -> int:
        """Bytes read so far (all for Parquet, which is read by row group)."""
        return self.size_bytes if self._file.closed else self._file.tell()

    def rows(self, *, leave_empty: bool = False) -> Iterator[Row]:
        """Yield the rows; with `leave_empty` columns of Parquet files without any value in a batch are left out.

        Raise `InvalidInput` if the whole file cannot be read: not UTF-8, no header, damaged.
        """
        try:
            if self.kind == "parquet":
                yield from _parquet(self._file, leave_empty=leave_empty)
                return
            binary = gzip.GzipFile(fileobj=self._file) if self.compressed else self._file
            text = io.TextIOWrapper(binary, "utf-8-sig", newline="")
            lines = _lines(text)
            yield from _csv(lines) if self.kind == "csv" else _ndjson(lines)
        except UnicodeDecodeError as error:
            raise InvalidInput(f"{self.path.name}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
        except (EOFError, OSError, zlib.error) as error:
            raise InvalidInput(f"{self.path.name}: the file is damaged or cut short ({error})") from None
        finally:
            self._file.close()


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield lines of bounded length: a compressed file may hold one of any length."""
    for number in count(1):
        line = text.readline(MAX_LINE_CHARACTERS + 1)
        if not line:
            return
        if len(line) > MAX_LINE_CHARACTERS:
            raise InvalidInput(f"line {number} is longer than {MAX_LINE_CHARACTERS:,} characters; break it up")
        yield line


def _csv(text: Iterable[str]) -> Iterator[Row]:
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    reader = csv.reader(text, strict=True)
    try:
        header = [plain(name.strip()) for name in next(reader, [])]
    except csv.Error as error:
        raise InvalidInput(
            f"line 1, which names the columns, is no CSV: {error}; double the quotes inside a name"
        ) from None
    if not header:
        raise InvalidInput("the file is empty; its first line must name the columns")
    if len(set(header)) != len(header):
        raise InvalidInput("line 1: a column is named twice")
    while True:
        first = reader.line_num + 1
        try:
            values = next(reader, None)
        except csv.Error as error:
            yield Row(first, {}, f"is no CSV: {error}; quote the field and double the quotes inside it")
            continue
        if values is None:
            return
        if not values:
            continue
        if len(values) != len(header):
            yield Row(first, {}, f"has {len(values)} fields where the header names {len(header)}")
        else:
            yield Row(first, dict(zip(header, map(plain, values), strict=True)))


def _ndjson(text: Iterable[str]) -> Iterator[Row]:
    for line, content in enumerate(text, 1):
        if not content.strip():
            continue
        try:
            fields = parse_json(content.encode())
        except NotJson as error:
            yield Row(line, {}, error.message.replace("the body", "it"))
            continue
        if isinstance(fields, dict):
            yield Row(line, fields)
        else:
            yield Row(line, {}, "is no JSON object")


def _parquet(file: BinaryIO, *, leave_empty: bool) -> Iterator[Row]:
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for Parquet only
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    line = 0
    try:
        for batch in pq.ParquetFile(file).iter_batches(batch_size=10_000):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            filled = {name: values for name, values in columns.items() if values.null_count < len(values)}
            if leave_empty and filled:
                columns = filled
            names = list(columns)
            lists = (
                values.to_numpy(zero_copy_only=False).tolist()  # five times as fast for texts
                if pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
                else values.to_pylist()
                for values in columns.values()
            )
            fields = map(dict, map(zip, repeat(names), zip(*lists, strict=True)))
            yield from map(Row, count(line + 1), fields)
            line += len(batch)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InvalidInput(f"this is no readable Parquet file ({error})") from None
