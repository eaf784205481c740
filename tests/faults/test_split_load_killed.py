"""A load that splits a file of scores is killed anywhere: loaded once more it leaves what an undisturbed one leaves."""

import random
import time
from pathlib import Path

import pytest

from dog.services.data.load_file import load_file
from dog.services.runtime import Runtime
from dog.storage.embedded import EmbeddedServer
from dog.storage.load_records import end_life, list_loads
from dog.storage.store import Store, put_tenant
from tests.faults.test_backfill_killed import kill_loads, loader
from tests.loads_world import dumped, write_rows

CONTACTS, ROWS = 300, 40_000


def score_arrays(runtime: Runtime) -> dict[bytes, object]:
    """Return all scores."""
    return {key: held for key, held in dumped(runtime.redis, runtime).items() if b" scores" in key}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_split_load_is_completed_by_loading_again_and_leaves_the_same_scores_and_no_file(
    runtime: Runtime, store: Store, redis_server: EmbeddedServer, tmp_path: Path
) -> None:
    chance = random.Random(4)
    rows = [
        {
            "contact_id": f"c{chance.randrange(CONTACTS)}",
            "product_id": f"p{chance.randrange(90)}",
            "model": "cf",
            "score": chance.randrange(100) / 128,
            "as_of": f"2026-11-0{1 + 2 * number // ROWS}",
        }
        for number in range(ROWS)
    ]
    file = write_rows(tmp_path / "scores.csv", rows)
    began = time.monotonic()
    load_file(runtime, "default", "scores", file, split_bytes=0)
    took, undisturbed = time.monotonic() - began, score_arrays(runtime)
    runtime.redis.flushall()
    put_tenant(runtime.redis, store.tenant)

    with loader(redis_server, tmp_path, "scores", file) as killed:
        kill_loads(killed, chance, took, lambda: None)
    for record in list_loads(store):
        end_life(store, record.load_id)
    load_file(runtime, "default", "scores", file, split_bytes=0)

    assert score_arrays(runtime) == undisturbed
    assert not any((tmp_path / "scores" / "default").iterdir())
