"""A runner sleeps beyond its lease while another does its week: the late one publishes nothing."""

import os
import random
import signal
import subprocess
import time
from typing import Any

import pytest

from dog.core.iso_weeks import format_week
from tests.faults.publication import cut_lease, load_weeks, published
from tests.faults.rows import Row, Scale
from tests.faults.worlds import World, world

ROW = 13


def run(scale: Scale, seed: int) -> Row:
    """Pause a runner at work, let another publish the week, and let the first continue."""
    trials = 100 if scale == "long" else 3
    stale = fenced = 0
    chance = random.Random(seed)
    with world(DOG_LOG_LEVEL="warning") as here:
        here.serve()
        load_weeks(here, trials)
        weeks = _weeks_to_come(here, trials)
        for week in weeks:
            late = _pause_at_work(here, chance, week)
            cut_lease(here)
            other = here.start("jobs", "recompute", "--week", week, stdout=subprocess.DEVNULL)
            assert other.wait(120) == 0
            before = _pointer(here)
            late.send_signal(signal.SIGCONT)
            said = late.communicate(timeout=60)[1].decode()
            fenced += "fenced" in said
            stale += _pointer(here) != before
        done = published(here)
    note = f"{trials} runners paused, {fenced} fenced; {len(done)} weeks"
    return Row("runner paused beyond its lease", trials, seed, trials - len(done), stale, 0, None, note)


def _weeks_to_come(here: World, count: int) -> list[str]:
    """Publish nothing; name the weeks in order, by the clock of this machine."""
    last = int((time.time() - 4 * 86_400) // (7 * 86_400)) - 1  # week 0 began on Monday 1970-01-05
    return [format_week(last - count + 1 + place) for place in range(count)]


def _pause_at_work(here: World, chance: random.Random, week: str) -> "subprocess.Popen[bytes]":
    """Start a runner and pause it while it holds the lease and the week is not published."""
    runner = here.start("jobs", "recompute", "--week", week, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with here.redis() as client:
        while runner.poll() is None and not client.exists("dog:{default}:lease:recompute"):
            time.sleep(0.001)
        time.sleep(chance.random() * 0.1)
        if runner.poll() is None:
            os.kill(runner.pid, signal.SIGSTOP)
    return runner


def _pointer(here: World) -> Any:
    with here.redis() as client:
        return client.hget("dog:{default}:head", "multipliers"), client.hgetall("dog:{default}:weeks")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_runner_that_slept_beyond_its_lease_publishes_nothing() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
