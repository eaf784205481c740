"""Rows of a feedback file: the quick way of reading an ordinary row says what the thorough one does."""

from datetime import UTC
from typing import Any

import pytest

from dog.services.data.import_feedback import event_document
from dog.services.feedback.parse_event import parse_event, read_plain

NOW_MS = 1_800_000_000_000
ROW = {
    "event_id": "e1",
    "type": "win",
    "contact_id": "c1",
    "product_id": "p1",
    "occurred_at": "2026-11-20T10:00:00+01:00",
    "pitch_id": "e0",
    "decision_id": "",
    "actor_id": None,
    "note": "",
}


def test_an_ordinary_row_is_read_as_the_thorough_way_reads_it() -> None:
    quick = read_plain(ROW, NOW_MS, UTC)

    assert quick is not None
    assert quick.body() == parse_event(event_document(ROW), NOW_MS, UTC).body()


@pytest.mark.parametrize(
    "change",
    [
        {"type": "discard"},
        {"type": ["win"]},
        {"type": "pitch"},  # names a pitch, which only a win or loss may
        {"event_id": 7},
        dict.fromkeys(("event_id", "contact_id", "product_id", "pitch_id", "decision_id", "actor_id"), 7),
        {"event_id": ""},
        {"contact_id": "Ame\u0301lie"},
        {"product_id": "a\tb"},
        {"pitch_id": ["e0"]},
        {"actor_id": "x" * 300},
        {"occurred_at": "yesterday"},
        {"occurred_at": "2099-01-01T00:00:00Z"},
        {"value": 3},
        {"variant": "b"},
    ],
)
def test_whatever_is_out_of_the_ordinary_is_left_to_the_thorough_way(change: dict[str, Any]) -> None:
    row: dict[str, Any] = ROW | change

    assert read_plain(row, NOW_MS, UTC) is None


EVENT = {name: value for name, value in ROW.items() if name not in ("actor_id", "note")}


def test_an_ordinary_event_sent_is_read_as_the_thorough_way_reads_it() -> None:
    assert read_plain(EVENT, NOW_MS, None) == parse_event(EVENT, NOW_MS)


@pytest.mark.parametrize(
    "change",
    [{"reason": None}, {"note": ""}, {"pitch_id": 0}, {"actor_id": []}, {"occurred_at": "2026-11-20T10:00:00"}],
)
def test_of_an_event_sent_even_an_empty_field_beyond_the_ordinary_is_left_to_the_thorough_way(
    change: dict[str, Any],
) -> None:
    assert read_plain(EVENT | change, NOW_MS, None) is None
