"""The simulation finds nothing wrong in many seeds, takes the same steps again, and finds bugs that are planted."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.simulation.planted import BUGS
from tests.simulation.run_seed import run_seed
from tests.simulation.world import Ground, ground

ROOT = Path(__file__).parent.parent.parent
SEEDS = 150
HALVES = 2
"""Processes that share the seeds; CI has two cores."""
SEEDS_PER_BUG = 200


@pytest.fixture(scope="module")
def server() -> Iterator[Ground]:
    with ground() as made:
        yield made


def seeds_in_a_process(first: int, count: int, hash_seed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--first", str(first), "--seeds", str(count), "--verbose"],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_few_seeds_are_right(server: Ground) -> None:
    outcomes = [run_seed(server, seed) for seed in range(1, 6)]

    assert [outcome.describe() for outcome in outcomes if outcome.wrong] == []


def test_a_seed_takes_the_same_steps_again(server: Ground) -> None:
    traces: list[list[str]] = [[], []]
    for trace in traces:
        run_seed(server, 7, trace.append)

    assert len(traces[0]) > 100
    assert traces[0] == traces[1]


@pytest.mark.slow
def test_seeds_take_the_same_steps_in_processes_that_hash_differently() -> None:
    lines = [
        [line for line in seeds_in_a_process(1, 12, hash_seed).stdout.splitlines() if line.startswith("seed ")]
        for hash_seed in ("1", "2")
    ]

    assert len(lines[0]) == 12
    assert lines[0] == lines[1]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_seeds_are_right() -> None:
    each = SEEDS // HALVES
    with ThreadPoolExecutor(HALVES) as pool:
        done = list(pool.map(lambda half: seeds_in_a_process(1 + half * each, each, "0"), range(HALVES)))

    assert [found.returncode for found in done] == [0] * HALVES, "\n".join(found.stdout[-3000:] for found in done)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(server: Ground, bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BUGS[bug](monkeypatch)

    assert any(run_seed(server, seed).wrong for seed in range(1, SEEDS_PER_BUG + 1))
