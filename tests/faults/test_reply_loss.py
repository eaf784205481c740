"""One answer in ten is lost after its command was carried out: sent again, everything counts once."""

import random
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from dog.errors import StoreUnavailable
from dog.services.feedback.record_feedback import record_feedback
from dog.storage.connection import connect
from dog.storage.store import Store
from tests.faults.checker import check
from tests.faults.clients import in_batches
from tests.faults.houses import house_of_its_own
from tests.faults.journal import Journal
from tests.faults.proxy import lossy_proxy
from tests.faults.rows import Row, Scale
from tests.faults.worlds import some_event

ROW = 5
SHARE = 0.1


def run(scale: Scale, seed: int) -> Row:
    """Record events through a proxy that drops answers, each batch again and again until it is told."""
    count = 10_000 if scale == "long" else 1_500
    chance = random.Random(seed)
    events = [some_event(chance, f"e{number}") for number in range(count)]
    tries = 0
    with house_of_its_own() as (runtime, store, clock), TemporaryDirectory() as folder:
        clock.set("2030-01-01T00:00:00")
        journal = Journal(Path(folder) / "acknowledged.ndjson")
        url = runtime.server.url if runtime.server else ""
        with lossy_proxy(url.removeprefix("unix://"), SHARE, chance) as proxy:
            with connect(f"redis://127.0.0.1:{proxy.port}", timeout_seconds=2) as client:
                lossy: Store = replace(store, redis=client)
                proxy.losing = True
                for batch in in_batches(chance, events, 20):
                    results = None
                    while results is None:
                        tries += 1
                        try:
                            results = record_feedback(lossy, batch, clock.now_ms)
                        except StoreUnavailable:
                            continue
                    for event, result in zip(batch, results, strict=True):
                        assert result.status in ("accepted", "duplicate"), result
                        journal.acknowledge(event)
            dropped = proxy.dropped
        found = check(url, journal.read())
    doubled = found.doubled + abs(found.events - count)
    note = f"{dropped:,} answers lost, {tries:,} calls"
    return Row("answers lost", count, seed, found.lost, doubled, found.torn, None, note)


@pytest.mark.timeout(120)
def test_a_lost_answer_counts_nothing_twice() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
    assert not row.note.startswith("0 answers")
