"""The importer is killed amid its files: what was written is whole, and loading again makes up the rest."""

import csv
import os
import random
import signal
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.faults.checker import check
from tests.faults.rows import Row, Scale
from tests.faults.worlds import World, some_event, world

ROW = 36
ROWS = 2_000
COLUMNS = ("event_id", "type", "contact_id", "product_id", "occurred_at")


def write_file(path: Path, events: list[Any]) -> Path:
    """Write events as CSV."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(events)
    return path


def load(here: World, path: Path, kill_after: float | None = None) -> float:
    """Load a file, and kill whoever does after that many seconds; the seconds it lived."""
    began = time.monotonic()
    process = here.start("dog", "load", "feedback", str(path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert process.wait(kill_after or 300) == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    here.processes.remove(process)
    return time.monotonic() - began


def run(scale: Scale, seed: int) -> Row:
    """Kill an importer amid each of many files, then load them all again as one."""
    kills = 200 if scale == "long" else 4
    chance = random.Random(seed)
    events = [some_event(chance, f"e{number}", contacts=500) for number in range(ROWS * (kills + 2))]
    amid = 0
    with world() as here, TemporaryDirectory() as folder, here_serving(here) as redis:
        files = [
            write_file(Path(folder) / f"{start}.csv", events[start : start + ROWS])
            for start in range(0, len(events), ROWS)
        ]
        starting = load(here, write_file(Path(folder) / "none.csv", events[:1]))
        whole = max(load(here, files[0]), load(here, files[1]))
        for path in files[2:]:
            before = written(redis)
            load(here, path, chance.uniform(0.9 * starting, whole))
            amid += before < written(redis) < before + ROWS
        early = check(here.redis_url, {})
        load(here, write_file(Path(folder) / "all.csv", events))
        found = check(here.redis_url, {event["event_id"]: event for event in events})
    note = (
        f"{kills} kills, {amid} of them amid the rows; {early.torn} torn and {early.doubled} doubled before the repeat"
    )
    torn, doubled = found.torn + early.torn, found.doubled + early.doubled
    return Row("importer killed", len(events), seed, found.lost, doubled, torn, None, note)


def here_serving(here: World) -> Any:
    """Start the service, which keeps the server up, and connect to that."""
    here.serve()
    return here.redis()


def written(redis: Any) -> int:
    """Count the events in all logs."""
    trip = redis.pipeline(transaction=False)
    for key in redis.scan_iter("dog:{default:*}:log:*", count=5000):
        trip.hlen(key)
    return int(sum(trip.execute()))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_import_leaves_nothing_by_half_and_is_made_up_by_loading_again() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
