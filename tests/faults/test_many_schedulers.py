"""Eight schedulers run at once, some are stopped on the way: each week is published once."""

import random
import subprocess
import time

import pytest

from tests.faults.publication import load_weeks, published
from tests.faults.rows import Row, Scale
from tests.faults.worlds import world

ROW = 12
SCHEDULERS = 8


def run(scale: Scale, seed: int) -> Row:
    """Start eight schedulers, stop and start some at random, and count what each says it published."""
    weeks, changes = (20, 8) if scale == "long" else (6, 2)
    chance = random.Random(seed)
    with world() as here:
        here.serve()
        load_weeks(here, weeks)
        began = time.monotonic()
        running = [here.start("jobs", "scheduler", stderr=subprocess.DEVNULL) for _ in range(SCHEDULERS)]
        for _ in range(changes):
            time.sleep(chance.random() * 3)
            running.pop(chance.randrange(len(running))).terminate()
            running.append(here.start("jobs", "scheduler", stderr=subprocess.DEVNULL))
        while len(published(here)) < weeks and time.monotonic() - began < 200:
            time.sleep(0.2)
        took = time.monotonic() - began
        done = published(here)
        time.sleep(2)  # who comes late finds nothing to do
        jobs = here.call("/v1/jobs")[1]["items"]
    said = sum(job["counts"].get("weeks", 0) for job in jobs if job["job_id"] and job["counts"])
    assert list(done) == list(range(min(done), min(done) + len(done))), "weeks out of order"
    note = f"{SCHEDULERS} schedulers, {changes} replaced; {len(done)} weeks, {said} publications in {len(jobs)} jobs"
    return Row("eight schedulers", weeks, seed, weeks - len(done), abs(said - len(done)), 0, took, note)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_eight_schedulers_publish_each_week_once() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
