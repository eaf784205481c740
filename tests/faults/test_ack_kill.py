"""The server is killed under eight clients: what was acknowledged is there, once, and whole."""

import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.checker import check
from tests.faults.clients import in_batches, post_from_many, post_until_told
from tests.faults.journal import Journal
from tests.faults.rows import Row, Scale
from tests.faults.worlds import some_event, world

ROW = 1


def run(scale: Scale, seed: int) -> Row:
    """Kill the embedded server again and again while clients post feedback, appendfsync always."""
    count, kills, most = (100_000, 20, 20) if scale == "long" else (3_000, 5, 5)
    chance = random.Random(seed)
    events = [some_event(chance, f"e{number}") for number in range(count)]
    longest = 0.0
    with world() as here, TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "acknowledged.ndjson")
        here.serve()
        wait = post_from_many(here, journal, in_batches(chance, events, most))
        for kill in range(kills):
            _until_grown(journal, count * (kill + 1) // (kills + 2))
            time.sleep(chance.random() / 4)
            here.kill_redis()
            killed = time.monotonic()
            post_until_told(here, journal, [some_event(chance, f"probe{kill}")])
            longest = max(longest, time.monotonic() - killed)
        failed = wait()
        found = check(here.redis_url, journal.read())
    note = f"{kills} kills, {failed} tries answered by an error"
    assert found.events == count + kills, "events that nobody sent, or fewer than were sent"
    return Row("redis killed under writes", count, seed, found.lost, found.doubled, found.torn, longest, note)


def _until_grown(journal: Journal, lines: int) -> None:
    while journal.count < lines:
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_was_acknowledged_survives_every_kill_of_the_server_once_and_whole() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
    assert row.seconds_to_recover is not None
    assert row.seconds_to_recover < 10
