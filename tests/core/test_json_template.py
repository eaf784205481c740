from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.json_template import Hole, NumberTable, OptionalMembers, Template, write_list

VALUES = st.none() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)


def test_texts_are_joined_to_lists() -> None:
    assert write_list([]) == b"[]"
    assert write_list([b"1", b"{}"]) == b"[1,{}]"


NUMBERS = st.floats(allow_infinity=False) | st.sampled_from([0.0, -0.0, 1e300, 5e-324])
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, VALUES, VALUES), min_size=1, max_size=5)


@given(constant=VALUES, rows=ROWS, data=st.data())
def test_a_list_has_the_numbers_and_texts_of_its_rows(
    constant: Any, rows: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    def item(one: Any, two: Any, a: Any, b: Any) -> dict[str, Any]:
        return {"one": one, "within": {"constant": constant, "100 %": [b, two]}, "a": a, "again": one}

    template = Template(item(Hole("one"), Hole("two"), Hole("a"), Hole("b")), ["two", "unused", "one"])
    first = data.draw(st.integers(0, len(rows) - 1))
    chosen = slice(first, data.draw(st.integers(first, len(rows))))
    texts = {"a": [orjson.dumps(row[3]) for row in rows], "b": [orjson.dumps(row[4]) for row in rows]}
    table = NumberTable(np.array([row[:3] for row in rows]))

    written = template.write(table, texts, chosen)

    assert b"[%b]" % written == orjson.dumps([item(row[2], row[0], *row[3:]) for row in rows[chosen]])


@pytest.mark.parametrize("name", ['a "model" of \\ 100 %', "\0"])
def test_a_column_may_have_any_name(name: str) -> None:
    template, one = Template({name: Hole(name), "constant": name}, [name]), NumberTable(np.array([[1.5]]))

    assert template.write(one, {}) == orjson.dumps({name: 1.5, "constant": name})


@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS, VALUES), min_size=1, max_size=5))
def test_optional_members_are_left_out_where_their_number_is_missing(rows: list[tuple[float, float, Any]]) -> None:
    members = [("m one", "one", {"raw": Hole("one")}), ("two", "two", {"raw": Hole("two"), "text": Hole("a")})]
    template = Template({"models": OptionalMembers(members), "then": [1, Hole("a")]}, ["one", "two"])
    known = [{"m one": {"raw": one}} | {"two": {"raw": two, "text": text}} for one, two, text in rows]

    written = template.write(
        NumberTable(np.array([row[:2] for row in rows])), {"a": [orjson.dumps(row[2]) for row in rows]}
    )

    models = [{name: model for name, model in one.items() if not np.isnan(model["raw"])} for one in known]
    expected = [{"models": found, "then": [1, row[2]]} for found, row in zip(models, rows, strict=True)]
    assert b"[%b]" % written == orjson.dumps(expected)


def test_columns_shorter_than_the_table_are_refused() -> None:
    template, table = Template({"a": Hole("a")}, ["n"]), NumberTable(np.zeros((3, 1)))

    with pytest.raises(ValueError, match="3 rows need as many texts in each column"):
        template.write(table, {"a": [b"1"]})
