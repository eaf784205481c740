import pyarrow as pa
import pytest

from dog.services.data.columns import gather_tables as module
from dog.services.data.columns.gather_tables import gather_tables
from dog.services.data.columns.row_table import RowTable, table_of_rows
from dog.services.data.data_rows import Row


def test_only_tables_not_sorted_by_contact_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GATHERED_ROWS", 14)
    monkeypatch.setattr(module, "SHORT_RUN_ROWS", 2)
    columns = {"sorted": "aaabbbc", "shuffled": "abababa"}
    order = ["shuffled", "sorted", *["shuffled"] * 3, "given", "sorted"]
    tables, first = [], 0
    for kind in order:
        letters = list(columns.get(kind, "zy"))
        if kind == "given":
            table = table_of_rows([Row(first + n, {"contact_id": one}) for n, one in enumerate(letters, 1)], (), first)
        else:
            table = RowTable(
                size=len(letters), columns={"contact_id": pa.array(letters)}, first=first, first_line=first + 1
            )
        tables.append(table)
        first += table.size
    gathered = list(gather_tables(tables))

    assert [table.size for table in gathered] == [7, 7, 14, 7, 2, 7]
    rows = [row for table in gathered for row in table.rows()]
    assert [row.line for row in rows] == list(range(1, first + 1))
    assert rows == [row for table in tables for row in table.rows()]
