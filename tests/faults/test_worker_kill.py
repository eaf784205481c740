"""Workers are killed under load: only the calls in them fail; tried again, nothing is lost or counted twice."""

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.checker import check
from tests.faults.clients import CLIENTS, in_batches, post_from_many
from tests.faults.journal import Journal
from tests.faults.processes import children
from tests.faults.rows import Row, Scale
from tests.faults.worlds import World, some_event, world

ROW = 4
SECONDS_BETWEEN = 2.0


def workers_of(serving: int) -> list[int]:
    """List the worker processes under `dog serve`: the children of its child, the HTTP server."""
    return [worker for server in children(serving) for worker in children(server)]


def run(scale: Scale, seed: int) -> Row:
    """Kill a worker every two seconds while eight clients post feedback."""
    count, seconds = (100_000, 300) if scale == "long" else (3_000, 12)
    chance = random.Random(seed)
    events = [some_event(chance, f"e{number}") for number in range(count)]
    longest, kills, rounds = 0.0, 0, 0
    with world() as here, TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "acknowledged.ndjson")
        serving = here.serve()
        deadline, failed = time.monotonic() + seconds, 0
        batches = in_batches(chance, events, 20)
        while time.monotonic() < deadline:  # the same events round after round: ids make that harmless
            wait = post_from_many(here, journal, batches)
            rounds += 1
            while not wait.is_done() and time.monotonic() < deadline:
                time.sleep(SECONDS_BETWEEN)
                longest = max(longest, _kill_one(here, serving.pid, chance))
                kills += 1
            failed += wait()
        found = check(here.redis_url, journal.read())
    tries = failed + rounds * len(batches)
    note = f"{kills} kills, {CLIENTS} clients, {failed} of {tries:,} calls failed ({failed / tries:.2%})"
    assert failed <= kills * CLIENTS, f"calls failed that were not in the worker that was killed: {note}"
    doubled = found.doubled + abs(found.events - count)
    return Row("worker killed every 2 s", count, seed, found.lost, doubled, found.torn, longest, note)


def _kill_one(here: World, serving: int, chance: random.Random) -> float:
    """Kill a worker and tell how many seconds later the service answers again."""
    victims = workers_of(serving)
    if victims:
        os.kill(chance.choice(victims), signal.SIGKILL)
    killed = time.monotonic()
    here.until_ready()
    return time.monotonic() - killed


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_workers_cost_tries_but_no_feedback() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
    assert row.seconds_to_recover is not None
    assert row.seconds_to_recover < 10


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_service_comes_back_when_every_worker_dies_again_and_again_and_when_its_server_dies() -> None:
    with world() as here:
        serving = here.serve()
        servers = children(serving.pid)
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:  # each fresh worker at once
            for worker in workers_of(serving.pid):
                with suppress(ProcessLookupError):  # it was killed before, and is gone by now
                    os.kill(worker, signal.SIGKILL)
            time.sleep(0.02)
        here.until_ready(60)
        assert children(serving.pid) == servers
        for server in children(serving.pid):
            os.kill(server, signal.SIGKILL)
        here.until_ready(60)

        assert serving.poll() is None
        assert here.call("/health/live")[0] == 200
