"""Records are joined from the pieces of their columns."""

from typing import Any

from dog.services.data.columns.record_json import find_first_rows, join_records, read_shapes, write_piece
from dog.services.data.columns.row_table import table_of_rows
from dog.services.data.data_rows import Row
from dog.services.data.row_values import parse_contact_attributes

ROWS: list[dict[str, Any]] = [
    {"contact_id": "c1", "size": 0.0, "name": ""},
    {"name": 'A"', "contact_id": "c2"},
    {"contact_id": "c3", "size": -0.0, "name": {}},
]
TABLE = table_of_rows([Row(line, row) for line, row in enumerate(ROWS, 1)], ["contact_id"])
SHAPES = read_shapes(TABLE, "contact_id", parse_contact_attributes, ())


def test_a_record_has_the_columns_of_its_row_in_their_order_without_empty_ones() -> None:
    heads = [write_piece("contact_id", row["contact_id"]) for row in ROWS]

    assert join_records(heads, SHAPES) == [
        b'{"contact_id":"c1","size":0.0}',
        b'{"contact_id":"c2","name":"A\\""}',
        b'{"contact_id":"c3","size":-0.0}',
    ]
    assert join_records([b""] * 3, SHAPES)[0] == b'{"size":0.0}'
    assert [shape.refused().tolist() for shape in SHAPES] == [[False, True], [False]]


def test_each_column_is_described_by_the_first_row_that_has_it() -> None:
    assert find_first_rows(SHAPES, [0, 1, 2], 3) == [0, 1]
    assert find_first_rows(SHAPES, [2, 1], 3) == [2, 1]
    assert find_first_rows(SHAPES, [1], 3) == [1]
