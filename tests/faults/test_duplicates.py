"""Every id is sent one to five times, in any order, by eight clients: the counts are those of a plain model."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.faults.checker import check
from tests.faults.clients import in_batches, post_from_many
from tests.faults.journal import Journal
from tests.faults.rows import Row, Scale
from tests.faults.worlds import recompute, some_event, world

ROW = 6


def run(scale: Scale, seed: int) -> Row:
    """Send ids again and again, shuffled, from clients at once; compare with what each id counts once."""
    count = 100_000 if scale == "long" else 3_000
    chance = random.Random(seed)
    events = [some_event(chance, f"e{number}") for number in range(count)]
    arrivals = [event for event in events for _ in range(chance.randint(1, 5))]
    chance.shuffle(arrivals)
    with world() as here, TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "acknowledged.ndjson")
        here.serve()
        post_from_many(here, journal, in_batches(chance, arrivals, 200))()
        recompute(here)
        counted = {(row["contact_id"], row["product_id"]): row for row in here.read_all("/v1/multipliers")}
        found = check(here.redis_url, journal.read())
    told = {pair: (row["wins"], row["pitches"]) for pair, row in counted.items()}
    modelled = settled(events)
    wrong = sum(told.get(pair) != modelled.get(pair) for pair in told.keys() | modelled.keys())
    note = f"{len(arrivals):,} arrivals; {wrong} of {len(modelled):,} pairs differ from the model"
    doubled = found.doubled + wrong + abs(found.events - count)
    return Row("duplicates, any order", count, seed, found.lost, doubled, found.torn, None, note)


def settled(events: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Count wins and pitches of each pair: a win or loss settles the oldest open pitch, else one that it implies."""
    kinds: dict[tuple[str, str], list[str]] = defaultdict(list)
    for event in sorted(events, key=lambda event: (event["occurred_at"], event["event_id"])):
        if event["type"] in ("pitch", "win", "loss"):
            kinds[event["contact_id"], event["product_id"]].append(event["type"])
    return {pair: _count(found) for pair, found in kinds.items()}


def _count(kinds: Sequence[str]) -> tuple[int, int]:
    opened = pitches = 0
    for kind in kinds:
        if kind == "pitch" or not opened:
            pitches += 1
        opened += 1 if kind == "pitch" else -min(1, opened)
    return Counter(kinds)["win"], pitches


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ids_sent_one_to_five_times_in_any_order_count_as_often_as_a_plain_model_says() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
