"""What an analyst may set about reinforcement, validated on construction.

A `Reinforcement` with a bad value cannot exist: the policy reader turns the `ValueError` into a fault with
its place in the file.
"""

import math
from dataclasses import dataclass, field
from typing import Literal

Family = Literal["ratio", "linear", "exponential", "logistic"]
Reading = Literal["evidence", "gain", "literal"]
Rate = Literal["shrunk", "raw"]
NeutralName = Literal["global", "score", "product"]

FAMILIES: tuple[Family, ...] = ("ratio", "linear", "exponential", "logistic")
READINGS: tuple[Reading, ...] = ("evidence", "gain", "literal")
RATES: tuple[Rate, ...] = ("shrunk", "raw")
NEUTRALS: tuple[NeutralName, ...] = ("global", "score", "product")


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Recursion:
    """How the curve or its evidence is damped by (1-w)^n after every `laps` laps.

    Parameters
    ----------
    reading
        What (1-w)^n multiplies: the pair's `evidence`, the `gain` of the curve over 1, or the `literal` value.
    n
        Exponent, in [0, 3]; 0 switches the damping off.
    laps
        Laps of one contact between two recursions, at least 1.

    """

    reading: Reading = "evidence"
    n: float = 0.5
    laps: int = 500

    def __post_init__(self) -> None:
        _require(self.reading in READINGS, f"reading must be one of {', '.join(READINGS)}")
        _require(math.isfinite(self.n) and 0 <= self.n <= 3, "n must lie in [0, 3]")
        _require(self.laps >= 1, "laps must be at least 1")


@dataclass(frozen=True, slots=True)
class Streak:
    """How strongly runs of accepts or discards act at once.

    Parameters
    ----------
    accept
        Multiplier that an endless run of accepts tends to, at least 1.
    discard
        Multiplier that an endless run of discards tends to, in (0, 1].
    half_life_days
        Days after which half of a streak's effect (in logarithms) is gone, above 0.

    """

    accept: float = 1.25
    discard: float = 0.5
    half_life_days: float = 28.0

    def __post_init__(self) -> None:
        _require(math.isfinite(self.accept) and self.accept >= 1, "accept must be at least 1")
        _require(0 < self.discard <= 1, "discard must lie in (0, 1]")
        _require(math.isfinite(self.half_life_days) and self.half_life_days > 0, "half_life_days must be above 0")


@dataclass(frozen=True, slots=True)
class Reinforcement:
    """How win rates become multipliers.

    Parameters
    ----------
    family
        Shape of the curve.
    neutral
        Win rate at which the multiplier is 1: the tenant's (`global`), the pair's own calibrated score (`score`),
        its `product`'s, or a number in (0, 1).
    a_max, d_min
        Ceiling of the ARM (>= 1) and floor of the DRM (in (0, 1]).
    rate
        Whether a pair's win rate is `shrunk` towards its prior or `raw`.
    recursion
        The damping after every so many laps.
    explore
        Standard deviations added to the win rate before the curve is read, in [0, 5].
    max_step
        Largest ratio by which a multiplier moves in one weekly job, at least 1.
    maturation_days
        Days after which a pending pitch counts as lost, above 0.
    absorb
        Share of the evidence before a model refresh that the refresh takes out, in [0, 1].
    streak
        How runs of accepts and discards act.

    """

    family: Family = "ratio"
    neutral: NeutralName | float = "global"
    a_max: float = 3.0
    d_min: float = 1 / 3
    rate: Rate = "shrunk"
    recursion: Recursion = field(default_factory=Recursion)
    explore: float = 0.5
    max_step: float = 1.25
    maturation_days: float = 90.0
    absorb: float = 1.0
    streak: Streak = field(default_factory=Streak)

    def __post_init__(self) -> None:
        _require(self.family in FAMILIES, f"family must be one of {', '.join(FAMILIES)}")
        if isinstance(self.neutral, str):
            _require(self.neutral in NEUTRALS, "neutral must be global, score, product or a number in (0, 1)")
        else:
            _require(0 < self.neutral < 1, "neutral must be global, score, product or a number in (0, 1)")
        _require(math.isfinite(self.a_max) and self.a_max >= 1, "a_max must be at least 1")
        _require(0 < self.d_min <= 1, "d_min must lie in (0, 1]")
        _require(self.rate in RATES, f"rate must be one of {', '.join(RATES)}")
        _require(math.isfinite(self.explore) and 0 <= self.explore <= 5, "explore must lie in [0, 5]")
        _require(math.isfinite(self.max_step) and self.max_step >= 1, "max_step must be at least 1")
        _require(
            math.isfinite(self.maturation_days) and self.maturation_days > 0,
            "maturation_days must be above 0",
        )
        _require(0 <= self.absorb <= 1, "absorb must lie in [0, 1]")
