"""Write tables row by row and atomically: CSV that is safe in spreadsheets, NDJSON, Parquet."""

import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

import orjson

from dog.errors import InvalidInput

ENDINGS = (".csv", ".csv.gz", ".ndjson", ".ndjson.gz", ".parquet")
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Spreadsheets run a text with this prefix as a formula (OWASP, CSV injection); the last four are full-width."""
IGNORED_BEFORE = "' \u00a0\u3000\ufeff"
"""Characters that a spreadsheet may ignore before it, and the apostrophe that `inert` adds."""
SEPARATORS = frozenset(',;|"\t\r\n')
"""A text with one of these is quoted, whatever separates cells where the file is opened."""
BATCH_ROWS = 10_000


def inert(text: str) -> str:
    """Prefix a text that a spreadsheet would run with an apostrophe.

    Examples
    --------
    >>> inert("=1+1"), inert("plain"), plain(inert("=1+1")), plain(inert("'=1"))
    ("'=1+1", 'plain', '=1+1', "'=1")

    """
    return f"'{text}" if text.lstrip(IGNORED_BEFORE).startswith(FORMULA_PREFIXES) else text


def plain(text: str) -> str:
    """Remove the apostrophe that `inert` added."""
    return text[1:] if text.startswith("'") and text.lstrip(IGNORED_BEFORE).startswith(FORMULA_PREFIXES) else text


def csv_line(values: Iterable[Any]) -> str:
    """Return one line of CSV; texts that a spreadsheet would run are made inert and quoted.

    Examples
    --------
    >>> print(csv_line(["a", -1.5, None, "-1.5"]), end="")
    a,-1.5,,"'-1.5"

    """
    return ",".join(map(_cell, values)) + "\n"


class TableFile:
    """A file of rows with the same columns, used in a `with` block."""

    def __init__(self, path: Path, columns: Sequence[str], numbers: set[str] | frozenset[str]) -> None:
        if not path.name.endswith(ENDINGS):
            raise InvalidInput(f"{path.name}: the ending must be one of {', '.join(ENDINGS)}")
        self._path, self._columns, self._numbers = path, list(columns), numbers
        self._unfinished = path.with_name(path.name + ".part")
        self._rows: list[Mapping[str, Any]] = []
        self._writer: Any = None
        self._out: IO[Any] | None = None
        self._is_csv = False

    def __enter__(self) -> Self:
        """Open a temporary file next to the final one."""
        name = self._path.name
        if name.endswith(".parquet"):
            self._writer = _parquet_writer(self._unfinished, self._columns, self._numbers)
            return self
        packed = name.endswith(".gz")
        binary = gzip.open(self._unfinished, "wb") if packed else self._unfinished.open("wb")
        self._out = io.TextIOWrapper(cast("IO[bytes]", binary), "utf-8", newline="")
        if ".csv" in name:
            self._is_csv = True
            self._out.write(csv_line(self._columns))
        return self

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row; missing columns stay empty."""
        if self._out is None:
            self._rows.append(row)
            if len(self._rows) == BATCH_ROWS:
                self._write_batch()
        elif self._is_csv:
            self._out.write(csv_line([row.get(name) for name in self._columns]))
        else:
            kept = {name: row[name] for name in self._columns if row.get(name) is not None}
            self._out.write(orjson.dumps(kept).decode() + "\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Move the file to its place, or delete it after an error."""
        if self._out is None:
            if kind is None:
                self._write_batch()
            self._writer.close()
        else:
            self._out.close()
        if kind is None:
            self._unfinished.replace(self._path)
        else:
            self._unfinished.unlink(missing_ok=True)

    def _write_batch(self) -> None:
        import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, for Parquet alone

        columns = [
            [row.get(name) if name in self._numbers else _text(row.get(name)) for row in self._rows]
            for name in self._columns
        ]
        arrays = [pa.array(values, field.type) for values, field in zip(columns, self._writer.schema, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._writer.schema))
        self._rows = []


def _parquet_writer(path: Path, columns: Sequence[str], numbers: set[str] | frozenset[str]) -> Any:
    import pyarrow as pa  # noqa: PLC0415  # as above
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    schema = pa.schema([(name, pa.float64() if name in numbers else pa.string()) for name in columns])
    return pq.ParquetWriter(path, schema)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return ";".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cell(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    text = _text(value) or ""
    guarded = inert(text)
    if guarded is text and SEPARATORS.isdisjoint(text):
        return text
    return '"' + guarded.replace('"', '""') + '"'
