"""Plain events of columns are those that are read row by row."""

from datetime import UTC
from typing import Any

import pyarrow as pa
import pytest

from dog.services.data.backfill.plain_columns import read_plain_columns
from dog.services.feedback.parse_event import read_plain

NOW_MS = 1_800_000_000_000
ROW = {
    "event_id": "e1",
    "type": "win",
    "contact_id": "c1",
    "product_id": "p1",
    "occurred_at": "2026-11-20T10:00:00Z",
    "pitch_id": "e0",
    "actor_id": None,
    "note": "",
}
CHANGES = [
    *({}, {"type": "pitch"}, {"type": "discard"}, {"type": "Win"}, {"pitch_id": None}, {"pitch_id": ""}),
    *({"event_id": ""}, {"event_id": None}, {"event_id": "é"}, {"event_id": "e" * 257}, {"contact_id": "c\t1"}),
    *({"product_id": None}, {"note": "hm"}, {"actor_id": "ann"}, {"occurred_at": "2099-01-01T00:00:00Z"}),
    *({"type": "pitch", "pitch_id": None}, {"occurred_at": None}, {"type": None}, {"contact_id": None}),
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_what_is_plain_is_read_as_row_by_row(change: dict[str, Any]) -> None:
    rows = [ROW | change, ROW]
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in ROW}

    plain = read_plain_columns(columns, NOW_MS, UTC)

    assert plain is not None
    expected = [read_plain(row, NOW_MS, UTC) for row in rows]
    assert plain.places.tolist() == [place for place, event in enumerate(expected) if event is not None]
    read = [event for event in expected if event is not None]
    assert list(plain.event_ids) == [event.event_id for event in read]
    assert [plain.contact_ids[code] for code in plain.contact] == [event.contact_id for event in read]
    assert [plain.product_ids[code] for code in plain.product] == [event.product_id for event in read]
    assert plain.kind.tolist() == [event.type for event in read]
    assert plain.at_ms.tolist() == [event.occurred_at_ms for event in read]
    pitches = plain.others.get("pitch_id", [None] * len(read))
    assert [pitch or None for pitch in pitches] == [event.pitch_id for event in read]


def test_ids_that_json_escapes_are_left_to_be_read_row_by_row() -> None:
    columns = {name: pa.array([ROW[name]] * 2, pa.string()) for name in ROW}
    columns["event_id"] = pa.array(['a"b', "a\\b"])

    plain = read_plain_columns(columns, NOW_MS, UTC)

    assert plain is not None
    assert plain.places.tolist() == []


def test_whole_numbers_are_ids() -> None:
    columns = {name: pa.array([ROW[name]], pa.string()) for name in ROW} | {"contact_id": pa.array([7])}

    plain = read_plain_columns(columns, NOW_MS, UTC)

    assert plain is not None
    assert list(plain.contact_ids) == ["7"]


def test_columns_of_other_kinds_are_left_to_be_read_row_by_row() -> None:
    columns = {name: pa.array([ROW[name]], pa.string()) for name in ROW} | {"event_id": pa.array([1.5])}

    assert read_plain_columns(columns, NOW_MS, UTC) is None
