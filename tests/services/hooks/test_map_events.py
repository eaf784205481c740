from contextlib import suppress
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.errors import InvalidInput
from dog.services.data.mapping.load_map import parse_load_map
from dog.services.feedback.parse_event import parse_event
from dog.services.hooks.map_events import COLUMNS, EventMap, MappedEvents, event_id
from dog.services.hooks.schemes import SCHEMES
from dog.storage.ids import MAX_ID_BYTES
from tests.services.hooks.senders import NOW_MS

PLAIN = {"type": "Win", "contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-20T11:00:00Z"}


def mapped(body: Any, rest: str = "", scheme: str = "standard", message_id: str = "msg_1") -> MappedEvents:
    entry = parse_load_map(f'[hooks.crm]\nscheme = "{scheme}"\n{rest}').hooks["crm"]
    return EventMap.of("crm", entry, SCHEMES[scheme].id_paths).read(body, message_id, NOW_MS)


def only(found: MappedEvents) -> dict[str, Any]:
    assert found.results == {}
    assert list(found.documents) == [0]
    return found.documents[0]


def test_an_event_in_dogs_own_words_needs_no_map() -> None:
    assert only(mapped(PLAIN)) == {**PLAIN, "type": "win", "event_id": "crm:msg_1"}
    assert only(mapped({**PLAIN, "event_id": "e1", "colour": "red"}))["event_id"] == "crm:msg_1"


def test_columns_are_found_by_paths_in_the_event_and_in_the_body() -> None:
    rest = """
items = "order.lines"
[hooks.crm.columns]
"/customer/id" = "contact_id"
"product.sku" = "product_id"
price = "value"
type = ""
[hooks.crm.constants]
type = "win"
actor_id = "crm"
"""
    lines = [{"product": {"sku": sku}, "price": 2.5, "type": "line"} for sku in ("p1", 17)]
    found = mapped({"customer": {"id": 7}, "order": {"lines": lines}}, rest)

    assert found.undated == {0, 1}
    assert [found.documents[place] for place in (0, 1)] == [
        {
            "event_id": f"crm:msg_1:{place}",
            "type": "win",
            "contact_id": 7,
            "product_id": sku,
            "actor_id": "crm",
            "value": 2.5,
            "occurred_at": "2026-11-20T12:00:00.000+00:00",
        }
        for place, sku in enumerate(("p1", 17))
    ]


def test_numbers_and_times_are_read_as_stated() -> None:
    body = {**PLAIN, "occurred_at": 1795172400000, "value": "1.200,50"}
    found = only(mapped(body, 'date_format = "unix_ms"\ndecimal = ","'))

    assert (found["occurred_at"], found["value"]) == ("2026-11-20T11:00:00.000+00:00", "1200.50")


def test_what_the_map_leaves_out_and_what_did_not_change_is_ignored() -> None:
    rest = 'only_with = "previous.stage"\n[hooks.crm.values.type]\n"Closed Won" = "win"\n"*" = ""'
    changed = {**PLAIN, "previous": {"stage": 3}}
    events = [{**changed, "type": kind} for kind in ("closed won", "Qualified", 5)]
    found = mapped(
        [*events, {**events[0], "previous": {"title": "x", "stage": None}}, {**events[0], "previous": None}], rest
    )

    assert list(found.documents) == [0]
    assert {place: result["status"] for place, result in found.results.items()} == dict.fromkeys(
        (1, 2, 3, 4), "ignored"
    )


@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        ("text", "invalid_event", "the event is not a JSON object"),
        ([7], "invalid_event", "the event is not a JSON object"),
        ({**PLAIN, "type": "won"}, "unmapped_value", "map it in dog.toml under [hooks.crm.values.type]"),
        ({**PLAIN, "value": "1,5"}, "invalid_row", None),
    ],
)
def test_an_event_that_cannot_be_read_is_rejected_with_its_reason(body: Any, code: str, reason: str | None) -> None:
    found = mapped(
        body,
        "" if reason else 'date_format = "dd.mm.yyyy"\n[hooks.crm.columns]\nvalue = "occurred_at"\noccurred_at = ""',
    )

    assert found.documents == {}
    assert found.results[0]["status"] == "rejected"
    assert (found.results[0]["code"], found.results[0]["event_id"]) == (
        code,
        f"crm:msg_1{':0' * isinstance(body, list)}",
    )
    assert (reason or "occurred_at: '1,5' is not a date written as dd.mm.yyyy") in found.results[0]["message"]


def test_a_body_without_events_has_none() -> None:
    bodies: list[Any] = [{"events": []}, {"events": None}, {}, 7, None]
    for body in bodies:
        assert mapped(body, 'items = "events"').count == 0


def test_an_id_of_the_event_itself_does_not_depend_on_its_place() -> None:
    one, two = {**PLAIN, "eventId": 1, "objectId": 9}, {**PLAIN, "eventId": 2, "objectId": 9}
    first = mapped([one, two], 'id = ["eventId", "objectId"]', "hubspot")
    second = mapped([two], 'id = ["eventId", "objectId"]', "hubspot")

    assert [document["event_id"] for document in first.documents.values()] == ["crm:1:9", "crm:2:9"]
    assert only(second)["event_id"] == "crm:2:9"


def test_one_id_for_a_list_of_events_is_told_apart_by_their_places() -> None:
    body = {"messageId": "m1", "lines": [PLAIN, PLAIN]}
    found = mapped(body, 'items = "lines"', "segment")

    assert [document["event_id"] for document in found.documents.values()] == ["crm:m1:0", "crm:m1:1"]


@pytest.mark.parametrize("own", [None, "", True, 1.5, ["a"], {"a": 1}])
def test_an_event_without_an_id_is_rejected(own: object) -> None:
    found = mapped({**PLAIN, "messageId": own}, scheme="segment")

    assert found.results[0]["code"] == "invalid_id"
    assert found.results[0]["message"] == "id: /messageId is missing, or neither text nor a whole number"


def test_a_long_id_stays_within_the_bound_and_apart() -> None:
    first, second = event_id("crm", ["x" * 300, "1"]), event_id("crm", ["x" * 300, "2"])

    assert first != second
    assert max(map(len, (first, second))) <= MAX_ID_BYTES
    assert event_id("crm", ["\ud800" * 200]).startswith("crm:")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*COLUMNS.names, "a", "b"]), inner, max_size=4)
    ),
    max_leaves=20,
)
WHOLE = """
items = "a"
id = ["b", "/b"]
ids = "salesforce"
decimal = ","
date_format = "unix_ms"
[hooks.crm.columns]
"a.0" = "contact_id"
"/a/0/b" = "product_id"
[hooks.crm.values.type]
x = "win"
"""


@given(JSON, st.sampled_from(["", WHOLE, 'items = "a"']))
def test_any_body_is_mapped_or_refused_event_by_event(body: Any, rest: str) -> None:
    found = mapped(body, rest)

    assert sorted([*found.documents, *found.results]) == list(range(found.count))
    for document in found.documents.values():
        with suppress(InvalidInput):
            parse_event(document, NOW_MS, UTC)
