"""Columns and single events are encoded alike, as live feedback stores them."""

from datetime import UTC
from typing import Any

import numpy as np
import pyarrow as pa

from dog.services.data.backfill.encode_events import Names, decode_text, encode_columns, encode_events
from dog.services.data.backfill.plain_columns import read_plain_columns
from dog.services.data.import_feedback import read_event
from dog.storage.store import Store

NOW_MS = 1_800_000_000_000
OPTIONAL = ("pitch_id", "decision_id", "actor_id")


def rows_of() -> list[dict[str, Any]]:
    """Return plain rows with each choice of optional ids."""
    rows = []
    for number in range(8):
        given = {name: f"{name}{number}" for place, name in enumerate(OPTIONAL) if number >> place & 1}
        row = {"event_id": f"e{number}", "type": "loss", "contact_id": f"c{number % 3}", "product_id": f"p{number % 2}"}
        rows.append(row | {"occurred_at": f"2026-11-{number + 10}T10:00:00Z"} | given)
    return rows


def test_columns_are_encoded_as_single_events(store: Store) -> None:
    rows, numbers = rows_of(), np.arange(8)
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in (*rows[0], *OPTIONAL)}
    plain = read_plain_columns(columns, NOW_MS, UTC)
    events = [read_event(row, NOW_MS, UTC) for row in rows]
    for event in events:
        event.load = store.load

    assert plain is not None
    by_columns = encode_columns(store, plain, numbers, Names({}))
    one_by_one = encode_events(store, events, numbers, Names({}))

    assert by_columns.claims.tobytes() == one_by_one.claims.tobytes()
    assert by_columns.events.tobytes() == one_by_one.events.tobytes()
    assert by_columns.texts == one_by_one.texts


def test_a_text_gives_back_log_entry_and_contact(store: Store) -> None:
    event = read_event(rows_of()[5] | {"contact_id": "Ü"}, NOW_MS, UTC)

    encoded = encode_events(store, [event], np.arange(1), Names({}))

    assert decode_text(encoded.texts[0], int(encoded.events["contact_bytes"][0])) == (event.entry(), "Ü")
