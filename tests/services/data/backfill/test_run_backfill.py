"""A back-fill leaves what a load row by row leaves: the same keys but arrivals, counts, and rejected rows."""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dog.core.records import OUTCOME
from dog.services.data import import_feedback
from dog.services.data.backfill import backfill_feedback, read_numbered, run_backfill, split_events
from dog.services.data.import_rows import import_rows
from dog.services.data.load_file import load_file
from dog.services.data.row_values import RowCounts
from dog.services.runtime import Runtime
from dog.storage.connection import Redis
from dog.storage.erasure import write_tombstone
from dog.storage.store import PARTITIONS, Store, Tenant, put_tenant
from dog.storage.tenant_settings import set_unknown_setting
from dog.storage.week_archive import close_weeks
from tests.conftest import CONTACTS, PRODUCTS, SECRET
from tests.loads_world import dumped

COLUMNS = (
    *("event_id", "type", "contact_id", "product_id", "occurred_at", "pitch_id", "decision_id", "actor_id"),
    *("trigger", "attribute", "attribute_value", "replacement", "note", "value"),
)
OF_RUNS = (b"audit", b"fence:", b"lease:", b"claiming")
"""Keys of how a load ran."""
CHANGES = (b"catalogue", b"wide")
"""Fields of the head that count changes."""
TIMES = (
    "2026-11-18T10:00:00Z",
    "2026-11-18T10:00:00+01:00",
    "2026-10-02T07:30:00.250Z",
    "2025-01-31T23:59:59Z",
    "x",
    "",
)
REASONS: Sequence[Mapping[str, str]] = (
    {},
    {"trigger": "market"},
    {"trigger": "business", "actor_id": "boss"},
    {"trigger": "discomfort", "attribute": "channel", "attribute_value": "call"},
    {"trigger": "performance", "attribute": "product", "attribute_value": "p2"},
)
ids = st.sampled_from([*(f"e{number}" for number in range(8)), "é", 'a"b', ""])
contacts = st.sampled_from(["c1", "c2", "c3", "gone", "new", "Ü"])
products = st.sampled_from(["p1", "p2", "p9", "p8", ""])


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a row of feedback, most of them valid."""
    kind = draw(st.sampled_from(["pitch", "pitch", "win", "loss", "win", "discard", "accept", "restructure", "joke"]))
    row = {"event_id": draw(ids), "type": kind, "contact_id": draw(contacts), "product_id": draw(products)}
    row["occurred_at"] = draw(st.sampled_from(TIMES))
    if kind in ("win", "loss"):
        row["pitch_id"] = draw(st.sampled_from(["", "e1", "e2", "e3", "é"]))
    if kind in ("discard", "accept"):
        row |= draw(st.sampled_from(REASONS))
    if kind == "restructure":
        row |= {"attribute": "product", "attribute_value": "p1", "replacement": draw(st.sampled_from(["p2", "p7", ""]))}
    if draw(st.integers(0, 9)) == 0:
        row |= {"actor_id": "ann", "decision_id": "d1", "value": draw(st.sampled_from(["", "12.5", "much"]))}
    return row


def write(folder: Path, found: Sequence[Mapping[str, Any]], *, parquet: bool) -> Path:
    """Write rows as a file."""
    path = folder / f"history.{'parquet' if parquet else 'csv'}"
    if parquet:
        columns = {name: pa.array([row.get(name) or None for row in found], pa.string()) for name in COLUMNS}
        pq.write_table(pa.table(columns), path)
    else:
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(found)
    return path


def left(redis: Redis, runtime: Runtime) -> Mapping[bytes, Any]:
    """Return all keys but arrivals, and what counts changes."""
    found = dict(dumped(redis, runtime))
    for key, (kind, values) in found.items():
        if b":outcomes" in key or b"outcomes:" in key:
            found[key] = kind, frozenset(_without_arrivals(value) for value in values)
        if b"head" in key:
            found[key] = kind, frozenset(_without_changes(values))
    return {
        key: value
        for key, value in found.items()
        if not any(name in key for name in (b"audit", b"fence:", b"lease:", b"claiming"))
    }


def _without_arrivals(ledger: bytes) -> bytes:
    records = np.frombuffer(ledger, OUTCOME).copy()
    records["arrival"] = 0
    return records.tobytes()


def _without_changes(values: Any) -> Any:
    return [value for value in values if not any(re.match(name, value) for name in CHANGES)]


def prepared(runtime: Runtime, setting: str) -> Store:
    """Make a tenant with products, contacts, an erased contact and closed weeks."""
    runtime.redis.flushall()
    runtime.forget("default")
    put_tenant(runtime.redis, Tenant("default", SECRET, PARTITIONS))
    store = runtime.store("default")
    import_rows(store, "products", PRODUCTS, runtime.settings.zone)
    import_rows(store, "contacts", CONTACTS, runtime.settings.zone)
    write_tombstone(store, store.tenant.contact("gone"))
    close_weeks(store, 1_740_000_000_000)
    set_unknown_setting(store, setting)
    return store


def loaded(runtime: Runtime, path: Path, setting: str, *, backfill: bool) -> tuple[RowCounts, bytes, Any]:
    """Load a file into a fresh tenant; return counts, rejected rows and keys."""
    prepared(runtime, setting)
    found = load_file(runtime, "default", "feedback", path, backfill=backfill)
    rejected = found.rejected.read_bytes() if found.rejected else b""
    return found.counts, rejected, left(runtime.redis, runtime)


@pytest.mark.parametrize("parquet", [False, True], ids=["csv", "parquet"])
@pytest.mark.timeout(600)
def test_a_backfill_leaves_what_a_load_row_by_row_leaves(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parquet: bool
) -> None:
    for module in (import_feedback, backfill_feedback, read_numbered, run_backfill, split_events):
        monkeypatch.setattr(module, "FEEDBACK_CHUNK_ROWS", 7)
    monkeypatch.setattr("dog.services.data.load_file.FEEDBACK_CHUNK_ROWS", 7)
    monkeypatch.setattr(import_feedback, "CHUNKS_IN_PROGRESS", 0)

    @given(st.lists(rows(), min_size=1, max_size=30), st.sampled_from(["accept", "quarantine", "refuse"]))
    @settings(max_examples=15, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def check(found: list[dict[str, Any]], setting: str) -> None:
        path = write(tmp_path, found, parquet=parquet)
        counts, rejected, keys = loaded(runtime, path, setting, backfill=False)
        counts_too, rejected_too, keys_too = loaded(runtime, path, setting, backfill=True)

        assert counts_too == counts
        assert rejected_too == rejected
        assert keys_too == keys

    check()


def test_of_two_events_with_one_id_and_unknown_names_the_first_line_waits(runtime: Runtime, tmp_path: Path) -> None:
    changed = {"type": "restructure", "attribute": "product", "attribute_value": "p1", "replacement": "p7"}
    both = {"event_id": "e4", "occurred_at": "2026-11-18T10:00:00Z", **changed}
    found = [both | {"contact_id": "c2", "product_id": "p1"}, both | {"contact_id": "c3", "product_id": "p9"}]
    path = write(tmp_path, found, parquet=False)

    for backfill in (False, True):
        rejected = loaded(runtime, path, "quarantine", backfill=backfill)[1]
        assert [line.split(b",")[:2] for line in rejected.splitlines()[1:]] == [[b"3", b"event_id_conflict"]]
