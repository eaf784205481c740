"""What the split keeps by row: rejected rows, refused ids, unknown names, and which products come when."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from dog.services.data.backfill import split_events
from dog.services.data.backfill.split_events import EventSplitter
from dog.services.data.backfill.split_records import CLAIMED
from dog.services.data.data_rows import Row
from dog.services.data.import_rows import import_rows
from dog.services.data.spill import Spill
from dog.services.runtime import Runtime
from dog.storage.store import Store
from dog.storage.tenant_settings import set_unknown_setting
from dog.storage.week_archive import close_weeks
from tests.conftest import PRODUCTS
from tests.loads_world import event


@pytest.fixture
def spill(tmp_path: Path) -> Spill:
    """Make a folder for the files."""
    spill = Spill(tmp_path / "spill")
    spill.folder.mkdir()
    return spill


def test_rows_are_split_rejected_or_kept(
    runtime: Runtime, store: Store, spill: Spill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split_events, "FEEDBACK_CHUNK_ROWS", 2)
    import_rows(store, "products", PRODUCTS, runtime.settings.zone)
    set_unknown_setting(store, "refuse")
    close_weeks(store, 1_600_000_000_000)
    splitter = EventSplitter(runtime, replace(store, load="l1"), spill)
    rows = [
        event("e0"),
        event("e1", "joke"),
        event("e2", product="p9"),
        event("e3", occurred_at="2020-01-01T00:00:00Z"),
    ]

    splitter.add_rows([(number, Row(number + 2, row)) for number, row in enumerate(rows)])

    assert {row: result.code for row, result in splitter.rejected.items()} == {1: "invalid_event", 3: "week_closed"}
    assert splitter.faults == {1: store.tenant.digest64("e1")}
    assert {row: one.name for row, (_, one) in splitter.unknown.items()} == {2: "p9"}
    assert splitter.counts == Counter({("product", "p9"): 1})
    places = splitter.names.places
    assert splitter.named_in == Counter({(places["p1"], 0): 1, (places["p9"], 1): 1})
    claims = [spill.read("claims", partition, CLAIMED) for partition in range(store.tenant.partition_count)]
    assert sorted(row for own in claims for row in own["row"].tolist()) == [0, 2, 3]
    assert all(own.dtype == CLAIMED for own in claims)
