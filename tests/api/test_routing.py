"""Query parameters are read as they are declared."""

import pytest
from flask import Flask

from dog.api.routing import query, read_integer
from dog.errors import InvalidInput

LIMIT = query("limit", "integer", "rows a page", default=100, minimum=1, maximum=1000)
APP = Flask("test")


@pytest.mark.parametrize(
    ("text", "value"), [("", 100), ("?limit=1", 1), ("?limit=1000", 1000), (f"?limit={'0' * 5000}7", 7)]
)
def test_an_integer_within_its_bounds_or_its_default_is_read(text: str, value: int) -> None:
    with APP.test_request_context(f"/{text}"):
        assert read_integer(LIMIT) == value


@pytest.mark.parametrize("text", ["0", "1001", "-1", "1.5", "", "²", "٣", "9" * 5000])
def test_any_other_text_is_refused_with_the_bounds(text: str) -> None:
    with (
        APP.test_request_context("/", query_string={"limit": text}),
        pytest.raises(InvalidInput, match="limit must be a whole number from 1 to 1000"),
    ):
        read_integer(LIMIT)
