"""Scores that are split by contact before they are written come to what the direct path comes to."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dog.services.dask_runner import DaskRunner
from dog.services.data.columns import gather_tables, read_tables, split_scores
from dog.services.data.columns.gather_tables import is_scattered
from dog.services.data.columns.row_table import table_of_rows
from dog.services.data.data_rows import Row
from dog.services.data.import_rows import import_rows
from dog.services.data.load_file import SPLIT_BYTES, LoadedFile, load_file
from dog.services.data.loads.undo_load import undo_load
from dog.services.pool_runner import PoolRunner
from dog.services.runner_tasks import WorkerSetup
from dog.services.runtime import Runtime
from dog.storage.erasure import write_tombstone
from dog.storage.store import Store, put_tenant
from tests.loads_world import dumped, write_rows
from tests.services.conftest import one_server

Load = Callable[..., LoadedFile]
CHANGING = (b"audit", b"lease:", b"head", b"arrival")
"""Keys with times, and with the number of changes."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of rows in random order, of which some are stale, unknown, wrong or of an erased contact."""
    chance = Random(5)
    rows = [
        {
            "contact_id": f"c{chance.randrange(80)}",
            "product_id": chance.choice(["p1", "p2", "p3", "new", ""]),
            "model": chance.choice(["cf", "churn", "No Slug"]),
            "score": chance.choice(["0.25", "0.5", "x"]),
            "as_of": f"2026-11-0{chance.randrange(1, 4)}",
            "trained_until": chance.choice(["", "2026-10-01", "2026-10-02"]),
        }
        for _ in range(1500)
    ]
    return write_rows(tmp_path / "scores.csv", rows)


@pytest.fixture
def load(runtime: Runtime, store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Return what loads the file, in many tables, into a fresh tenant that has rows of products and contacts."""
    monkeypatch.setattr(read_tables, "BLOCK_BYTES", 6_000)
    monkeypatch.setattr(gather_tables, "GATHERED_ROWS", 300)

    def call(**options: Any) -> LoadedFile:
        runtime.redis.flushall()
        runtime.forget("default")
        put_tenant(runtime.redis, store.tenant)
        own, zone = runtime.store("default"), runtime.settings.zone
        import_rows(own, "products", [{"product_id": product, "value": 1} for product in ("p1", "p2", "p3")], zone)
        import_rows(own, "contacts", [{"contact_id": f"c{n}", "size": n} for n in range(40)], zone)
        write_tombstone(own, store.tenant.contact("c7"))
        return load_file(runtime, "default", "scores", file, **options)

    return call


def keys_left(runtime: Runtime, *without: bytes) -> dict[bytes, Any]:
    """Return what all keys hold, some left out."""
    found = dumped(runtime.redis, runtime)
    return {key: held for key, held in found.items() if not any(name in key for name in (*CHANGING, *without))}


def score_arrays(runtime: Runtime) -> dict[bytes, Any]:
    return {key: held for key, held in dumped(runtime.redis, runtime).items() if b" scores" in key}


@one_server
def test_a_split_file_leaves_the_same_keys_counts_lines_and_warnings_by_whichever_runner(
    runtime: Runtime, load: Load, pool: PoolRunner, dask_address: str, redis_url: str
) -> None:
    setup = WorkerSetup(redis_url=redis_url, settings=runtime.settings, durability=runtime.durability)
    found, shares = [], list[float]()
    with DaskRunner(setup, dask_address) as dask:
        for options in ({"split_bytes": SPLIT_BYTES}, {"report": shares.append}, {"runner": pool}, {"runner": dask}):
            loaded = load(**{"split_bytes": 0, **options})
            assert loaded.rejected is not None
            found.append((keys_left(runtime), loaded.counts, loaded.rejected.read_text()))

    assert found[1:] == [found[0]] * 3
    assert found[0][1].by_code.keys() == {"stale_score", "invalid_row", "invalid_input", "contact_erased"}
    assert {kind for kind, _ in found[0][1].unknown} == {"product", "contact"}
    assert shares == sorted(shares)
    assert [sum(low < share <= low + 0.5 for share in shares) for low in (0, 0.5)] == [5, 64]


@one_server
def test_a_killed_worker_changes_no_key(runtime: Runtime, load: Load, pool: PoolRunner) -> None:
    load(split_bytes=0)
    undisturbed, kills = keys_left(runtime, b"file_loads", b"unknown"), list[int]()

    def kill(share: float) -> None:
        if share > split_scores.SPLIT_SHARE and not kills:
            kills.extend(filter(None, (child.pid for child in multiprocessing.active_children())))
            os.kill(kills[0], signal.SIGKILL)

    load(split_bytes=0, runner=pool, report=kill)

    assert keys_left(runtime, b"file_loads", b"unknown") == undisturbed


def test_a_split_load_is_undone(runtime: Runtime, load: Load, file: Path) -> None:
    load(split_bytes=SPLIT_BYTES)
    before = score_arrays(runtime)
    file.write_text(file.read_text().replace("2026-11-03", "2026-11-04").replace("0.25", "0.75"))
    second = load_file(runtime, "default", "scores", file, split_bytes=0)
    assert score_arrays(runtime) != before
    undo_load(runtime, "default", second.load_id)

    assert score_arrays(runtime) == before


def test_rows_of_a_contact_that_is_erased_meanwhile_are_refused(runtime: Runtime, store: Store, load: Load) -> None:
    loaded = load(split_bytes=0, report=lambda _: write_tombstone(store, store.tenant.contact("c8")))

    assert loaded.rejected is not None
    lines = [line for line in loaded.rejected.read_text().splitlines() if ",contact_erased," in line]
    assert {line.split(",")[-6] for line in lines} == {"c7", "c8"}
    assert [int(line.split(",")[0]) for line in lines] == sorted(int(line.split(",")[0]) for line in lines)


def test_files_of_killed_loads_are_deleted_those_of_running_ones_stay(runtime: Runtime, load: Load) -> None:
    root = runtime.settings.data_dir / "scores" / "default"
    (root / "killed").mkdir(parents=True)
    load(split_bytes=0)

    assert list(root.iterdir()) == []


def test_large_files_have_more_parts() -> None:
    sizes = (1, 64 * split_scores.PART_BYTES, 65 * split_scores.PART_BYTES)

    assert [split_scores.count_parts(size) for size in sizes] == [64, 64, 128]


@pytest.mark.parametrize(
    ("contacts", "found"),
    [
        ("aaaaaaaabbbbbbbb", False),
        ("aabbccdd", False),
        ("abcd", False),
        ("abcdabcd", True),
        ("aaaaaaaabaaaaaaaa", True),
    ],
)
def test_contacts_are_scattered_where_short_runs_come_again(contacts: str, found: bool) -> None:
    rows = [Row(line, {"contact_id": contact}) for line, contact in enumerate(contacts, 1)]

    assert is_scattered(table_of_rows(rows, ["contact_id"])) == found
