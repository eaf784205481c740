"""Cohorts as the ledgers have them equal those that a person computes from an export."""

from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from dog.core.iso_weeks import DAY_MS
from dog.core.learning.pitch_cohorts import Cohort
from dog.services.data.export_rows import export_rows
from dog.services.desk.desk_reader import outlook_of
from dog.services.desk.pitch_figures import PitchFigures, group_days, read_pitch_figures
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api, Clock, event

SENT = [
    event("a1", "pitch", occurred_at="2026-09-28T23:30:00Z"),  # matures
    event("a2", "pitch", occurred_at="2026-10-12T09:00:00Z"),
    event("a3", "win", occurred_at="2026-11-12T09:00:00Z", pitch_id="a2"),
    event("b1", "pitch", "p2", occurred_at="2026-10-27T09:00:00Z"),
    event("b2", "pitch", "p2", occurred_at="2026-11-04T09:00:00Z"),
    event("b3", "loss", "p2", occurred_at="2026-11-05T09:00:00Z"),  # of the older one
    event("c1", "win", "p3", "c2", occurred_at="2026-11-17T09:00:00Z"),  # implies a pitch
    event("d1", "pitch", "p3", "c3", occurred_at="2026-11-16T09:00:00Z"),
    event("d2", "accept", "p3", "c3", occurred_at="2026-11-16T08:00:00Z"),
]


def read(runtime: Runtime, store: Store) -> PitchFigures:
    snapshot = runtime.shared(Snapshots).current(store)
    outlook = outlook_of(snapshot, runtime.clock() + 1)
    return read_pitch_figures(store, outlook, snapshot.catalogue.ids, today=runtime.today(), zone=UTC)


def weeks_of_export(events: pd.DataFrame, matured: pd.Timestamp) -> dict[date, tuple[int, int, int]]:
    """Return pitches, wins and losses by the Monday of the pitch."""
    found: dict[date, list[int]] = {}
    for _, own in events.sort_values(["occurred_at", "event_id"]).groupby(["contact_id", "product_id"]):
        pitches: list[dict[str, Any]] = []
        for row in own.to_dict("records"):
            if row["type"] in ("win", "loss"):
                waiting = [one for one in pitches if one["end"] is None]
                named = [one for one in waiting if one["id"] == row["pitch_id"]]
                if not waiting:
                    waiting = [{"id": row["event_id"], "at": row["occurred_at"], "end": None}]
                    pitches += waiting
                (named or waiting)[0]["end"] = row["type"]
            elif row["type"] == "pitch":
                pitches.append({"id": row["event_id"], "at": row["occurred_at"], "end": None})
        for one in pitches:
            end = one["end"] or ("loss" if one["at"] <= matured else "open")
            counts = found.setdefault((one["at"] - timedelta(days=one["at"].weekday())).date(), [0, 0, 0])
            counts[0] += 1
            counts[1] += end == "win"
            counts[2] += end == "loss"
    return {week: (counts[0], counts[1], counts[2]) for week, counts in sorted(found.items())}


def test_cohorts_equal_those_of_the_export(
    api: Api, loaded: Store, runtime: Runtime, clock: Clock, tmp_path: Path
) -> None:
    api.post("/v1/feedback", {"events": SENT})
    clock.set("2027-01-02T10:00:00")
    export_rows(runtime, "default", "feedback", tmp_path / "feedback.csv")
    exported = pd.read_csv(tmp_path / "feedback.csv", parse_dates=["occurred_at"])
    policy = runtime.shared(Snapshots).current(loaded).policy(None).policy
    matured = pd.Timestamp(runtime.clock() - policy.reinforcement.maturation_days * DAY_MS, unit="ms", tz="UTC")
    weeks = group_days(read(runtime, loaded).days)

    assert {day: (week.pitches, week.won, week.lost) for day, week in weeks.items()} == weeks_of_export(
        exported, matured
    )
    assert sum(week.pitches for week in weeks.values()) == 6
    assert sum(week.open for week in weeks.values()) == 2


def test_windows_group_the_last_weeks_by_product_channel_and_segment(api: Api, loaded: Store, runtime: Runtime) -> None:
    api.post("/v1/feedback", {"events": SENT})
    found = read(runtime, loaded)

    assert found.total("month").pitches == 4
    assert found.total("month_before").pitches == 2
    assert found.total("quarter").pitches == 6
    assert {name: one.pitches for name, one in found.windows["month"]["product"].items()} == {"p2": 2, "p3": 2}
    assert sum(one.pitches for one in found.windows["month"]["channel"].values()) == 4


def test_pitches_of_unknown_products_are_added_up(api: Api, loaded: Store, runtime: Runtime) -> None:
    api.post("/v1/feedback", {"events": SENT})
    outlook = outlook_of(runtime.shared(Snapshots).current(loaded), runtime.clock() + 1)
    found = read_pitch_figures(loaded, outlook, (), today=runtime.today(), zone=UTC)

    assert {name: one.pitches for name, one in found.windows["quarter"]["product"].items()} == {"": 6}


def test_more_than_half_a_year_is_grouped_by_month() -> None:
    days = {date(2026, 3, 31): Cohort(pitches=1), date(2026, 10, 1): Cohort(pitches=2), date(2026, 10, 31): Cohort()}

    assert list(group_days(days)) == [date(2026, 3, 1), date(2026, 10, 1)]


def test_days_are_those_of_the_time_zone(api: Api, loaded: Store, runtime: Runtime) -> None:
    api.post("/v1/feedback", {"events": SENT[:1]})
    snapshot = runtime.shared(Snapshots).current(loaded)
    outlook = outlook_of(snapshot, runtime.clock() + 1)
    zone = pd.Timestamp("2026-09-28", tz="Europe/Berlin").tzinfo
    assert zone is not None
    found = read_pitch_figures(loaded, outlook, snapshot.catalogue.ids, today=runtime.today(), zone=zone)

    assert list(found.days) == [date(2026, 9, 29)]
