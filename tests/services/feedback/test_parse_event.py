from datetime import UTC
from typing import Any

import pytest

from dog.core.events import Attribute, EventType, Trigger
from dog.errors import InvalidInput
from dog.services.feedback.parse_event import parse_event, read_plain
from tests.conftest import NOW, event

NOW_MS = round(NOW.timestamp() * 1000)


def parse(**changes: Any) -> Any:
    return parse_event({**event("e1", "discard"), **changes}, NOW_MS)


def test_a_reason_names_trigger_and_attribute() -> None:
    parsed = parse(reason={"trigger": "discomfort", "attribute": "channel", "attribute_value": "call"})

    assert (parsed.trigger, parsed.attribute, parsed.attribute_value) == (Trigger.DISCOMFORT, Attribute.CHANNEL, "call")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "buy"}, "invalid_event"),
        ({"event_id": ""}, "invalid_input"),
        ({"occurred_at": "2026-11-20T12:10:00Z"}, "future_event"),
        ({"occurred_at": "2026-11-20T11:00:00"}, "invalid_event"),
        ({"colour": "blue"}, "unknown_field"),
        ({"replace": {"attribute": "channel"}}, "invalid_event"),
    ],
)
def test_what_cannot_be_taken_has_a_code(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(**changes)

    assert caught.value.code == code


@pytest.mark.parametrize("kind", ["pitch", "win", "loss"])
def test_the_reason_of_an_outcome_is_a_note_and_nothing_else(kind: str) -> None:
    assert parse(type=kind, reason={"note": "asked for the autumn"}).note == "asked for the autumn"
    with pytest.raises(InvalidInput, match=f"of a {kind} may have a note, and nothing else"):
        parse(type=kind, reason={"note": "too dear", "trigger": "market"})


@pytest.mark.parametrize("kind", ["pitch", "win", "loss"])
def test_a_plain_event_is_read_the_same_in_one_step(kind: str) -> None:
    document = event("e1", kind)

    assert read_plain(document, NOW_MS, None) == parse_event(document, NOW_MS)


def test_an_event_that_says_more_is_not_plain() -> None:
    assert read_plain(event("e1", "discard"), NOW_MS, None) is None
    assert read_plain(event("e1", "win", value=3.0), NOW_MS, None) is None


def test_a_file_may_leave_the_offset_out() -> None:
    parsed = parse_event({**event("e1", "win"), "occurred_at": "2026-11-20T11:00:00"}, NOW_MS, UTC)

    assert (parsed.type, parsed.occurred_at_ms) == (EventType.WIN, NOW_MS - 3_600_000)
