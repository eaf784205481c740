"""Write tables atomically, by packed parts: CSV that is safe in spreadsheets, NDJSON, Parquet."""

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from dog.errors import InvalidInput
from dog.services.data.unfinished_file import unfinished_file

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
def write_parts(path: Path, columns: Sequence[str], numbers: AbstractSet[str]) -> Iterator[Callable[[bytes], object]]:
    """Write a file whole or not at all; yield the function that adds what `pack_rows` made of some rows.

    The file does not depend on how its rows are divided into parts.
    """
    if not path.name.endswith(ENDINGS):
        raise InvalidInput(f"{path.name}: the ending must be one of {', '.join(ENDINGS)}")
    with unfinished_file(path) as unfinished:
        if path.name.endswith(".parquet"):
            with _parquet_parts(unfinished, columns, numbers) as add:
                yield add
        else:
            with gzip.open(unfinished, "wb") if path.name.endswith(".gz") else unfinished.open("wb") as out:
                out.write(csv_line(columns).encode() if ".csv" in path.name else b"")
                yield out.write


def pack_rows(name: str, columns: Sequence[str], numbers: AbstractSet[str], rows: Iterable[Row]) -> bytes:
    """Pack rows as a part of a file of that name: its text, or a stream of Arrow."""
    if name.endswith(".parquet"):
        return _arrow_rows(columns, numbers, rows)
    if ".csv" in name:
        return "".join(csv_line(map(row.get, columns)) for row in rows).encode()
    kept = ({name: row[name] for name in columns if row.get(name) is not None} for row in rows)
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in kept)


def _arrow_schema(columns: Sequence[str], numbers: AbstractSet[str]) -> Any:
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, for Parquet alone

    return pa.schema([(name, pa.float64() if name in numbers else pa.string()) for name in columns])


def _arrow_rows(columns: Sequence[str], numbers: AbstractSet[str], rows: Iterable[Row]) -> bytes:
    import pyarrow as pa  # noqa: PLC0415  # as above

    schema, out = _arrow_schema(columns, numbers), pa.BufferOutputStream()
    plain_rows = [
        {name: row.get(name) if name in numbers else _text(row.get(name)) for name in columns} for row in rows
    ]
    with pa.ipc.new_stream(out, schema) as stream:
        stream.write_table(pa.Table.from_pylist(plain_rows, schema))
    packed: bytes = out.getvalue().to_pybytes()
    return packed


@contextmanager
def _parquet_parts(
    path: Path, columns: Sequence[str], numbers: AbstractSet[str]
) -> Iterator[Callable[[bytes], object]]:
    import pyarrow as pa  # noqa: PLC0415  # as above
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    schema = _arrow_schema(columns, numbers)
    waiting = schema.empty_table()

    def add(part: bytes) -> None:
        nonlocal waiting
        waiting = pa.concat_tables([waiting, pa.ipc.open_stream(part).read_all()])
        while waiting.num_rows >= BATCH_ROWS:
            writer.write_table(waiting.slice(0, BATCH_ROWS).combine_chunks())
            waiting = waiting.slice(BATCH_ROWS)

    with pq.ParquetWriter(path, schema) as writer:
        yield add
        writer.write_table(waiting.combine_chunks())


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
