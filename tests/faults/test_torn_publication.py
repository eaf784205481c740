"""The runner of the weekly job is killed while readers watch: every answer comes from one whole version."""

import os
import signal
import subprocess

import pytest

from tests.faults.publication import break_recomputes, cut_lease
from tests.faults.rows import Row, Scale
from tests.faults.worlds import World

ROW = 10


def kill_runner(here: World, runner: "subprocess.Popen[bytes]") -> None:
    """Kill the runner with all it holds; its lease is truncated."""
    os.kill(runner.pid, signal.SIGKILL)
    runner.wait()
    cut_lease(here)


def run(scale: Scale, seed: int) -> Row:
    """Kill the runner again and again on its way through the weeks."""
    weeks, kills = (60, 20) if scale == "long" else (6, 2)
    return break_recomputes("runner killed in recompute", weeks, kills, seed, kill_runner)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_readers_see_whole_versions_in_order_while_the_runner_is_killed() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
    assert row.n > 100
