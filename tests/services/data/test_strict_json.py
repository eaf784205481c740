"""One strict door for JSON: what programs read differently is refused, and quickly."""

import contextlib
import time
from typing import Any

import orjson
import pytest

from dog.errors import NotJson
from dog.services.data.strict_json import parse_json


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 2}]},
        {"a:b": ':"', "c\\": '{"x":1,"x":2}', "": "\\"},
        {"n": [0, -0.0, 9_223_372_036_854_775_807, 1e308, 5e-324, "9" * 400]},
        "\\",
        None,
    ],
)
def test_what_is_plain_is_read_as_it_is(value: Any) -> None:
    assert parse_json(orjson.dumps(value)) == value


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"a":1,"a":2}', "the name 'a' twice"),
        (b'[{"x":{"b":1,"\\u0062":1}}]', "the name 'b' twice"),
        (b"[" * 33 + b"]" * 33, "nested deeper"),
        (b"9" * 20, "20 digits"),
        (b"[0." + b"1" * 20 + b"]", "20 digits"),
        (b"[NaN]", "not JSON"),
        (b"1e999", "not JSON"),
        (b'"\\ud800"', "not JSON"),
        (b"\xff", "not JSON"),
        (b"", "not JSON"),
    ],
)
def test_what_programs_read_differently_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(NotJson, match=says):
        parse_json(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * (1 << 20),
        b'{"a":' * 200_000,
        b'"\\"' * 300_000,
        b"[" * 40 + b'"' * (1 << 20),
        b"[" * 40 + b'"\\' * (1 << 19),
        b"[" + b"{}," * 300_000 + b"{}]",
        b"[" + b'{"a":1},' * 120_000 + b"9" * 40 + b"]",
        b"{" + b"".join(b'"%d":1,' % number for number in range(90_000)) + b'"89999":2}',
    ],
)
def test_a_body_of_a_mebibyte_is_judged_in_a_moment(body: bytes) -> None:
    began = time.process_time()
    with contextlib.suppress(NotJson):
        parse_json(body)

    # the processor's own time: a body that blows up takes minutes, whatever else runs here
    assert time.process_time() - began < 5
