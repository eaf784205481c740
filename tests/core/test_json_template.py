from typing import Any

import numpy as np
import orjson
from hypothesis import given
from hypothesis import strategies as st

from dog.core.json_template import Hole, ListTemplate, NumberTable, Template, write_list

VALUES = st.none() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
ROWS = st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES}), max_size=4)


def document(constant: Any, a: Any, b: Any) -> dict[str, Any]:
    return {"first": a, "kept": {"constant": constant, "100 %": [b, constant]}, "again": a}


@given(constant=VALUES, rows=ROWS)
def test_each_row_is_the_document_with_its_values_in_the_holes(constant: Any, rows: list[dict[str, Any]]) -> None:
    template = Template.of(document(constant, Hole("a"), Hole("b")))
    columns = {name: [orjson.dumps(row[name]) for row in rows] for name in ("a", "b")}

    found = [template.fill([columns[name][place] for name in template.columns]) for place in range(len(rows))]
    assert found == [orjson.dumps(document(constant, **row)) for row in rows]


@given(constant=VALUES, row=st.fixed_dictionaries({"a": VALUES, "b": VALUES}))
def test_holes_can_be_filled_one_after_the_other(constant: Any, row: dict[str, Any]) -> None:
    template = Template.of(document(constant, Hole("a"), Hole("b")))

    filled = template.fill_some({"a": orjson.dumps(row["a"])})

    assert filled.columns == ("b",)
    assert filled.fill([orjson.dumps(row["b"])]) == orjson.dumps(document(constant, **row))


def test_texts_are_joined_to_lists() -> None:
    assert write_list([]) == b"[]"
    assert write_list([b"1", b"{}"]) == b"[1,{}]"


NUMBERS = st.floats(allow_infinity=False) | st.sampled_from([0.0, -0.0, 1e300, 5e-324])
LIST_ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, VALUES, VALUES), min_size=1, max_size=5)


@given(constant=VALUES, rows=LIST_ROWS, data=st.data())
def test_a_list_has_the_numbers_and_texts_of_its_rows(
    constant: Any, rows: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    def item(one: Any, two: Any, a: Any, b: Any) -> dict[str, Any]:
        return {"one": one, "within": {"constant": constant, "100 %": [b, two]}, "a": a, "again": one}

    template = ListTemplate(item(Hole("one"), Hole("two"), Hole("a"), Hole("b")), ["two", "unused", "one"])
    first = data.draw(st.integers(0, len(rows) - 1))
    chosen = slice(first, data.draw(st.integers(first, len(rows))))
    texts = {"a": [orjson.dumps(row[3]) for row in rows], "b": [orjson.dumps(row[4]) for row in rows]}
    table = NumberTable(np.array([row[:3] for row in rows]))

    written = template.write(table, texts, chosen)

    assert b"[%b]" % written == orjson.dumps([item(row[2], row[0], *row[3:]) for row in rows[chosen]])


def test_a_column_may_have_any_name() -> None:
    name = 'a "model" of \\ 100 %'

    assert Template.of({name: Hole(name)}).columns == (name,)
    assert Template.of({name: Hole(name)}).fill_some({name: b"1"}).fill([]) == orjson.dumps({name: 1})
