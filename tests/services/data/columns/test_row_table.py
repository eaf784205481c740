import pyarrow as pa

from dog.services.data.columns.row_table import RowTable, table_of_rows
from dog.services.data.data_rows import Row


def test_a_renamed_table_has_rows_with_what_the_file_has() -> None:
    table = RowTable(size=2, columns={"Kunde": pa.array(["c1", "c2"]), "x": pa.array([1, None])}, first_line=5)
    named = table.renamed({"Kunde": "contact_id"}, {"model": "cf"})

    assert named.coded("model").values == ["cf"]
    assert named.rows([1]) == [Row(6, {"contact_id": "c2", "model": "cf"}, original={"Kunde": "c2", "x": None})]


def test_a_missing_field_has_the_default_and_a_column_that_is_not_there_too() -> None:
    table = table_of_rows([Row(1, {"quantity": "2"}), Row(2, {})], ("quantity", "amount"))

    assert table.numbers("quantity", 1.0).tolist() == [2.0, 1.0]
    assert table.numbers("amount", 0.0).tolist() == [0.0, 0.0]
    assert RowTable(size=2, columns={}).numbers("amount", 0.5).tolist() == [0.5, 0.5]
    assert RowTable(size=2, columns={}).coded("model").values == [None]


def test_distinct_values_come_with_the_line_of_their_first_row() -> None:
    table = RowTable(size=4, columns={"a": pa.array(["x", "y", "x", None])}, first_line=3)
    given = table_of_rows([Row(4, {"a": "x"}), Row(9, {"a": "y"}), Row(12, {"a": "x"})], ("a",))

    assert list(table.first_values("a")) == [(3, "x"), (4, "y"), (6, None)]
    assert list(given.first_values("a")) == [(4, "x"), (9, "y")]
