from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dog.errors import Conflict
from dog.services.data import load_file
from dog.services.data.mapping.load_map import parse_load_map
from dog.services.data.mapping.map_entries import SourceEntry
from dog.services.data.sources.sync_sources import load_query, sync_due, sync_map, sync_source, sync_sources
from dog.services.job_lease import Interrupted, Lease
from dog.services.runtime import Runtime
from dog.storage.audit_log import read_audit_entries
from dog.storage.source_places import read_source_place
from dog.storage.store import Store
from tests.conftest import Clock
from tests.services.data.sources.conftest import Deals

Make = Callable[..., SourceEntry]


def nothing(_: str) -> None:
    """Report nothing."""


def test_sources_are_read_in_order_and_one_that_fails_stops_no_other(
    runtime: Runtime, store: Store, entry: Make, small: Deals
) -> None:
    small.add(1, 2)
    found = sync_sources(
        runtime,
        "default",
        {
            "gone": entry(f"{small.url}.none"),
            "wrong": entry(small.url, query="SELECT * FROM no_table"),
            "crm": entry(small.url),
        },
    )

    assert [one.name for one in found] == ["gone", "wrong", "crm"]
    assert "there is no file" in str(found[0].failure)
    assert "no such table: no_table" in str(found[1].failure)
    assert found[2].loaded is not None
    assert found[2].loaded.counts.accepted == 2
    assert "no_table" in str(read_source_place(store, "wrong").failure)
    assert read_source_place(store, "crm").succeeded_at_ms == runtime.clock()


def test_a_source_is_read_by_one_process_at_a_time(runtime: Runtime, store: Store, entry: Make, small: Deals) -> None:
    with Lease(store, "sync-crm", runtime.stopping), pytest.raises(Conflict, match="sync-crm is running"):
        sync_source(runtime, "default", "crm", entry(small.url))


def test_a_sync_that_ends_between_any_two_chunks_goes_on_there(
    runtime: Runtime, store: Store, entry: Make, small: Deals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_file, "CHUNK_ROWS", 3)
    small.add(*range(1, 21))
    crm = entry(small.url, cursor="changed")
    chunks: list[str] = []

    def stop(_: str) -> None:
        chunks.append(_)
        raise Interrupted("stopped", "the process was asked to stop")

    for _ in range(6):
        with pytest.raises(Interrupted):
            sync_source(runtime, "default", "crm", crm, stop)
    last = sync_source(runtime, "default", "crm", crm)

    assert last.counts.rejected == 0
    assert last.counts.accepted + last.counts.duplicates == 2
    assert chunks == [f"crm, {n} rows" for n in (9, 9, 9, 9, 8, 5)]


def test_the_place_of_a_source_without_name_is_kept_too(
    runtime: Runtime, store: Store, entry: Make, small: Deals, tmp_path: Path
) -> None:
    small.add(1)
    crm = entry(small.url, cursor="changed")
    first, second = (load_query(runtime, "default", crm, tmp_path, nothing) for _ in range(2))

    assert (first.counts.accepted, second.counts.total) == (1, 0)


def test_a_first_load_of_which_nothing_was_accepted_is_read_again_with_a_better_map(
    runtime: Runtime, store: Store, entry: Make, small: Deals
) -> None:
    small.add(1, 2)
    first = sync_source(runtime, "default", "crm", entry(small.url, cursor="changed", values={}))
    again = sync_source(runtime, "default", "crm", entry(small.url, cursor="changed", values={}))
    second = sync_source(runtime, "default", "crm", entry(small.url, cursor="changed"))

    assert (first.counts.rejected, again.counts.rejected, second.counts.accepted) == (2, 2, 2)
    assert first.notes[-1] == "no row was accepted, so the next load reads them all again"
    assert again.rejected is not None
    assert not again.rejected.exists()


def test_a_sync_without_new_rows_leaves_no_entry_in_the_audit_log(
    runtime: Runtime, store: Store, entry: Make, small: Deals
) -> None:
    small.add(1)
    for _ in range(3):
        sync_source(runtime, "default", "crm", entry(small.url, cursor="changed"))

    acts = [found["act"] for _, found in read_audit_entries(runtime.redis, "default", 10)]
    assert acts.count("rows.load") == 1


MAP = """
[sources.crm]
kind = "feedback"
url = "{url}"
query = "SELECT no AS event_id, 'win' AS type, customer, article, closed, changed FROM deals"
cursor = "changed"
every = "15m"
columns = {{customer = "contact_id", article = "product_id", closed = "occurred_at"}}
[sources.by_hand]
kind = "feedback"
url = "env:NOT_SET"
query = "SELECT 1"
"""


def test_the_scheduler_reads_a_source_each_time_that_it_is_due(
    runtime: Runtime, store: Store, small: Deals, tmp_path: Path, clock: Clock
) -> None:
    path = tmp_path / "dog.toml"
    path.write_text(MAP.format(url=small.url))
    runtime.settings = replace(runtime.settings, sync_map=str(path))
    small.add(1)
    sync_due(runtime, "default")
    first = read_source_place(store, "crm")
    small.add(2)
    clock.now_ms += 14 * 60_000
    sync_due(runtime, "default")
    early = read_source_place(store, "crm")
    clock.now_ms += 60_000
    sync_due(runtime, "default")

    assert (first.value, early) == (("int", "1"), first)
    assert read_source_place(store, "crm").value == ("int", "2")
    assert read_source_place(store, "by_hand").tried_at_ms == 0


def test_a_source_that_fails_is_tried_again_when_it_is_due(
    runtime: Runtime, store: Store, small: Deals, tmp_path: Path, clock: Clock
) -> None:
    path = tmp_path / "dog.toml"
    path.write_text(MAP.format(url=f"{small.url}.none"))
    runtime.settings = replace(runtime.settings, sync_map=str(path))
    sync_due(runtime, "default")
    failed = read_source_place(store, "crm")
    clock.now_ms += 15 * 60_000
    sync_due(runtime, "default")

    assert "there is no file" in str(failed.failure)
    assert failed.succeeded_at_ms == 0
    assert read_source_place(store, "crm").tried_at_ms == clock.now_ms


def test_each_tenant_may_have_a_map(runtime: Runtime, tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text("")
    runtime.settings = replace(runtime.settings, sync_map=str(tmp_path / "{tenant}.toml"))

    assert sync_map(runtime, "acme") == tmp_path / "acme.toml"
    assert sync_map(runtime, "default") is None
    runtime.settings = replace(runtime.settings, sync_map=str(tmp_path / "acme.toml"))
    assert sync_map(runtime, "default") == tmp_path / "acme.toml"
    assert sync_map(runtime, "acme") is None


def test_rejected_rows_of_a_source_have_its_entry() -> None:
    found = parse_load_map(MAP.format(url="sqlite://")).entry("feedback", Path("var/crm.rejected.csv"))

    assert found.columns == {"customer": "contact_id", "article": "product_id", "closed": "occurred_at"}
