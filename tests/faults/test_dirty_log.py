"""A log loaded clean, and the same log as the world delivers it, lead to the same numbers bit for bit."""

import random
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from dog.services.data.import_feedback import import_feedback
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from tests.conftest import Clock
from tests.faults.houses import go_to_week, week_of_outcomes

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


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_duplicates_conflicts_zones_and_order_change_no_bit_and_are_counted_by_reason(
    runtime: Runtime, clock: Clock, seed: int
) -> None:
    chance = random.Random(seed)
    clean = [event for week in range(3) for event in week_of_outcomes(week, PAIRS)]
    dirty = made_dirty(chance, clean)
    go_to_week(clock, 4)

    def load(tenant: str, rows: list[dict[str, Any]]) -> Counter[tuple[str, str | None]]:
        store = runtime.store(tenant, create=True)
        found: Counter[tuple[str, str | None]] = Counter()
        for start in range(0, len(rows), 700):
            (results,) = import_feedback(store, [rows[start : start + 700]], runtime.clock, runtime.settings.zone)
            found.update((str(result.status), result.code) for result in results)
        run_recompute(runtime, tenant)
        return found

    counted_clean, counted_dirty = load("clean", clean), load("dirty", dirty)
    refused = {key: count for key, count in counted_dirty.items() if key[0] == "rejected"}

    assert counted_clean == {("accepted", None): len(clean)}
    assert counted_dirty["accepted", None] == len(clean)
    assert counted_dirty["duplicate", None] == len(clean) // 3
    assert refused["rejected", "event_id_conflict"] == len(clean) // 10
    assert sum(refused.values()) == len(clean) // 10 + 1
    assert len(numbers(runtime, "clean")) == PAIRS
    assert numbers(runtime, "dirty") == numbers(runtime, "clean")
