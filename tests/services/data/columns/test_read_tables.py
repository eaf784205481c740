"""Files read by blocks have the rows, lines and faults that they have read line by line."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dog.services.data.columns import read_tables
from dog.services.data.data_rows import Row
from dog.services.data.file_dialect import Dialect
from dog.services.data.read_rows import DataFile

NAMES = ("a", "b")
CELLS = ["1", "x", "é", "", '"q"', '"q,r"', '"q\nr"', '"q""r"', 'q"r', '"q"r', "'=1", "'", "\0", " "]
ENDS = ["\n", "\n", "\n", "\r\n", "\r", "\n\n"]
csv_lines = st.lists(st.tuples(st.lists(st.sampled_from(CELLS), min_size=1, max_size=3), st.sampled_from(ENDS)))
objects = [
    '{"a":1,"b":"x"}',
    '{"a":0.50}',
    '{"a":1,"a":2}',
    "[1]",
    '{"a":NaN}',
    "x",
    "",
    '{"b":[{"c":null}]}',
    '{"a":"é"}',
]
json_lines = st.lists(st.tuples(st.sampled_from([objects[0], *objects]), st.sampled_from(ENDS)))
Known = Sequence[tuple[object, ...]]


def told(rows: Sequence[Row]) -> Known:
    return [(row.line, row.fields, row.fault) for row in rows]


def by_block(path: Path, size: int) -> Known:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_tables, "BLOCK_BYTES", size)
        tables = list(DataFile(path, Dialect(encoding="utf-8-sig")).tables(NAMES))
    assert [table.first for table in tables] == [sum(table.size for table in tables[:n]) for n in range(len(tables))]
    return told([row for table in tables for row in table.rows()])


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(csv_lines, st.sampled_from(["a,b\n", '\ufeff"a",b\r\n', "sep=,\na,b\n"]), st.integers(4, 60))
@example([(['"', 'x"y'], "\n")], "a,b\n", 60)
def test_blocks_of_csv_are_read_as_line_by_line(
    tmp_path: Path, lines: list[tuple[list[str], str]], head: str, size: int
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((head + "".join(",".join(cells) + end for cells, end in lines)).encode())

    assert by_block(path, size) == told(list(DataFile(path).rows()))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json_lines, st.sampled_from(["", "\ufeff"]), st.integers(4, 60))
def test_blocks_of_ndjson_are_read_as_line_by_line(
    tmp_path: Path, lines: list[tuple[str, str]], head: str, size: int
) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes((head + "".join(line + end for line, end in lines)).encode())

    assert by_block(path, size) == told(list(DataFile(path).rows()))


def test_plain_blocks_are_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,x\n"2","y,z"\n')

    (table,) = DataFile(path).tables(NAMES)
    assert (table.size, table.given, [row.fields for row in table.rows([1])]) == (2, (), [{"a": "2", "b": "y,z"}])
