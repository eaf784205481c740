"""The same events permuted, repeated and cut into other batches give the same multipliers, bit for bit."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime, system_clock
from dog.services.weekly.run_recompute import run_recompute
from tests.faults.clients import in_batches
from tests.faults.houses import house_of_its_own
from tests.faults.rows import Row, Scale
from tests.faults.worlds import some_event
from tests.pair_rows import every_row

ROW = 7


def run(scale: Scale, seed: int) -> Row:
    """Record each event set twice, into a tenant each, in two orders; compare every pair's numbers."""
    sets = 1_000 if scale == "long" else 8
    chance = random.Random(seed)
    different = 0
    with house_of_its_own() as (runtime, _, clock):
        clock.now_ms = system_clock()  # the events are of the last weeks
        for number in range(sets):
            events = [some_event(chance, f"e{n}", contacts=6, products=3) for n in range(chance.randint(1, 120))]
            again = events + chance.choices(events, k=len(events) // 2)
            chance.shuffle(again)
            first = _numbers(runtime, f"a{number}", events, chance)
            different += first != _numbers(runtime, f"b{number}", again, chance)
            runtime.redis.flushall()
            runtime.forget(f"a{number}")
            runtime.forget(f"b{number}")
    return Row("any order", sets, seed, different, 0, 0, None, f"{different} of {sets:,} event sets differ")


def _numbers(
    runtime: Runtime, tenant: str, events: Sequence[Mapping[str, Any]], chance: random.Random
) -> dict[tuple[Any, Any], dict[str, Any]]:
    store = runtime.store(tenant, create=True)
    for batch in in_batches(chance, events, 50):
        record_feedback(store, batch, runtime.clock())
    run_recompute(runtime, tenant, week=None)
    rows = every_row(runtime, store, "recommended")
    return {
        (row["contact_id"], row["product_id"]): {name: value for name, value in row.items() if name != "version"}
        for row in rows
    }


@pytest.mark.timeout(120)
def test_no_order_repetition_or_batching_moves_a_number() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
