from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from dog.core.json_template import Hole, Template, join_objects, write_list

VALUES = st.none() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
ROWS = st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES}), max_size=4)


def document(constant: Any, a: Any, b: Any) -> dict[str, Any]:
    return {"first": a, "kept": {"constant": constant, "100 %": [b, constant]}, "again": a}


@given(constant=VALUES, rows=ROWS)
def test_each_row_is_the_document_with_its_values_in_the_holes(constant: Any, rows: list[dict[str, Any]]) -> None:
    template = Template.of(document(constant, Hole("a"), Hole("b")))
    columns = {name: [orjson.dumps(row[name]) for row in rows] for name in ("a", "b")}

    assert list(map(template.fill, template.rows(columns))) == [orjson.dumps(document(constant, **row)) for row in rows]


@given(constant=VALUES, row=st.fixed_dictionaries({"a": VALUES, "b": VALUES}))
def test_holes_can_be_filled_one_after_the_other(constant: Any, row: dict[str, Any]) -> None:
    template = Template.of(document(constant, Hole("a"), Hole("b")))

    filled = template.fill_some({"a": orjson.dumps(row["a"])})

    assert filled.columns == ("b",)
    assert filled.fill([orjson.dumps(row["b"])]) == orjson.dumps(document(constant, **row))


def test_texts_are_joined_to_lists_and_objects() -> None:
    assert write_list([]) == b"[]"
    assert write_list([b"1", b"{}"]) == b"[1,{}]"
    assert join_objects(b'{"a":1}', b'{"b":[2]}') == b'{"a":1,"b":[2]}'
