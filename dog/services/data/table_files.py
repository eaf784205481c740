"""Write tables row by row and atomically: CSV that is safe in spreadsheets, NDJSON, Parquet."""

import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TextIO, cast

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

Row = Mapping[str, Any]


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


def csv_line(values: Iterable[Any], delimiter: str = ",") -> str:
    """Return one line of CSV; texts that a spreadsheet would run are made inert and quoted.

    Examples
    --------
    >>> print(csv_line(["a", -1.5, None, "-1.5"]), end="")
    a,-1.5,,"'-1.5"

    """
    return delimiter.join(map(_cell, values)) + "\n"


def csv_lines(columns: Sequence[Sequence[Any]]) -> Iterator[str]:
    """Yield the lines of a table given by its columns, each line as of `csv_line`; a repeated text is checked once.

    Examples
    --------
    >>> print(*csv_lines([["a", "=b", "a"], [1, 2.5, None]]), sep="", end="")
    a,1
    "'=b",2.5
    a,

    """
    checked: dict[str, str] = {}

    def cell(value: Any) -> str:
        if not isinstance(value, str):
            return _cell(value)
        found = checked.get(value)
        if found is None:
            found = checked[value] = _cell(value)
        return found

    return (",".join(row) + "\n" for row in zip(*(map(cell, column) for column in columns), strict=True))


@contextmanager
def write_table(path: Path, columns: Sequence[str], numbers: AbstractSet[str]) -> Iterator[Callable[[Row], object]]:
    """Write a file whole or not at all; yield the function that adds a row, whose missing columns stay empty."""
    if not path.name.endswith(ENDINGS):
        raise InvalidInput(f"{path.name}: the ending must be one of {', '.join(ENDINGS)}")
    unfinished = path.with_name(path.name + ".part")
    try:
        if path.name.endswith(".parquet"):
            with _parquet_rows(unfinished, columns, numbers) as add:
                yield add
        else:
            with (
                gzip.open(unfinished, "wb") if path.name.endswith(".gz") else unfinished.open("wb") as binary,
                io.TextIOWrapper(cast("IO[bytes]", binary), "utf-8", newline="") as out,
            ):
                yield (_csv_rows if ".csv" in path.name else _ndjson_rows)(out, columns)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(path)


def _csv_rows(out: TextIO, columns: Sequence[str]) -> Callable[[Row], object]:
    out.write(csv_line(columns))
    return lambda row: out.write(csv_line(map(row.get, columns)))


def _ndjson_rows(out: TextIO, columns: Sequence[str]) -> Callable[[Row], object]:
    def add(row: Row) -> None:
        kept = {name: row[name] for name in columns if row.get(name) is not None}
        out.write(orjson.dumps(kept).decode() + "\n")

    return add


@contextmanager
def _parquet_rows(path: Path, columns: Sequence[str], numbers: AbstractSet[str]) -> Iterator[Callable[[Row], object]]:
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, for Parquet alone
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    schema = pa.schema([(name, pa.float64() if name in numbers else pa.string()) for name in columns])
    rows: list[dict[str, Any]] = []

    def write_batch() -> None:
        writer.write_table(pa.Table.from_pylist(rows, schema))
        rows.clear()

    def add(row: Row) -> None:
        rows.append({name: row.get(name) if name in numbers else _text(row.get(name)) for name in columns})
        if len(rows) == BATCH_ROWS:
            write_batch()

    with pq.ParquetWriter(path, schema) as writer:
        yield add
        write_batch()


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
