"""From evidence to multipliers, top to bottom.

evidence -> priors (tenant, products, trust) -> wins against expected wins, or win rate and curve -> recursion
         -> exploration -> limited step -> multiplier

With `neutral = "expected"` the multiplier is a factor on the odds made of ratios of wins to expected wins
(`expected_wins.py`), and exploration acts on the order of a list alone. With every other neutral point the multiplier
is a curve over the win rate (`curves.py`), and exploration is part of it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dog.core.kernels.weigh_pairs import (
    EXPECTED_WINS,
    NEUTRAL,
    PAIR_RATIO,
    PRIOR,
    PRODUCT_RATIO,
    RAW_RATE,
    WIN_RATE,
    weigh_pairs,
)
from dog.core.learning.evidence import Evidence, no_evidence
from dog.core.learning.expected_wins import exploration_odds, odds_factors
from dog.core.learning.exploration import explored_rate
from dog.core.learning.priors import Priors
from dog.core.learning.recursion import damp_multiplier, damped_multiplier
from dog.core.learning.reinforcement_settings import Reinforcement

SCORE_STRENGTH = 10.0
BY_PRODUCT = frozenset({"expected", "product"})
"""Neutral points at which a pair has its product's win rate."""


class Curves(NamedTuple):
    """The multiplier of each pair before the limited step is `curve` x `explore`, shape (pairs,) each."""

    weighed: np.ndarray  # rows of `weigh_pairs`, shape (7, pairs)
    curve: np.ndarray
    explore: np.ndarray

    @property
    def win_rate(self) -> np.ndarray:
        """The win rate of each pair; without pitches the rate whose multiplier is 1."""
        rate = self.weighed[WIN_RATE]
        return np.where(np.isnan(rate), self.weighed[NEUTRAL], rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Multipliers:
    """The multiplier of each pair and its parts, arrays of shape (pairs,).

    `value` = `curve` x `explore` x `step`; `curve` is the ARM where `win_rate` >= `neutral`, else the DRM. With
    `neutral = "expected"` the value multiplies odds, `curve` comes from the two ratios, and `explore` is 1.
    """

    win_rate: np.ndarray
    prior: np.ndarray
    neutral: np.ndarray
    curve: np.ndarray
    explore: np.ndarray
    step: np.ndarray
    value: np.ndarray
    expected: np.ndarray  # wins expected of the pair, given its product
    product_ratio: np.ndarray
    pair_ratio: np.ndarray


def reinforce(
    product: np.ndarray,
    evidence: Evidence,
    priors: Priors,
    recursions: np.ndarray | int,
    previous: np.ndarray | float,
    settings: Reinforcement,
) -> Multipliers:
    """Turn each pair's evidence into its multiplier.

    Parameters
    ----------
    product
        Product of each pair, shape (pairs,).
    evidence
        Evidence of each pair; a pair without any gets its product's multiplier.
    priors
        From `fit_priors`.
    recursions
        Recursions applied to each pair's contact, shape (pairs,); they damp the curve in the readings `gain`
        and `literal`, and have damped the evidence already in `evidence`.
    previous
        Multiplier published before, shape (pairs,), above 0; NaN allows any step.
    settings
        The policy's.

    Returns
    -------
    Multipliers, within [d_min, a_max] before the step limit except in the reading `literal`.

    """
    found = read_curves(product, evidence, priors, recursions, settings)
    weighed, target = found.weighed, found.curve * found.explore
    step = limit_step(target, previous, settings.max_step) / target
    return Multipliers(
        win_rate=found.win_rate,
        prior=weighed[PRIOR],
        neutral=weighed[NEUTRAL],
        curve=found.curve,
        explore=found.explore,
        step=step,
        value=target * step,
        expected=weighed[EXPECTED_WINS],
        product_ratio=weighed[PRODUCT_RATIO],
        pair_ratio=weighed[PAIR_RATIO],
    )


def read_curves(
    product: np.ndarray, evidence: Evidence, priors: Priors, recursions: np.ndarray | int, settings: Reinforcement
) -> Curves:
    """Turn each pair's evidence into its multiplier before the limited step; arguments as in `reinforce`."""
    weighed = _weigh(product, evidence, priors, settings)
    explore = np.ones(len(product))
    if settings.neutral == "expected":
        curve = odds_factors(weighed[PRODUCT_RATIO], weighed[PAIR_RATIO], trust_of(priors, settings), settings)
        return Curves(weighed, damp_multiplier(curve, weighed[RAW_RATE], recursions, settings.recursion), explore)
    win_rate, neutral = weighed[WIN_RATE], weighed[NEUTRAL]
    curve = damped_multiplier(win_rate, neutral, recursions, settings)
    if settings.explore:
        explored = explored_rate(win_rate, evidence.pitches, _strength(priors, settings), settings.explore)
        explore = damped_multiplier(explored, neutral, recursions, settings) / curve
    return Curves(weighed, curve, explore)


def order_odds(product: np.ndarray, evidence: Evidence, priors: Priors, settings: Reinforcement) -> np.ndarray:
    """Return the factor on the odds that a list is ordered by, for exploration; arguments as in `reinforce`."""
    weighed, pair_trust = _weigh(product, evidence, priors, settings), trust_of(priors, settings)[1]
    expected, pair_ratio = weighed[EXPECTED_WINS], weighed[PAIR_RATIO]
    return exploration_odds(evidence.pitches, expected, pair_ratio, pair_trust, settings.explore)


def trust_of(priors: Priors, settings: Reinforcement) -> tuple[float, float]:
    """Return the trust in products and in pairs: the fixed one, else what was learned."""
    return settings.fixed_trust or priors.trust


def _weigh(product: np.ndarray, evidence: Evidence, priors: Priors, settings: Reinforcement) -> np.ndarray:
    """Return what `weigh_pairs` makes of the evidence, shape (7, pairs)."""
    neutral = settings.neutral
    if neutral in BY_PRODUCT or neutral == "score":
        middle = np.nan
    else:
        middle = priors.global_rate if neutral == "global" else float(neutral)
    wins, pitches, expected, scored = evidence.as_floats()
    known = min(len(priors.product_ratios), len(priors.product_rates), len(priors.score_ratios))
    sizes = {len(wins), len(pitches), len(expected), len(scored)}
    if sizes != {len(product)} or (len(product) and product.max() >= known):
        raise ValueError(
            f"pairs need their evidence and numbers of products below {known}"
        )  # the kernel checks nothing
    return weigh_pairs(
        np.ascontiguousarray(product, np.int64),
        wins,
        pitches,
        expected,
        scored,
        priors.product_ratios,
        priors.product_rates,
        priors.score_ratios,
        priors.global_rate,
        priors.tenant_ratio,
        middle,
        _strength(priors, settings),
        neutral == "score",
        settings.rate == "raw",
    )


def _strength(priors: Priors, settings: Reinforcement) -> float:
    """Return the pseudo-pitches that a pair's prior is worth."""
    return SCORE_STRENGTH if settings.neutral == "score" else priors.pair_strength


def limit_step(target: np.ndarray, previous: np.ndarray | float, max_step: float) -> np.ndarray:
    """Keep a multiplier within [previous / max_step, previous * max_step]; NaN as previous allows any step.

    Examples
    --------
    >>> limit_step(np.array([2.0, 0.1, 1.1]), 1.0, 1.25)
    array([1.25, 0.8 , 1.1 ])

    """
    if isinstance(previous, float) and np.isnan(previous):
        return target
    before = np.broadcast_to(np.asarray(previous, dtype=np.float64), target.shape)
    bounded = np.clip(target, before / max_step, before * max_step)
    return np.where(np.isnan(before), target, bounded)


def product_multipliers(priors: Priors, previous: np.ndarray | float, settings: Reinforcement) -> Multipliers:
    """Return the multiplier of each product's pairs without evidence, N = 0."""
    products = len(priors.product_rates)
    return reinforce(np.arange(products), no_evidence(products), priors, 0, previous, settings)
