"""The runner is killed while it replays weeks whose history came late; readers see the old numbers or the new ones."""

import random
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.publication import READERS, Readers, cut_lease, load_weeks, published, strike_once
from tests.faults.rows import Row, Scale
from tests.faults.test_torn_publication import kill_runner
from tests.faults.worlds import World, world

ROW = 11


def run(scale: Scale, seed: int) -> Row:
    """Publish a week, load the history before it, kill the replay again and again, then let it finish."""
    weeks, kills = (40, 20) if scale == "long" else (8, 4)
    chance = random.Random(seed)
    with world(DOG_WORKERS="2") as here:
        here.serve()
        load_weeks(here, 1, tag="first")
        assert _recompute(here) == 0
        before = published(here)
        load_weeks(here, weeks)
        readers = Readers(here)
        with ThreadPoolExecutor(READERS) as pool:
            watching = [pool.submit(readers.read) for _ in range(READERS)]
            try:
                struck, halves = 0, 0
                for _ in range(kills):
                    struck += strike_once(here, chance, kill_runner)
                    shown = published(here)  # a runner that was killed too late has published all
                    halves += shown != before and len(shown) < weeks
                began = time.monotonic()
                assert _recompute(here) == 0
                longest = time.monotonic() - began
                time.sleep(0.5)
            finally:
                readers.stopping.set()
        for watch in watching:
            watch.result()
        done = published(here)
        last = here.read_all("/v1/multipliers")
    missed = weeks - len(done)
    between = len(readers.seen - {1, weeks + 1})  # a replayed older week was active
    assert struck > 0
    assert halves == 0
    assert {row["pitches"] for row in last} == {weeks + 1}
    note = f"{readers.reads:,} reads, {struck} strikes; {len(done)} of {weeks} weeks; shown {sorted(readers.seen)}"
    torn = readers.torn + readers.back + between
    doubled = len(done) - len(set(done.values()))
    return Row("runner killed in a replay", readers.reads, seed, missed + readers.missing, doubled, torn, longest, note)


def _recompute(here: World) -> int:
    code = 1
    for _ in range(3):
        cut_lease(here)
        runner = here.start("jobs", "recompute", stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        code = runner.wait(300)
        if code == 0:
            break
    return code


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_readers_see_the_old_version_until_the_replay_is_done_however_often_it_is_killed() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
    assert row.n > 50
