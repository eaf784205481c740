"""The service was away for five weeks: each is published, in order, as if it had never been away."""

import time

from dog.core.iso_weeks import parse_week
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.multiplier_versions import read_weeks
from tests.faults.houses import go_to_week, house_of_its_own, record_all, week_of_outcomes
from tests.faults.rows import Row, Scale

ROW = 14
WEEKS = 5


def run(scale: Scale, seed: int) -> Row:
    """Let five weeks pass with news in each and nobody to recompute; then recompute once. Nothing is drawn."""
    pairs = 100_000 if scale == "long" else 1_000
    with house_of_its_own() as (runtime, store, clock):
        for week in range(WEEKS):
            go_to_week(clock, week + 1)
            record_all(store, week_of_outcomes(week, pairs), clock.now_ms)
        began = time.monotonic()
        results = run_recompute(runtime, "default")
        took = time.monotonic() - began
        again = run_recompute(runtime, "default")
        weeks = list(read_weeks(store))
        row = read_multipliers(
            runtime, "default", contact_id="c0", product_id="p0", policy="recommended", cursor=None, limit=1
        )["items"][0]
    first = parse_week("2026-W36")
    missed = len(set(range(first, first + WEEKS)) - set(weeks))
    disorder = [result.week for result in results] != [f"2026-W{36 + week}" for week in range(WEEKS)]
    assert row["pitches"] == WEEKS
    return Row(
        "five weeks away", pairs, seed, missed, len(again), int(disorder), took, f"weeks {len(weeks)} of {WEEKS}"
    )


def test_five_missed_weeks_are_published_in_order_and_once() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
