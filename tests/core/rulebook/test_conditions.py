from datetime import date
from typing import Any

import numpy as np
import pytest

from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Frame, TextColumn, encode
from dog.core.rulebook.conditions import compile_condition
from dog.errors import InvalidPolicy

SCHEMA = ColumnSchema(product={"grade": "number", "green": "boolean"}, contact={"age": "number"}, models=["cf"])
FRAME = Frame.of(
    [
        {"id": "p1", "category": "fax", "value": 10.0, "active_from": "2026-01-01", "green": True},
        {"id": "p2", "category": "phone", "value": 250.0, "active_from": date(2026, 6, 1), "green": False},
        {"id": "p3"},
    ],
    "product",
).with_columns({"contact.segment": encode(["gold"]), "win_rate": np.array([0.1, np.nan, 0.9])})


def says(condition: str, frame: Frame = FRAME) -> list[bool | None]:
    yes, no = (np.broadcast_to(mask, frame.rows) for mask in compile_condition(condition, SCHEMA).masks(frame))
    return [True if is_true else False if is_false else None for is_true, is_false in zip(yes, no, strict=True)]


def fault_of(condition: str) -> tuple[str, int | None, str]:
    with pytest.raises(InvalidPolicy) as caught:
        compile_condition(condition, SCHEMA)
    fault = caught.value.faults[0]
    return fault.code, fault.column, fault.message


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("product.category = 'fax'", [True, False, None]),
        ("'fax' = product.category", [True, False, None]),
        ("product.category <> 'fax'", [False, True, None]),
        ("product.category < 'g'", [True, False, None]),
        ("product.category IN ('fax', 'telex')", [True, False, None]),
        ("product.category NOT IN ('fax', 'telex')", [False, True, None]),
        ("product.category LIKE '%o%'", [False, True, None]),
        ("product.category NOT LIKE 'f_x'", [False, True, None]),
        ("starts_with(product.category, 'ph')", [False, True, None]),
        ("upper(product.category) = 'FAX'", [True, False, None]),
        ("lower('FAX') = product.category", [True, False, None]),
        ("product.value BETWEEN 10 AND 20", [True, False, None]),
        ("product.value IN (250, 10.5)", [False, True, None]),
        ("product.value / 0 > 1", [None, None, None]),
        ("product.value * 2 - 10 = 10", [True, False, None]),
        ("abs(-product.value) + 1 >= 251", [False, True, None]),
        ("round(product.value / 3, 1) = 3.3", [True, False, None]),
        ("least(product.value, 50) = 50", [False, True, True]),
        ("greatest(product.value, 50) = 50", [True, False, True]),
        ("coalesce(product.value, 0) = 0", [False, False, True]),
        ("product.value IS NULL", [False, False, True]),
        ("product.value IS NOT NULL", [True, True, False]),
        ("CASE WHEN product.value > 100 THEN 'dear' ELSE 'cheap' END = 'dear'", [False, True, False]),
        ("CASE product.category WHEN 'fax' THEN 1 WHEN 'phone' THEN 2 END = 2", [False, True, None]),
        ("product.active_from >= DATE '2026-03-01'", [False, True, None]),
        ("product.active_from >= '2026-03-01'", [False, True, None]),
        ("DATE '2026-06-11' - product.active_from = 10", [False, True, None]),
        ("product.green", [True, False, None]),
        ("product.green = false", [False, True, None]),
        ("contact.segment = 'gold' AND win_rate > 0.5", [False, None, True]),
        ("contact.segment = 'gold' OR win_rate > 0.5", [True, True, True]),
        ("NOT win_rate > 0.5", [True, None, False]),
        ("context.season = 'q4'", [None, None, None]),
        ("true", [True, True, True]),
    ],
)
def test_a_condition_means_what_it_means_in_sql(condition: str, expected: list[bool | None]) -> None:
    assert says(condition) == expected


@pytest.mark.parametrize(
    ("condition", "code", "column", "hint"),
    [
        ("product.catgory = 'fax'", "unknown_column", 1, "did you mean product.category?"),
        ("contact.segment = 'a' AND score.fc > 1", "unknown_column", 27, "did you mean score.cf?"),
        ("days_since.pich > 3", "unknown_column", 1, "did you mean days_since.pitch?"),
        ("winrate > 3", "unknown_column", 1, "did you mean win_rate?"),
        ("product.category > 3", "wrong_type", 20, "3 is a number, but a text is needed here"),
        ("product.value = 'dear'", "wrong_type", 17, "a number is needed here"),
        ("NOT product.value", "wrong_type", 5, "a boolean is needed here"),
        ("product.category = 'fax", "open_quote", 20, "never closed"),
        ("sqrt(product.value) > 1", "unknown_function", 1, "allowed are abs"),
        ("rond(product.value) > 1", "unknown_function", 1, "did you mean round?"),
        ("product.value >", "bad_syntax", None, ""),
        ("product.value IN ()", "bad_syntax", None, ""),
        ("ELSE", "bad_syntax", None, ""),
        ("product.value; DROP TABLE x", "bad_syntax", 14, ""),
        ("product.name LIKE lower('A')", "bad_syntax", 19, "in quotes"),
        ("product.active_from > 'soon'", "bad_literal", 23, "is not a date"),
        ("product.value > 1e999", "bad_literal", 17, "too large"),
        ("product.value > 1e3-2", "bad_literal", 17, "spaces around"),
        ("1 = 1 -- always", "bad_syntax", 7, "reason"),
        ("product.name || 'x' = 'x'", "bad_syntax", 14, ""),
        ("product.value::text = 'x'", "bad_syntax", 14, ""),
        ("(SELECT 1) = 1", "bad_syntax", None, ""),
        ("product.value = ALL (1)", "unknown_function", None, ""),
        ("", "empty_condition", 1, ""),
        ("(" * 30 + "true" + ")" * 30, "too_deep", 21, ""),
        ("true OR " * 300 + "true", "too_long", None, ""),
    ],
)
def test_what_is_not_in_the_language_is_refused_at_its_place(
    condition: str, code: str, column: int | None, hint: str
) -> None:
    found_code, found_column, message = fault_of(condition)

    assert found_code == code
    assert column is None or found_column == column
    assert hint in message


def test_all_faults_of_a_chain_are_told_at_once() -> None:
    with pytest.raises(InvalidPolicy) as caught:
        compile_condition("product.catgory = 'x' AND product.valu > 1 AND true", SCHEMA)

    assert [fault.column for fault in caught.value.faults] == [1, 27]


@pytest.mark.parametrize(
    ("condition", "level"),
    [
        ("product.value > 1 AND product.category = 'a'", "product"),
        ("contact.segment = 'gold' AND context.season = 'q4'", "request"),
        ("true", "request"),
        ("contact.segment = 'gold' AND product.value > 1", "option"),
        ("win_rate > 0.5", "option"),
    ],
)
def test_a_condition_knows_how_often_it_must_be_asked(condition: str, level: str) -> None:
    assert compile_condition(condition, SCHEMA).level == level


def test_a_condition_on_the_contact_alone_is_asked_once_for_all_options() -> None:
    assert compile_condition("contact.segment = 'gold'", SCHEMA).masks(FRAME)[0].shape == (1,)


def test_a_condition_names_the_columns_that_it_reads_in_their_order() -> None:
    condition = compile_condition("win_rate > 0.5 AND product.value > 1 AND context.season = 'q4'", SCHEMA)

    assert condition.columns == ("context.season", "product.value", "win_rate")
    assert says(condition.text) == [False, None, None]


def test_undeclared_attributes_take_their_kind_from_their_use() -> None:
    condition = compile_condition("product.colour = 'red'", ColumnSchema())
    red = Frame(2, {"product.colour": TextColumn.of(["red", "blue"])})
    number = Frame(1, {"product.colour": np.array([3.0])})

    assert condition.masks(red)[0].tolist() == [True, False]
    assert [mask.tolist() for mask in condition.masks(number)] == [[False], [False]]


def test_words_of_the_language_may_be_names_of_columns() -> None:
    frame = Frame(1, {"context.end": encode([3.0])})

    assert says("context.end > 2", frame) == [True]


def test_a_vocabulary_that_changes_is_not_mistaken_for_the_last_one() -> None:
    condition = compile_condition("product.category = 'b'", SCHEMA)
    answers = [
        condition.masks(Frame(2, {"product.category": TextColumn.of(words)}))[0].tolist() for words in ("ab", "ba")
    ]

    assert answers == [[False, True], [True, False]]


def test_reading_a_condition_leaves_the_columns_as_they_were() -> None:
    value: Any = np.array([1.0, np.nan])
    compile_condition("round(-product.value) < 0", SCHEMA).masks(Frame(2, {"product.value": value}))

    np.testing.assert_array_equal(value, [1.0, np.nan])
