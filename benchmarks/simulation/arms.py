"""The ways of choosing what to pitch that are compared."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from dog.core.policy_reader import read_policy
from dog.core.settings import Recursion, Reinforcement

RULES = Path(__file__).parents[2] / "rules"


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of choosing what to pitch.

    Parameters
    ----------
    name
        As the table calls it.
    kind
        What ranks: the `score` alone, times its multiplier (`reinforce`), a `thompson` draw, or the truth (`oracle`).
    settings
        How win rates become multipliers, for `reinforce`.
    strength
        Pitches that the score is worth as a prior, for `thompson`.

    """

    name: str
    kind: Literal["score", "reinforce", "thompson", "oracle"]
    settings: Reinforcement | None = None
    strength: float = 0.0


def main_arms() -> list[Arm]:
    """List the arms of the first table."""
    recommended = shipped("recommended")
    no_recursion = replace(recommended, recursion=Recursion(n=0.0))
    return [
        Arm("none", "score"),
        Arm("published", "reinforce", shipped("published")),
        Arm("naive raw", "reinforce", replace(no_recursion, rate="raw", explore=0.0)),
        Arm("recommended", "reinforce", recommended),
        Arm("recommended, n = 0", "reinforce", no_recursion),
        Arm("score-neutral, explore 1", "reinforce", replace(recommended, neutral="score", explore=1.0)),
        *(Arm(f"Thompson, strength {worth}", "thompson", strength=worth) for worth in (10, 50, 200)),
        Arm("oracle", "oracle"),
    ]


def reading_arms() -> list[Arm]:
    """List each reading of the recursion at each n above 0, all else as recommended."""
    recommended = shipped("recommended")
    return [
        Arm(f"{reading} n = {n:g}", "reinforce", replace(recommended, recursion=Recursion(reading, n)))
        for reading in ("evidence", "gain", "literal")
        for n in (0.5, 1.0, 2.0, 3.0)
        if Recursion(reading, n) != recommended.recursion  # listed already
    ]


def shipped(policy: str) -> Reinforcement:
    """Read the reinforcement of a policy that ships with the project."""
    return read_policy(tomllib.loads((RULES / f"{policy}.toml").read_text())).reinforcement


def thompson(
    wins: np.ndarray, pitches: np.ndarray, alpha: np.ndarray, beta: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Draw each pair's rate from its Beta posterior; with alpha = beta = 1 these are mabwiser's expectations.

    The library keeps one Python object an arm and draws one at a time: 500 contacts x 60 products x 104 weeks would
    take hours, and it takes no prior from a score, without which 60 products are explored from nothing. So the draw
    is made here for all pairs at once, and a test holds it to the library's.
    """
    return random.beta(alpha + wins, beta + pitches - wins)
