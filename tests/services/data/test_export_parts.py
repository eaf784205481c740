"""An export by tasks is the same file, wherever they run."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dog.services.data import export_parts
from dog.services.data.export_rows import export_rows
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.runner import open_runner
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.run_recompute import run_recompute
from dog.storage import every_decision
from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store
from dog.storage.week_archive import read_logs
from tests.conftest import Clock


@pytest.fixture
def redis(redis_server: EmbeddedServer) -> Iterator[Redis]:
    """Connect to the one server, which processes reach."""
    with connect(redis_server.url, timeout_seconds=5) as client:
        client.flushall()
        yield client


@pytest.fixture
def filled(runtime: Runtime, store: Store, redis_server: EmbeddedServer) -> Store:
    runtime.settings = replace(runtime.settings, redis_url=redis_server.url)
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": f"p{n}", "name": f"=p{n}"} for n in range(5)], zone)
    contacts = [{"contact_id": f"c{n}", "age": n, "size": "all" if n == 7 else n, "name": "é;"} for n in range(200)]
    import_rows(store, "contacts", contacts, zone)
    scores = [
        {"contact_id": f"c{c}", "product_id": f"p{p}", "model": model, "score": (c + p) / 7, "as_of": "2026-11-01"}
        for model in ("cf", "churn")
        for c in range(190, 210)  # some are not loaded
        for p in range(5)
    ]
    import_rows(store, "scores", scores, zone)
    events = [
        {
            "event_id": f"e{n}",
            "type": ("pitch", "win", "loss")[n % 3],
            "contact_id": f"c{n % 100}",
            "product_id": f"p{n % 5}",
            "occurred_at": f"2026-11-{10 + n % 5}T10:00:00Z",
            **({"value": -1.25, "actor_id": "=1;"} if n % 3 == 1 else {}),
        }
        for n in range(300)
    ]
    record_feedback(store, events, runtime.clock())
    run_recompute(runtime, "default")
    return store


def test_a_pool_and_dask_write_the_same_bytes_as_one_process(
    runtime: Runtime, filled: Store, tmp_path: Path, dask_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(every_decision, "DECISIONS_PER_PART", 3)
    monkeypatch.setattr(export_parts, "PRODUCTS_PER_PART", 2)
    for number in range(8):
        recommend(runtime, "default", ListRequest(f"c{number}"))
    kinds = {
        "products": (5, 0),
        "contacts": (200, 0),
        "scores": (100, 100),
        "feedback": (300, 0),
        "decisions": (40, 0),
        "multipliers": (100, 0),
    }
    with open_runner(runtime, processes=2) as pool, open_runner(runtime, dask=dask_address) as dask:
        for kind, counts in kinds.items():
            for ending in ("csv", "ndjson", "parquet"):
                runners = {"alone": None, "pool": pool, "dask": dask}
                files = {who: tmp_path / f"{who}.{ending}" for who in runners}
                found = [
                    export_rows(runtime, filled.tenant.name, kind, files[who], runner=runner)
                    for who, runner in runners.items()
                ]

                assert found == [counts] * 3
                assert len({file.read_bytes() for file in files.values()}) == 1


@pytest.mark.parametrize("is_shared", [False, True], ids=["default folder", "DOG_ARCHIVE"])
def test_archived_events_are_exported_wherever_the_archive_is(
    runtime: Runtime, filled: Store, clock: Clock, tmp_path: Path, is_shared: bool
) -> None:
    runtime.settings = replace(runtime.settings, archive=str(tmp_path / "archive") if is_shared else None)
    runtime.forget("default")
    export_rows(runtime, "default", "feedback", tmp_path / "before.ndjson")
    clock.set("2027-11-26T12:00:01")
    runtime.wait = lambda _: None
    archive(runtime, "default")
    left = sum(len(read.log) for n in range(filled.tenant.partition_count) for read in read_logs(filled, n))
    with open_runner(runtime, processes=2) as pool:
        for runner, name in ((None, "alone"), (pool, "pool")):
            export_rows(runtime, "default", "feedback", tmp_path / f"{name}.ndjson", runner=runner)
    before, alone, pooled = ((tmp_path / f"{name}.ndjson").read_bytes() for name in ("before", "alone", "pool"))

    assert left < 300
    assert pooled == alone
    assert sorted(alone.splitlines()) == sorted(before.splitlines())


def test_an_attribute_that_is_text_somewhere_is_text_in_parquet(
    runtime: Runtime, filled: Store, tmp_path: Path
) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415  # as the service does

    assert filled.tenant.name == "default"
    export_rows(runtime, "default", "contacts", tmp_path / "out.parquet")
    schema = pq.read_schema(tmp_path / "out.parquet")

    assert (str(schema.field("age").type), str(schema.field("size").type)) == ("double", "string")
