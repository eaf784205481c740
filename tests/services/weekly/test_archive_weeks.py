"""Closed weeks go to files; no count or multiplier moves, and nothing of them is taken again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dog.errors import ArchiveUnavailable, Conflict, NotFound
from dog.services.data.export_rows import export_rows
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly import archive_weeks as module
from dog.services.weekly.archive_weeks import archive, archived_events
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from dog.storage.votes import read_votes
from tests.conftest import Clock

START = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)  # Monday of 2026-W46


def event(number: int, kind: str, days: float, contact: str = "c1", **more: Any) -> dict[str, Any]:
    at = START + timedelta(days=days)
    names = {"contact_id": contact, "product_id": "p1", "occurred_at": at.isoformat()}
    return {"event_id": f"e{number}", "type": kind, **names, **more}


HISTORY = [
    event(1, "pitch", 0.1),
    event(2, "win", 0.2),
    event(3, "pitch", 0.3, pitch_id=None),
    event(4, "pitch", 1, "c2"),
    event(5, "discard", 1.5, "c2"),
    event(6, "discard", 2, "c2", reason={"trigger": "discomfort", "attribute": "account"}),
    event(7, "loss", 8, "c2"),  # a week later: settles the pitch of the week before
]


@pytest.fixture
def history(runtime: Runtime, store: Store, clock: Clock) -> None:
    """Publish three weeks, then go 53 weeks on from the publication of the first."""
    store.redis.hset(
        store.tenant.partition(store.tenant.contact("c2")).of("contacts"),
        store.tenant.contact("c2"),
        b'{"contact_id":"c2","account_id":"a1"}',
    )
    record_feedback(store, [{k: v for k, v in e.items() if v is not None} for e in HISTORY[:6]], runtime.clock())
    run_recompute(runtime, "default")  # W46, on Friday 2026-11-20
    clock.set("2026-11-24T00:00:00")
    record_feedback(store, HISTORY[6:], runtime.clock())
    run_recompute(runtime, "default")  # W47
    clock.set("2027-11-26T12:00:01")
    runtime.wait = lambda _: None


def rows(runtime: Runtime) -> list[dict[str, Any]]:
    found = read_multipliers(
        runtime, "default", contact_id=None, product_id=None, policy="recommended", cursor=None, limit=100
    )
    names = ("contact_id", "product_id", "wins", "losses", "pending", "pitches")
    return [{name: row[name] for name in names} for row in found["items"]]


def files(runtime: Runtime) -> pd.DataFrame:
    found: list[Path] = sorted((runtime.settings.data_dir / "archive").rglob("*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in found]).sort_values("event_id")


@pytest.mark.usefixtures("history")
def test_a_closed_weeks_events_are_in_files_and_no_longer_in_redis(runtime: Runtime, store: Store) -> None:
    archived = archive(runtime, "default")
    contact = store.tenant.contact("c1")

    assert archived is not None
    assert (archived.closed, archived.events, archived.votes) == ("2026-W46", 5, 1)
    assert files(runtime)["event_id"].tolist() == ["e1", "e2", "e3", "e5", "e6"]  # e4 is settled by a week still open
    assert store.redis.exists(store.tenant.partition(contact).contact("log", contact)) == 0
    assert len(read_votes(store)) == 0
    assert archive(runtime, "default") is None


@pytest.mark.usefixtures("history")
def test_the_only_event_of_a_partition_is_found_in_its_week(runtime: Runtime, store: Store, clock: Clock) -> None:
    clock.set("2026-11-24T00:00:00")
    record_feedback(store, [event(8, "discard", 1, "alone")], runtime.clock())
    clock.set("2027-11-26T12:00:01")
    archive(runtime, "default")
    folder = runtime.settings.data_dir / "archive" / "default"
    found = {str(row["event_id"]) for number in range(64) for row in archived_events(store, number)}

    assert "e8" in found
    assert [path.name for path in folder.iterdir()] == ["2026-W46"]
    (folder / "2026-W46").rename(folder / "('2026-W46',)")  # as earlier releases named it
    assert found == {str(row["event_id"]) for number in range(64) for row in archived_events(store, number)}


@pytest.mark.usefixtures("history")
def test_no_count_moves_when_a_week_is_archived(runtime: Runtime, store: Store, clock: Clock) -> None:
    run_recompute(runtime, "default")
    before = rows(runtime)
    archive(runtime, "default")
    clock.set("2027-12-01T00:00:00")
    results = run_recompute(runtime, "default")

    assert rows(runtime) == before
    assert before[0]["losses"] + before[1]["losses"] == 2
    assert results[-1].counts["moved"] == 0
    assert record_feedback(store, [event(9, "win", 380)], runtime.clock())[0].status == "accepted"


@pytest.mark.usefixtures("history")
def test_an_archived_week_takes_nothing_and_gives_nothing_back(runtime: Runtime, store: Store) -> None:
    archive(runtime, "default")
    again = record_feedback(store, [HISTORY[0], event(10, "pitch", 0.5), event(11, "pitch", 15)], runtime.clock())

    assert [(result.status, result.code) for result in again] == [
        ("rejected", "week_closed"),
        ("rejected", "week_closed"),
        ("accepted", None),
    ]
    with pytest.raises((NotFound, Conflict)):
        retract_feedback(store, "e1")
    assert retract_feedback(store, "e11")


@pytest.mark.usefixtures("history")
def test_an_archive_killed_half_way_is_finished_by_the_next_run(
    runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "replace_logs", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        archive(runtime, "default")
    monkeypatch.undo()
    run_recompute(runtime, "default")
    archived = archive(runtime, "default")

    assert archived is not None
    assert files(runtime)["event_id"].tolist() == ["e1", "e2", "e3", "e5", "e6"]
    assert {row["contact_id"]: row["pitches"] for row in rows(runtime)} == {"c1": 2, "c2": 1}


def test_nothing_is_archived_before_its_time(runtime: Runtime, store: Store, clock: Clock) -> None:
    record_feedback(store, [HISTORY[0]], runtime.clock())
    run_recompute(runtime, "default")
    clock.set("2027-11-25T12:00:00")

    assert archive(runtime, "default") is None


@pytest.mark.usefixtures("history")
def test_a_broken_file_of_a_week_is_named(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    archive(runtime, "default")
    for folder in store.archive.folders():
        for name in store.archive.names(folder):
            store.archive.put(name, b"PAR1 and no more PAR1")

    with pytest.raises(ArchiveUnavailable, match=r"default/2026-W\d\d/\d\d\.parquet of the archive is broken"):
        export_rows(runtime, "default", "feedback", tmp_path / "feedback.csv")
