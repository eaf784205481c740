from pathlib import Path
from typing import Any

import orjson

from dog.services.data.mapping.map_entries import TopicEntry
from dog.services.data.row_values import ACCEPTED, RowOutcome
from dog.services.data.sources.topic_messages import MessageReader, flatten, write_rejected
from dog.storage.event_log import Status

WIN = {"kind": "won", "who": {"id": 7}, "what": "p1", "at": "2026-11-20T10:00:00Z"}
ENTRY = TopicEntry(
    kind="feedback",
    brokers="b",
    topic="deals",
    columns={"kind": "type", "who.id": "contact_id", "what": "product_id", "at": "occurred_at"},
    values={"type": {"won": "win"}},
)


def read(document: Any, content: bytes | None = None) -> Any:
    """Read one message."""
    return MessageReader("deals", ENTRY).read(1, "deals/0/17", content or orjson.dumps(document))


def test_a_message_is_mapped_as_a_row_and_its_place_is_the_id() -> None:
    row = read(WIN)

    assert row.fault is None
    assert row.fields == {
        "type": "win",
        "contact_id": 7,
        "product_id": "p1",
        "occurred_at": "2026-11-20T10:00:00Z",
        "event_id": "deals/0/17",
    }


def test_an_id_of_its_own_wins() -> None:
    assert read({**WIN, "event_id": "e1"}).fields["event_id"] == "e1"


def test_messages_with_other_names_are_mapped_by_these() -> None:
    reader = MessageReader("deals", ENTRY)
    plain = {"type": "loss", "contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-20T10:00:00Z"}
    rows = [reader.read(n, f"deals/0/{n}", orjson.dumps(it)) for n, it in enumerate((WIN, plain, WIN))]

    assert [row.fields["type"] for row in rows if row] == ["win", "loss", "win"]


def test_what_cannot_be_read_is_a_fault() -> None:
    assert read(None, b"{").fault.message.startswith("the message is not JSON")
    assert read([1]).fault.message == "the message is not a JSON object"
    assert read({"kind": "won"}).fault.code == "missing_column"


def test_rejected_messages_can_be_mended_and_loaded(tmp_path: Path) -> None:
    path = tmp_path / "rejected/deals.rejected.ndjson"
    rejected = RowOutcome(Status.REJECTED, "invalid_row", "is bad")
    rows = [read({**WIN, "at": None}), read(WIN), read(None, b"\xff{")]
    write_rejected(path, ["deals/0/1", "deals/0/2", "deals/0/3"], rows, [rejected, ACCEPTED, rejected])
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]

    assert [line["line"] for line in lines] == ["deals/0/1", "deals/0/3"]
    assert list(lines[0])[:3] == ["line", "code", "reason"]
    assert lines[0]["event_id"] == "deals/0/17"
    assert lines[1]["message"] == "�{"


def test_nested_objects_have_names_with_dots() -> None:
    assert flatten({"a": {"b": {"c": 1}, "d": [2]}, "e": {}}) == {"a.b.c": 1, "a.d": [2]}
