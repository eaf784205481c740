import numpy as np

from dog.core.rulebook.columns import Frame, TextColumn, day_number, encode, is_null


def test_what_is_not_of_the_kind_is_null() -> None:
    assert is_null(encode([1, True, "x", None, float("inf")], "number")).tolist() == [False, True, True, True, True]
    assert is_null(encode([True, 1], "boolean")).tolist() == [False, True]
    assert is_null(encode(["2026-11-20", "soon"], "date")).tolist() == [False, True]


def test_text_is_coded_once_in_the_order_in_which_it_comes() -> None:
    column = encode(["b", "a", None, "b"])

    assert isinstance(column, TextColumn)
    assert column.vocabulary == ("b", "a")
    assert column.codes.tolist() == [0, 1, -1, 0]


def test_lists_become_one_text() -> None:
    column = encode([["email", "call"]])

    assert isinstance(column, TextColumn)
    assert column.vocabulary == ("email;call",)


def test_days_are_counted_from_1970() -> None:
    assert day_number("1970-01-02T23:00:00") == 1.0
    assert np.isnan(day_number("no date"))


def test_further_columns_hide_those_of_the_same_name() -> None:
    frame = Frame.of([{"value": 1.0}, {"value": 2.0}], "product")
    wider = frame.with_columns({"product.value": np.array([3.0]), "win_rate": np.array([0.1, 0.2])})

    assert np.asarray(wider.columns["product.value"]).tolist() == [3.0]
    assert set(wider.columns) == {"product.value", "win_rate"}


def test_rows_are_taken_in_the_order_given() -> None:
    taken = Frame.of([{"value": 1.0}, {"value": 2.0}, {"value": 3.0}], "product").take(np.array([2, 0]))

    assert taken.rows == 2
    assert np.asarray(taken.columns["product.value"]).tolist() == [3.0, 1.0]
