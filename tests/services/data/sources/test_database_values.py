from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from dog.errors import InvalidInput
from dog.services.data.sources.database_values import plain_value, read_cursor, write_cursor

MOMENT = datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)
NAMED = UUID("12345678-1234-5678-1234-567812345678")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (Decimal("12.50"), 12.5),
        (Decimal("1E+3"), 1000),
        (MOMENT, MOMENT),
        (date(2026, 1, 2), date(2026, 1, 2)),
        (time(9, 30), "09:30:00"),
        (NAMED, "12345678-1234-5678-1234-567812345678"),
        (memoryview(b"\x01\x02"), "0102"),
        (["a", 1], ["a", "1"]),
        ({"a": 1}, '{"a":1}'),
    ],
)
def test_values_are_those_of_files(value: Any, plain: Any) -> None:
    assert plain_value(value) == plain
    assert type(plain_value(value)) is type(plain)


@pytest.mark.parametrize(
    "value",
    [
        7,
        1 << 70,
        1.5,
        Decimal("1.10"),
        "2026-W47",
        MOMENT,
        MOMENT.replace(tzinfo=None),
        date(2026, 1, 2),
        NAMED,
        b"\0\1",
    ],
)
def test_a_cursor_comes_back_as_it_was(value: Any) -> None:
    assert read_cursor(write_cursor("changed", value)) == value
    assert type(read_cursor(write_cursor("changed", value))) is type(value)


@pytest.mark.parametrize("value", [True, float("nan"), ["a"]])
def test_what_is_no_place_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput, match=r"changed has the value .*, from which a later load cannot continue"):
        write_cursor("changed", value)
