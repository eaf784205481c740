from datetime import UTC, date, datetime
from typing import Any

import pytest

from dog.errors import InvalidInput
from dog.services.data.row_values import (
    ACCEPTED,
    DUPLICATE,
    MAX_ATTRIBUTES,
    RowCounts,
    RowOutcome,
    parse_attributes,
    parse_day,
    parse_number,
    parse_row_time,
    refuse_columns,
)
from dog.storage.event_log import Status


@pytest.mark.parametrize(("value", "number"), [("1.5", 1.5), (" 2 ", 2.0), (3, 3.0)])
def test_numbers_may_come_as_text(value: Any, number: float) -> None:
    assert parse_number(value, "value") == number


@pytest.mark.parametrize("value", ["1_000", "nan", "inf", "1٣", True, None, []])
def test_what_is_no_finite_number_is_refused_by_name(value: Any) -> None:
    with pytest.raises(InvalidInput, match="value must be a finite number"):
        parse_number(value, "value")


def test_a_day_begins_at_its_midnight() -> None:
    expected = round(datetime(2026, 11, 20, tzinfo=UTC).timestamp() * 1000)

    assert {parse_row_time(value, "at", UTC) for value in ("2026-11-20", date(2026, 11, 20))} == {expected}
    assert parse_day("2026-11-20T23:00:00Z", "day", UTC) == "2026-11-20"


def test_empty_attributes_are_left_out() -> None:
    assert parse_attributes({"id": "p1", "a": "", "b": None, "c": 0}, {"id"}) == {"c": 0}


@pytest.mark.parametrize("value", [float("inf"), {"a": 1}, [1], "x" * 5000])
def test_an_attribute_is_text_a_number_or_a_truth_value(value: Any) -> None:
    with pytest.raises(InvalidInput):
        parse_attributes({"a": value}, set())


def test_a_row_has_a_bounded_number_of_attributes() -> None:
    with pytest.raises(InvalidInput, match="more than 200 columns"):
        parse_attributes({f"a{number}": 1 for number in range(MAX_ATTRIBUTES + 1)}, set())


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(InvalidInput, match="unknown column b"):
        refuse_columns({"a": 1, "b": 2}, {"a"})


def test_counts_tell_the_codes_of_what_was_rejected() -> None:
    counts = RowCounts()
    counts.add([ACCEPTED, DUPLICATE, ACCEPTED, RowOutcome(Status.REJECTED, "invalid_id", "bad")])

    assert (counts.accepted, counts.duplicates, counts.rejected) == (2, 1, 1)
    assert counts.by_code == {"invalid_id": 1}
