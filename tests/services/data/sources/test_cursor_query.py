from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from dog.errors import InvalidInput
from dog.services.data.sources.cursor_query import columns_of, find_cursor, read_query
from dog.services.data.sources.database import Database
from tests.databases import execute
from tests.services.data.sources.conftest import Deals

QUERY = "SELECT * FROM deals WHERE stage LIKE 'W%' AND ':no' <> '%(x)s:b' -- the end: 100%\n;"


def read(url: str, query: str, cursor: str | None = None, last: Any = None) -> list[tuple[Any, ...]]:
    """Read the rows of a query."""
    with Database(url).read() as connection, read_query(connection, query, cursor, last) as result:
        columns_of(result)
        return [tuple(row) for row in result]


def test_a_query_is_read_as_it_is_written(deals: Deals) -> None:
    deals.add(2, 1)

    assert len(read(deals.url, QUERY)) == 2
    assert [row[-1] for row in read(deals.url, QUERY, "changed")] == [1, 2]
    assert [row[-1] for row in read(deals.url, QUERY, "changed", 2)] == [2]


def test_the_cursor_is_found_in_any_case_and_rows_without_it_are_counted(deals: Deals) -> None:
    deals.add(1)
    execute(deals.url, "INSERT INTO deals (no) VALUES (2)", "INSERT INTO deals (no) VALUES (3)")
    query = 'SELECT no, changed AS "Changed at" FROM deals'
    with Database(deals.url).read() as connection:
        found = find_cursor(connection, query, "changed_at")

    assert found == ("Changed at", 2)
    assert read(deals.url, query, "Changed at") == [(1, 1)]


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        ("BIGINT", 1 << 40),
        ("NUMERIC(30, 5)", Decimal("12345678901234567890.12345")),
        ("TIMESTAMPTZ", datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)),
        ("TIMESTAMP", datetime(2026, 11, 20, 10, 0, 0, 123456)),  # noqa: DTZ001  # a column without zone
        ("VARCHAR(20)", "2026-W47"),
    ],
)
def test_reading_goes_on_at_exactly_the_last_value(postgres: str, kind: str, last: Any) -> None:
    execute(postgres, "DROP TABLE IF EXISTS places", f"CREATE TABLE places (at {kind})")
    execute(postgres, f"INSERT INTO places VALUES ('{last}')")

    assert read(postgres, "SELECT * FROM places", "at", last) == [(last,)]


def test_a_query_that_does_not_fit_is_one_sentence(small: Deals) -> None:
    with pytest.raises(InvalidInput, match="names a column twice: a, a; name each by AS"):
        read(small.url, "SELECT 1 AS a, 2 AS a")
    with (
        Database(small.url).read() as connection,
        pytest.raises(InvalidInput, match="the query has no column nr, its cursor; its columns are no"),
    ):
        find_cursor(connection, "SELECT no FROM deals", "nr")
