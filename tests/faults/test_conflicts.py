"""An id used again with another body is refused, before and after its week is archived."""

import random
from dataclasses import replace
from typing import Any

import pytest

from dog.services.feedback.record_feedback import record_feedback
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.run_recompute import run_recompute
from tests.faults.houses import go_to_week, house_of_its_own, record_all, week_of_outcomes
from tests.faults.rows import Row, Scale

ROW = 8


def run(scale: Scale, seed: int) -> Row:
    """Change one field of every event and send it under its old id; then archive the week and try again."""
    count = 10_000 if scale == "long" else 1_000
    chance = random.Random(seed)
    events = week_of_outcomes(0, count)
    changed = [_changed(event, chance) for event in events]
    with house_of_its_own() as (runtime, store, clock):
        go_to_week(clock, 1)
        record_all(store, events, clock.now_ms)
        run_recompute(runtime, "default")
        codes = [_codes(store, changed, clock.now_ms)]
        runtime.settings = replace(runtime.settings, archive_after_weeks=2)
        runtime.wait = lambda _: None
        go_to_week(clock, 4)
        archived = archive(runtime, "default")
        codes += [_codes(store, sent, clock.now_ms) for sent in (changed, events)]
    expected = [{"event_id_conflict"}, {"week_closed"}, {"week_closed"}]
    accepted = sum(code is None for found in codes for code in found)
    wrong = sum(set(found) != right for found, right in zip(codes, expected, strict=True))
    note = f"{3 * count:,} tries, {accepted} accepted; {archived.events if archived else 0:,} events archived"
    return Row("other body, same id", count, seed, 0, accepted, wrong, None, note)


def _changed(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    name, value = chance.choice(
        [("product_id", "other"), ("contact_id", "other"), ("actor_id", "other"), ("value", 1.5), ("type", "pitch")]
    )
    return {**event, name: value}


def _codes(store: Any, events: list[dict[str, Any]], now_ms: int) -> list[str | None]:
    batches = [events[start : start + 1000] for start in range(0, len(events), 1000)]
    return [result.code for batch in batches for result in record_feedback(store, batch, now_ms)]


@pytest.mark.timeout(120)
def test_another_body_under_a_known_id_is_never_taken() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
