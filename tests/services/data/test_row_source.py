from pathlib import Path

import pytest

from dog.services.data.mapping.mapped_file import open_mapped
from dog.services.data.row_source import RowSource
from tests.loads_world import write_rows

ROW = {"contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-02", "model": "cf", "score": "1", "type": "win"}
COLUMNS = {
    "contacts": ("contact_id",),
    "scores": ("contact_id", "model", "score"),
    "transactions": ("contact_id", "product_id", "occurred_at"),
    "feedback": ("type", "contact_id", "product_id", "occurred_at"),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_the_tables_of_a_file_have_the_rows_that_it_yields(tmp_path: Path, kind: str) -> None:
    row = {name: ROW[name] for name in COLUMNS[kind]} | ({"as_of": "2026-11-02"} if kind == "scores" else {})
    source: RowSource = open_mapped(kind, write_rows(tmp_path / "a.csv", [row, {**row, "contact_id": "c2"}]))

    assert [one for table in source.tables() for one in table.rows()] == list(source.rows())
