"""Back-fill: feedback waits meanwhile, an undo takes it back, another back-fill cannot write into it."""

from pathlib import Path
from typing import Any

from dog.services.data.load_file import load_file
from dog.services.data.loads.undo_load import undo_load
from dog.services.feedback.record_feedback import record_feedback
from dog.services.pool_runner import PoolRunner
from dog.services.runtime import Runtime
from dog.storage.store import Store, put_tenant
from tests.conftest import Api
from tests.loads_world import event, exported, write_rows
from tests.services.conftest import one_server

ROWS = [event(f"e{number}", contact=f"c{number % 7}") for number in range(40)]
LIVE = {"event_id": "live", "type": "pitch", "contact_id": "c1", "product_id": "p1"}


def test_feedback_sent_meanwhile_is_refused_and_taken_afterwards(
    runtime: Runtime, store: Store, api: Api, tmp_path: Path
) -> None:
    during: list[Any] = []

    def send(_share: float) -> None:
        if not during:
            during.append(api.post("/v1/feedback", {"events": [LIVE | {"occurred_at": "2026-11-20T10:00:00Z"}]}))

    path = write_rows(tmp_path / "history.csv", ROWS)
    found = load_file(runtime, "default", "feedback", path, report=send, backfill=True)
    after = api.post("/v1/feedback", {"events": [LIVE | {"occurred_at": "2026-11-20T10:00:00Z"}]})

    assert during[0].status_code == 503
    assert during[0].json["code"] == "being_backfilled"
    assert "feedback waits for its end" in during[0].json["detail"]
    assert found.counts.accepted == len(ROWS)
    assert after.json["accepted"] == 1


def test_what_was_loaded_already_counts_as_duplicates(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "history.csv", ROWS)
    record_feedback(store, [dict(row) for row in ROWS[:10]], runtime.clock())

    first = load_file(runtime, "default", "feedback", path, backfill=True)
    again = load_file(runtime, "default", "feedback", path, backfill=True)

    assert (first.counts.accepted, first.counts.duplicates) == (30, 10)
    assert (again.counts.accepted, again.counts.duplicates) == (0, 40)
    assert exported(runtime, tmp_path)["feedback"].count(b"\n") == 41


def test_a_backfill_can_be_undone(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    before = exported(runtime, tmp_path)
    path = write_rows(tmp_path / "history.csv", ROWS)
    found = load_file(runtime, "default", "feedback", path, backfill=True)

    undone = undo_load(runtime, "default", found.load_id)

    assert undone.events == len(ROWS)
    assert exported(runtime, tmp_path) == before


@one_server
def test_processes_back_fill_what_one_process_does(
    runtime: Runtime, store: Store, pool: PoolRunner, tmp_path: Path
) -> None:
    path = write_rows(tmp_path / "history.csv", [*ROWS, *ROWS[:3], {**ROWS[5], "product_id": "p2"}])
    alone = load_file(runtime, "default", "feedback", path, backfill=True)
    expected = exported(runtime, tmp_path)
    runtime.redis.flushall()
    runtime.forget("default")
    put_tenant(runtime.redis, store.tenant)
    shared = load_file(runtime, "default", "feedback", path, backfill=True, runner=pool)

    assert shared.counts == alone.counts
    assert exported(runtime, tmp_path) == expected
