"""A log loaded clean, and the same log as the world delivers it, lead to the same numbers bit for bit."""

import random
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

from dog.services.data.import_feedback import import_feedback
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from tests.faults.houses import go_to_week, house_of_its_own, week_of_outcomes
from tests.faults.rows import Row, Scale

ROW = 8
PAIRS = 400


def numbers(runtime: Runtime, tenant: str) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Read wins, pitches and multiplier of every pair, floats as their exact bits."""
    rows: list[Any] = []
    cursor = None
    while True:
        page = read_multipliers(
            runtime, tenant, contact_id=None, product_id=None, policy="recommended", cursor=cursor, limit=1000
        )
        rows += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    return {
        (row["contact_id"], row["product_id"]): (row["wins"], row["pitches"], row["multiplier"].hex()) for row in rows
    }


def made_dirty(chance: random.Random, clean: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Repeat a third, contradict a tenth, spell every time in another zone, and shuffle; the first of an id stands."""
    spelt = []
    for event in clean:
        zone = timezone(timedelta(minutes=15 * chance.randrange(-48, 57)))
        at = datetime.fromisoformat(event["occurred_at"]).astimezone(zone)
        spelt.append({**event, "occurred_at": at.isoformat()})
    chance.shuffle(spelt)
    repeated = chance.sample(clean, len(clean) // 3)
    flipped = {"win": "loss", "loss": "win"}
    contradicted = [{**event, "type": flipped[event["type"]]} for event in chance.sample(clean, len(clean) // 10)]
    later = [*repeated, *contradicted, {**clean[0], "event_id": "bad", "occurred_at": "yesterday"}]
    chance.shuffle(later)
    return spelt + later


def run(scale: Scale, seed: int) -> Row:
    """Load a clean log and a dirty copy of it into a tenant each, and compare every pair's numbers."""
    logs, different, miscounted, pairs_compared = (20 if scale == "long" else 2), 0, 0, 0
    with house_of_its_own() as (runtime, _, clock):
        go_to_week(clock, 4)
        for number in range(logs):
            clean = [event for week in range(3) for event in week_of_outcomes(week, PAIRS)]
            dirty = made_dirty(random.Random(seed * 1000 + number), clean)
            counted = {name: _load(runtime, f"{name}{number}", log) for name, log in (("a", clean), ("b", dirty))}
            miscounted += counted["a"] != {("accepted", None): len(clean)} or counted["b"] != expected_counts(clean)
            numbers_of_clean = numbers(runtime, f"a{number}")
            pairs_compared += len(numbers_of_clean)
            different += numbers_of_clean != numbers(runtime, f"b{number}")
    assert pairs_compared == logs * PAIRS
    note = f"{different} of {logs} logs of 1,200 events differ from their disordered copy; {miscounted} counted wrongly"
    return Row("clean and disordered log", logs, seed, different, miscounted, 0, None, note)


def expected_counts(clean: list[dict[str, Any]]) -> dict[tuple[str, str | None], int]:
    """Count what the lines of a dirty log are answered."""
    return {
        ("accepted", None): len(clean),
        ("duplicate", None): len(clean) // 3,
        ("rejected", "event_id_conflict"): len(clean) // 10,
        ("rejected", "invalid_event"): 1,
    }


def _load(runtime: Runtime, tenant: str, rows: list[dict[str, Any]]) -> Counter[tuple[str, str | None]]:
    store = runtime.store(tenant, create=True)
    found: Counter[tuple[str, str | None]] = Counter()
    for start in range(0, len(rows), 700):
        (results,) = import_feedback(store, [rows[start : start + 700]], runtime.clock, runtime.settings.zone)
        found.update((str(result.status), result.code) for result in results)
    run_recompute(runtime, tenant)
    return found


def test_duplicates_conflicts_zones_and_order_change_no_bit_and_are_counted_by_reason() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
