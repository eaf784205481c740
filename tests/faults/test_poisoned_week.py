"""A week in which everything is won was not a good week but a bad file: it is held, and the old version stays."""

from dog.errors import WeekHeld
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.multiplier_versions import read_weeks
from tests.faults.houses import go_to_week, house_of_its_own, record_all, week_of_outcomes
from tests.faults.rows import Row, Scale

ROW = 16


def run(scale: Scale, seed: int) -> Row:
    """Publish two sound weeks, poison the third, and let it be tried several times. Nothing is drawn."""
    pairs, tries = (20_000, 10) if scale == "long" else (1_500, 3)
    held = 0
    with house_of_its_own() as (runtime, store, clock):
        for week in range(2):
            record_all(store, week_of_outcomes(week, pairs), clock.now_ms + 14 * 86_400_000)
            go_to_week(clock, week + 1)
            run_recompute(runtime, "default")
        before = (read_weeks(store), store.redis.hget(store.keys.of("head"), "multipliers"))
        go_to_week(clock, 3)
        for copy in range(6):
            poison = week_of_outcomes(2, pairs, all_won=True)
            record_all(store, [{**event, "event_id": f"{copy}{event['event_id']}"} for event in poison], clock.now_ms)
        for _ in range(tries):
            try:
                run_recompute(runtime, "default")
            except WeekHeld:
                held += 1
        after = (read_weeks(store), store.redis.hget(store.keys.of("head"), "multipliers"))
    bad = int(before != after)
    return Row("poisoned week", 8 * pairs, seed, 0, bad, tries - held, None, f"held {held} of {tries} tries")


def test_a_poisoned_week_is_held_and_the_version_in_force_stays() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
