"""Rows that are read again have the numbers, lines and fields of the first time."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dog.services.data.backfill.read_numbered import read_numbered
from dog.services.data.mapping.mapped_file import MappedFile, open_mapped
from tests.loads_world import event, write_rows

ROWS = [event(f"e{number}") for number in range(9)]


@pytest.fixture(params=["csv", "parquet", "renamed"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> MappedFile:
    """Write the rows as a file, also with a column of another name."""
    if request.param == "csv":
        return open_mapped("feedback", write_rows(tmp_path / "f.csv", ROWS))
    name = "Contact ID" if request.param == "renamed" else "contact_id"
    rows = [{name if column == "contact_id" else column: value for column, value in row.items()} for row in ROWS]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "f.parquet")
    return open_mapped("feedback", tmp_path / "f.parquet")


def test_the_wanted_rows_come_chunk_by_chunk(source: MappedFile) -> None:
    chunks = list(read_numbered(source, [1, 2, 3, 8], 3))

    assert [[number for number, _ in chunk] for chunk in chunks] == [[1, 2], [3], [8]]
    every = list(source.rows())
    for number, row in (both for chunk in chunks for both in chunk):
        assert (row.line, row.fields) == (every[number].line, every[number].fields)


def test_nothing_is_read_where_nothing_is_wanted(source: MappedFile) -> None:
    assert list(read_numbered(source, [], 3)) == []
