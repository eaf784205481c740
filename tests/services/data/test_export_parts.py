"""An export by tasks is the same file, wherever they run."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dog.services.data.export_rows import export_rows
from dog.services.data.import_rows import import_rows
from dog.services.runner import open_runner
from dog.services.runtime import Runtime
from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store


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
    return store


def test_a_pool_and_dask_write_the_same_bytes_as_one_process(
    runtime: Runtime, filled: Store, tmp_path: Path, dask_address: str
) -> None:
    with open_runner(runtime, processes=2) as pool, open_runner(runtime, dask=dask_address) as dask:
        for kind, counts in (("contacts", (200, 0)), ("scores", (100, 100))):
            for ending in ("csv", "ndjson", "parquet"):
                runners = {"alone": None, "pool": pool, "dask": dask}
                files = {who: tmp_path / f"{who}.{ending}" for who in runners}
                found = [
                    export_rows(runtime, filled.tenant.name, kind, files[who], runner=runner)
                    for who, runner in runners.items()
                ]

                assert found == [counts] * 3
                assert len({file.read_bytes() for file in files.values()}) == 1


def test_an_attribute_that_is_text_somewhere_is_text_in_parquet(
    runtime: Runtime, filled: Store, tmp_path: Path
) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415  # as the service does

    assert filled.tenant.name == "default"
    export_rows(runtime, "default", "contacts", tmp_path / "out.parquet")
    schema = pq.read_schema(tmp_path / "out.parquet")

    assert (str(schema.field("age").type), str(schema.field("size").type)) == ("double", "string")
