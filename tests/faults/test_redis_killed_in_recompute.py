"""Redis is killed while the weekly job runs: the old version stays whole, and every week is done once."""

import subprocess

import pytest

from tests.faults.publication import break_recomputes, cut_lease
from tests.faults.rows import Row, Scale
from tests.faults.worlds import World

ROW = 11


def kill_redis(here: World, runner: "subprocess.Popen[bytes]") -> None:
    """Kill the server; the service starts it again, the runner gives up and says so."""
    here.kill_redis()
    assert runner.wait(60) == 1, "the runner ended as if nothing had happened"
    here.until_ready()
    cut_lease(here)


def run(scale: Scale, seed: int) -> Row:
    """Kill the embedded server again and again under the runner."""
    weeks, kills = (60, 20) if scale == "long" else (6, 2)
    return break_recomputes("redis killed in recompute", weeks, kills, seed, kill_redis)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_week_is_published_once_though_redis_is_killed_under_the_runner() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
