from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.services.data.columns.coded_values import NONE, REFUSED, code_array, code_values, numbers_of, read_ids
from dog.services.feedback.parse_event import read_number

texts = st.lists(st.one_of(st.none(), st.text(max_size=3), st.sampled_from(["1", "-2.5e3", " 1 ", "nan", "1_0", "+3"])))


@given(texts)
def test_arrow_and_python_values_are_coded_and_read_as_the_same(values: list[str | None]) -> None:
    array = pa.array(values, pa.string())
    for coded in (code_values(values), code_array(array), code_array(array.dictionary_encode())):
        assert [coded.values[code] for code in coded.codes] == values
    expected = [read_number(value) for value in values]
    for column in (values, array, array.dictionary_encode()):
        np.testing.assert_array_equal(numbers_of(column), expected)


@pytest.mark.parametrize(
    "values", [[1, 2**60, -3], [0.1, float("inf"), None], [1, 1.0, True], ["1", 2, []], [None, None]]
)
def test_numbers_are_those_of_the_careful_reader(values: list[Any]) -> None:
    np.testing.assert_array_equal(numbers_of(values), [read_number(value) for value in values])


def test_one_and_true_are_two_values_and_a_list_is_always_its_own() -> None:
    coded = code_values([1, True, 1.0, 1, [], []])

    assert coded.codes.tolist() == [0, 1, 2, 0, 3, 4]
    assert [type(value) for value in coded.values] == [int, bool, float, list, list]


def test_ids_in_two_unicode_forms_are_one_and_bad_ones_are_refused() -> None:
    column = code_values(["é", "e\u0301", "", None, "a\n", 7, "7"])

    assert read_ids(column, "contact_id").codes.tolist() == [0, 0, REFUSED, REFUSED, REFUSED, 1, 1]
    optional = read_ids(column, "product_id", is_optional=True)
    assert (optional.codes.tolist(), optional.values) == ([0, 0, NONE, NONE, REFUSED, 1, 1], ["é", "7"])
    assert optional.mark([True, False]).tolist() == [True, True, False, False, False, False, False]
