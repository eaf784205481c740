"""The clock jumps by an hour or a week, to and fro, for two years: no week is done twice, none is left out."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dog.core.iso_weeks import format_week, week_of
from dog.storage.multiplier_versions import due_weeks, read_weeks
from tests.faults.houses import house_of_its_own, record_all
from tests.faults.rows import Row, Scale

ROW = 15
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo")
FIRST_OUTCOME = datetime(2025, 12, 31, 12, tzinfo=UTC)
FROM, DAYS = datetime(2026, 1, 8, tzinfo=UTC), 2 * 365
JUMPS = (timedelta(hours=1), timedelta(hours=-1), timedelta(weeks=1), timedelta(weeks=-1))


def run(scale: Scale, seed: int) -> Row:
    """Tick through two years, 2026-W53 and every change of summer time among them; one tick in ten is off."""
    zones, hours = (ZONES, 1) if scale == "long" else (ZONES[:3], 12)
    chance = random.Random(seed)
    ticks = skipped = repeated = disordered = 0
    for name in zones:
        zone, done = ZoneInfo(name), list[int]()
        for now_ms in _ticks(chance, hours):
            ticks += 1
            done += _due(done, now_ms, zone)
        skipped += len(set(range(done[0], done[-1] + 1)) - set(done))
        repeated += len(done) - len(set(done))
        disordered += done != sorted(done)
        assert "2026-W53" in map(format_week, done)
    return Row("clock torture", ticks, seed, skipped, repeated, disordered, None, f"two years in {len(zones)} zones")


def _ticks(chance: random.Random, hours: int) -> list[int]:
    moments, at, jump = [], FROM, timedelta()
    while at < FROM + timedelta(days=DAYS):
        if chance.random() < 0.1:
            jump = chance.choice((*JUMPS, timedelta(), timedelta()))
        moments.append(_ms(at + jump))
        at += timedelta(hours=hours)
    return moments


def _due(done: list[int], now_ms: int, zone: ZoneInfo) -> list[int]:
    """Say what the service would do, given what is done; the same test asks the service itself below."""
    last = week_of(now_ms, zone) - 1
    return list(range(done[-1] + 1 if done else week_of(_ms(FIRST_OUTCOME), zone), last + 1))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def test_no_week_is_done_twice_or_left_out_whatever_the_clock_does() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row


def test_the_service_asks_for_the_same_weeks_as_the_tick_by_tick_model() -> None:
    chance = random.Random(2)
    zone = ZoneInfo("Europe/Berlin")
    with house_of_its_own() as (_, store, _):
        pitch = {"event_id": "e1", "type": "pitch", "contact_id": "c1", "product_id": "p1"}
        record_all(store, [{**pitch, "occurred_at": FIRST_OUTCOME.isoformat()}], _ms(FROM))
        done: list[int] = []
        for now_ms in _ticks(chance, 24):
            due = due_weeks(store, now_ms, zone)

            assert due == _due(done, now_ms, zone)

            done += due
            for week in due:
                store.redis.hset(store.keys.of("weeks"), str(week), "v@0")
        published = list(read_weeks(store))

    assert published == list(range(done[0], done[-1] + 1))
