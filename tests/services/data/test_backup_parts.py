"""A backup by tasks is the same file, wherever they run, and the keys of a contact are read by one of them."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from dog.services.data import backup_parts
from dog.services.data.backup import restore_backup, write_backup
from dog.services.data.backup_parts import found_keys
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.runner import open_runner
from dog.services.runtime import Runtime
from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store
from dog.storage.tenant_dump import contact_of, split_key
from tests.tenant_keys import tenant_keys


@pytest.fixture
def redis(redis_server: EmbeddedServer) -> Iterator[Redis]:
    """Connect to the one server, which processes reach."""
    with connect(redis_server.url, timeout_seconds=5) as client:
        client.flushall()
        yield client


@pytest.fixture
def filled(runtime: Runtime, loaded: Store, redis_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Fill a tenant; blocks, maps and pieces are small."""
    monkeypatch.setattr(backup_parts, "BLOCK_KEYS", 5)
    monkeypatch.setattr(backup_parts, "BLOCKS_PER_MAP", 10)
    monkeypatch.setattr(backup_parts, "KEYS_PER_PIECE", 50)
    runtime.settings = replace(runtime.settings, redis_url=redis_server.url)
    contacts = [{"contact_id": f"c{n}", "name": "é\n;"} for n in range(200)]
    import_rows(loaded, "contacts", contacts, runtime.settings.zone)
    events = [
        {
            "event_id": f"e{n}",
            "type": "pitch",
            "contact_id": f"c{n % 200}",
            "product_id": f"p{1 + n % 4}",
            "occurred_at": "2026-11-18T10:00:00Z",
        }
        for n in range(600)
    ]
    record_feedback(loaded, events, runtime.clock())
    for contact in range(20):
        recommend(runtime, "default", ListRequest(f"c{contact}"))
    runtime.shared(DecisionWriter).flush()
    return loaded


def lines(file: Path) -> list[object]:
    """Return the lines of a backup; of times to live only whether there is one, and no SHA-256 of them."""
    head, *keys, foot, _ = map(orjson.loads, file.read_bytes().splitlines())
    return [head, *([*key[:3], key[3] > 0, key[4]] for key in keys), foot]


def test_a_pool_and_dask_write_the_same_bytes_as_one_process(
    runtime: Runtime, filled: Store, tmp_path: Path, dask_address: str
) -> None:
    alone, *others = (tmp_path / who for who in ("alone", "pool", "dask"))
    count = write_backup(runtime, "default", alone)
    with open_runner(runtime, processes=2) as pool, open_runner(runtime, dask=dask_address) as dask:
        for file, runner in zip(others, (pool, dask), strict=True):
            assert write_backup(runtime, "default", file, runner=runner) == count
            assert lines(file) == lines(alone)

    assert count > 400
    assert restore_backup(runtime, "other", others[0])[0] == count
    assert len(tenant_keys(filled.redis, "other")) >= count


def test_every_key_is_in_one_block_with_those_of_its_contact_and_the_tenants_own_come_first(filled: Store) -> None:
    keys = tenant_keys(filled.redis, "default")
    with found_keys(filled) as found:
        found.add(keys[::7])  # as a scan may do that finds a key again
        blocks = list(found.blocks())

    assert [key for block in blocks for key in block] == keys
    assert all(len({split_key(key)[0] for key in block}) == 1 for block in blocks)
    assert max(map(len, blocks)) < 20
    for before, after in pairwise(blocks):
        last, first = before[-1], after[0]
        assert (split_key(last)[0], contact_of(last)) != (split_key(first)[0], contact_of(first))
