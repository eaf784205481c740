"""The ways of choosing pitches that `closed_loop.py` compares."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from benchmarks.loop_choosers import Chooser, Oracle, Unreinforced
from benchmarks.loop_multipliers import ByExpectedWins, ByRate
from benchmarks.loop_rivals import LinUcb, SquareCb, Thompson
from benchmarks.simulated_world import Size, World, seen_features
from dog.core.learning.reinforcement_settings import Recursion, Reinforcement

VERSION_1 = Reinforcement(neutral="global", explore=0.5, absorb=1.0)
"""The defaults of version 1, which this project had before it compared wins with expected wins."""
PUBLISHED = Reinforcement(
    family="linear",
    neutral=0.5,
    a_max=2.0,
    d_min=0.5,
    rate="raw",
    recursion=Recursion("literal", 1.0),
    explore=0.0,
    max_step=1e6,
    absorb=0.0,
)
NAIVE = replace(VERSION_1, rate="raw", recursion=Recursion(n=0.0), explore=0.0)
DEFAULT = Reinforcement(neutral="expected", explore=1.0, absorb="measured")
THOMPSON_STRENGTH = 30.0
"""Pseudo-pitches of the prior of Thompson sampling."""
LIN_UCB_ALPHA = 0.05
"""Deviations that LinUCB adds; of 0.05, 0.3 and 1 the best of two seeds that are not reported."""


@dataclass(frozen=True)
class Arm:
    """One way of choosing what to pitch."""

    name: str
    make: Callable[[World, Size, int], Chooser]
    usual: bool = True  # whether it runs where no arms are named


def arms() -> list[Arm]:
    """Return all arms."""
    return [
        Arm("none", lambda _world, _size, _seed: Unreinforced()),
        Arm("version 1", _by_rate(VERSION_1)),
        Arm("recommended", _by_expected(DEFAULT)),
        Arm("pending pitches left out", _by_expected(DEFAULT, count_pending=False)),
        Arm("without exploration", _by_expected(replace(DEFAULT, explore=0.0)), usual=False),
        Arm("trust 0.5", _by_expected(replace(DEFAULT, trust=0.5)), usual=False),
        Arm("absorb 1", _by_expected(replace(DEFAULT, absorb=1.0)), usual=False),
        Arm("n = 0", _by_expected(replace(DEFAULT, recursion=Recursion(n=0.0))), usual=False),
        Arm("published", _by_rate(PUBLISHED)),
        Arm("naive raw", _by_rate(NAIVE)),
        Arm("Thompson", lambda _world, size, seed: Thompson(size, THOMPSON_STRENGTH, seed)),
        Arm("LinUCB", lambda world, size, seed: LinUcb(seen_features(world, seed), size, LIN_UCB_ALPHA)),
        Arm("LinUCB, true features", lambda world, size, _seed: LinUcb(world, size, LIN_UCB_ALPHA)),
        # in the venv of the peers alone
        Arm("SquareCB", lambda world, size, seed: SquareCb(seen_features(world, seed), size, seed), usual=False),
        Arm("SquareCB, true features", SquareCb, usual=False),
        Arm("oracle", lambda world, _size, _seed: Oracle(world)),
    ]


def _by_rate(settings: Reinforcement) -> Callable[[World, Size, int], Chooser]:
    return lambda _world, size, _seed: ByRate(settings, size)


def _by_expected(settings: Reinforcement, *, count_pending: bool = True) -> Callable[[World, Size, int], Chooser]:
    return lambda _world, size, _seed: ByExpectedWins(settings, size, count_pending=count_pending)
