"""What is read without marshmallow is what the schema reads; common bodies are read so."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from dog.api.plain_list_request import IS_PLAIN, read_plain_request
from dog.api.request_schemas import RecommendationRequestSchema
from dog.errors import NotJson
from dog.services.data.strict_json import parse_json
from dog.services.lists.list_request import EXPLANATIONS, MAX_K, RECENT_EVENT_TYPES, ListRequest

SCHEMA = RecommendationRequestSchema()

ids = st.text("ab-_ é\u0301\x00", max_size=4) | st.sampled_from(["p1", "x" * 256, "x" * 257]) | st.integers(0, 9)
scalars = st.none() | st.booleans() | st.integers(-1, 2) | st.floats(allow_nan=False, allow_infinity=False) | ids
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(ids.map(str), inner, max_size=2)
)
times = st.sampled_from(["2026-11-20T10:00:00Z", "2026-11-20T10:00:00+01:00", "2026-11-20", "1969-01-01T00:00:00Z"])
scores = st.dictionaries(st.text("m", max_size=2), st.floats(0, 1) | scalars, max_size=3)
candidates = st.fixed_dictionaries({"product_id": ids, "scores": scores}, optional={"more": scalars})
events = st.fixed_dictionaries(
    {"type": st.sampled_from([*RECENT_EVENT_TYPES, "none", 1]), "product_id": ids},
    optional={"occurred_at": times | scalars, "more": scalars},
)
likely: dict[str, st.SearchStrategy[Any]] = {
    "contact_id": ids,
    "k": st.integers(-1, MAX_K + 1),
    "policy": st.text("r", max_size=65),
    "context": st.dictionaries(st.text("c", max_size=3), scalars, max_size=4),
    "candidates": st.none() | st.lists(candidates, max_size=3),
    "exclude": st.lists(ids, max_size=3),
    "explain": st.sampled_from([*EXPLANATIONS, "", "more"]),
    "dry_run": st.booleans(),
    "decision_id": st.none() | ids,
    "contact": st.none() | st.dictionaries(st.sampled_from(["segment", "account_id", "channels", "n"]), anything),
    "events": st.lists(events, max_size=3),
    "unknown": scalars,
}
documents = st.fixed_dictionaries({}, optional={name: values | values | anything for name, values in likely.items()})


def read_by_the_schema(body: bytes) -> Any:
    try:
        return SCHEMA.load(parse_json(body))
    except (NotJson, ValidationError):
        return None


@given(documents)
def test_what_is_read_is_what_the_schema_reads(document: Any) -> None:
    body = orjson.dumps(document)
    read = read_plain_request(body)

    assert read is None or read == read_by_the_schema(body)


@given(documents, st.data())
def test_a_body_that_is_changed_in_one_byte_is_read_as_the_schema_reads_it(document: Any, data: st.DataObject) -> None:
    body = bytearray(orjson.dumps(document))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.sampled_from(b'",:{}[]0e a\\'))
    read = read_plain_request(bytes(body))

    assert read is None or read == read_by_the_schema(bytes(body))


def test_every_field_of_the_schema_is_known_here() -> None:
    assert set(IS_PLAIN) == set(SCHEMA.fields)


@pytest.mark.parametrize(
    "document",
    [
        {"contact_id": "c1"},
        {"contact_id": "c1", "k": 10, "policy": "mine", "explain": "full", "dry_run": True, "decision_id": "d1"},
        {"contact_id": "c1", "context": {"channel": "call", "hour": 9, "share": 0.25, "known": None, "first": False}},
        {"contact_id": "c1", "exclude": ["p1", "p2"], "decision_id": None, "candidates": None, "contact": None},
        {"contact_id": "c1", "candidates": [{"product_id": "p1", "scores": {"cf": 0.5, "churn": 0.1}}]},
        {"contact_id": "c1", "contact": {"segment": "gold", "channels": "email;call", "account_id": "a1"}},
        {"contact_id": "c1", "events": [{"type": "win", "product_id": "p1", "occurred_at": "2026-11-20T10:00:00Z"}]},
        {"contact_id": "c1", "exclude": ["p1"], "events": [{"type": "discard", "product_id": "p2"}]},
    ],
)
def test_common_bodies_are_read(document: Any) -> None:
    body = orjson.dumps(document)
    read = read_plain_request(body)

    assert isinstance(read, ListRequest)
    assert read == read_by_the_schema(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"contact_id":"c1","contact_id":"c2"}',
        b'{"contact_id":"c1","context":{"a":1,"a":2}}',
        b'{"contact_id":"c1","context":{"a":12345678901234567890}}',
        b'{"contact_id":"c1","context":{"a":NaN}}',
        b'{"contact_id":"c1","k":1e1}',
        b'["contact_id"]',
        b"{}",
        b"",
    ],
)
def test_what_has_to_be_refused_is_left_to_the_schema(body: bytes) -> None:
    assert read_plain_request(body) is None
