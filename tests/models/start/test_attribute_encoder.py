from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dog.models.start.attribute_encoder import MOST_COLUMNS, MOST_VALUES, AttributeEncoder

SEGMENTS: list[dict[str, Any]] = [{"segment": "gold"}] * 10 + [{"segment": "silver"}] * 30
AGES: list[dict[str, Any]] = [{"age": float(age)} for age in range(20, 60)]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@pytest.mark.parametrize("value", ["new", None, "", 10**400, ["gold"], {"gold": 1}, float("nan"), "segment\u0000"])
def test_a_value_never_seen_counts_as_average(value: Any) -> None:
    assert AttributeEncoder.fit(SEGMENTS).encode({"segment": value}).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("value", [None, "", "35", "old", float("nan"), float("inf"), 10**400, [35]])
def test_what_is_no_number_counts_as_the_average_number(value: Any) -> None:
    assert AttributeEncoder.fit(AGES).encode({"age": value}).tolist() == [0.0]


def test_attributes_never_seen_change_nothing() -> None:
    encoder = AttributeEncoder.fit(SEGMENTS)

    assert encoder.encode({"segment": "gold", "__proto__": "gold", "": 1}).tolist() == [-0.75, 0.75]


@pytest.mark.parametrize(
    "name", ["__proto__", "", "segment\u0000", "__class__", "'; DROP TABLE", "\U0001f600", "a" * 200]
)
def test_a_hostile_name_is_a_name(name: str) -> None:
    encoder = AttributeEncoder.fit([{name: "a"}] * 10 + [{name: "b"}] * 10)

    again = AttributeEncoder.read(orjson.loads(orjson.dumps(encoder.to_document())))

    assert again.encode({name: "a"}).tolist() == [0.5, -0.5]
    assert again == encoder


def test_names_and_texts_that_are_too_long_are_left_out() -> None:
    assert AttributeEncoder.fit([{"a" * 201: place % 2} for place in range(40)]).columns == ()
    assert AttributeEncoder.fit([{"a": "x" * 201 + str(place % 2)} for place in range(40)]).columns == ()


def test_of_many_values_the_most_frequent_get_a_column() -> None:
    many = [{"city": f"city {place}"} for place in range(10_000)]
    frequent = [{"city": f"town {place % 60}"} for place in range(60 * 12)]

    assert AttributeEncoder.fit(many).columns == ()
    assert len(AttributeEncoder.fit([*many, *frequent]).columns) == MOST_VALUES


def test_of_many_attributes_those_of_most_records_get_a_column() -> None:
    records = [{f"attribute {place}": place * record for place in range(500)} for record in range(10)]

    assert len(AttributeEncoder.fit([*records, *AGES]).columns) == MOST_COLUMNS
    assert "age" in {column.name for column in AttributeEncoder.fit([*records, *AGES]).columns}


def test_columns_are_0_on_average() -> None:
    records = [gold | old for gold, old in zip(SEGMENTS, AGES, strict=True)]

    encoded = AttributeEncoder.fit(records).encode_all(records)

    np.testing.assert_allclose(encoded.mean(axis=0), 0.0, atol=1e-12)
    assert encoded.shape == (40, 3)


def test_numbers_are_standardised_and_cut_off() -> None:
    encoder = AttributeEncoder.fit(AGES)

    assert encoder.encode({"age": 39.5}).tolist() == [0.0]
    assert encoder.encode({"age": 10**9}).tolist() == [3.0]
    assert encoder.encode({"age": -1e308}).tolist() == [-3.0]


def test_a_few_wrong_values_do_not_spoil_a_number() -> None:
    encoder = AttributeEncoder.fit([*AGES, {"age": "unknown"}, {"age": None}, {"age": float("nan")}])

    assert encoder == AttributeEncoder.fit(AGES)


def test_a_category_may_be_given_as_a_number() -> None:
    encoder = AttributeEncoder.fit([{"level": "1"}] * 10 + [{"level": "2"}] * 10)

    assert encoder.encode({"level": 1}).tolist() == encoder.encode({"level": "1"}).tolist() == [0.5, -0.5]


def test_booleans_are_numbers() -> None:
    encoder = AttributeEncoder.fit([{"member": True}] * 10 + [{"member": False}] * 10)

    assert encoder.encode_all([{"member": True}, {"member": False}, {}]).tolist() == [[1.0], [-1.0], [0.0]]


@pytest.mark.parametrize("value", [0.1, "gold", True, 1e308, None, float("nan")])
def test_what_is_always_the_same_has_no_column(value: Any) -> None:
    assert AttributeEncoder.fit([{"a": value}] * 40).columns == ()


def test_numbers_too_large_for_a_variance_have_no_column() -> None:
    assert AttributeEncoder.fit([{"a": sign * 1e308} for sign in (1.0, -1.0)] * 20).columns == ()


def test_attributes_that_are_left_out_have_no_column() -> None:
    assert AttributeEncoder.fit(SEGMENTS, ["segment"]).columns == ()


@settings(max_examples=50)
@given(
    st.lists(st.dictionaries(st.sampled_from(["a", "b", ""]), SCALARS), max_size=4), st.dictionaries(st.text(), SCALARS)
)
def test_every_record_has_finite_columns(few: list[dict[str, Any]], other: dict[str, Any]) -> None:
    encoder = AttributeEncoder.fit(few * 12)

    assert np.isfinite(encoder.encode_all([*few, other])).all()
    assert np.abs(encoder.encode_all([*few, other])).max(initial=0.0) <= 3.0


def test_no_records_have_no_columns() -> None:
    assert AttributeEncoder.fit([]).encode_all([{}, {"a": 1}]).shape == (2, 0)
    assert AttributeEncoder.fit(SEGMENTS).encode_all([]).shape == (0, 2)
