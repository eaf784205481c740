"""From evidence to multipliers, top to bottom.

evidence -> priors (tenant, product, strengths) -> win rate -> curve (ARM or DRM, damped) -> exploration
         -> limited step -> multiplier
"""

from dataclasses import dataclass

import numpy as np

from dog.core.learning.evidence import Evidence, no_evidence
from dog.core.learning.exploration import explored_rate
from dog.core.learning.priors import SCORE_PRIOR, Priors, mean_scores
from dog.core.learning.recursion import damped_multiplier
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.win_rates import shrunk_rates

SCORE_STRENGTH = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Multipliers:
    """The multiplier of each pair and its parts, arrays of shape (pairs,).

    `value` = `curve` x `explore` x `step`; `curve` is the ARM where `win_rate` >= `neutral`, else the DRM.
    """

    win_rate: np.ndarray
    prior: np.ndarray
    neutral: np.ndarray
    curve: np.ndarray
    explore: np.ndarray
    step: np.ndarray
    value: np.ndarray


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
    prior, neutral, strength = _expectations(product, evidence, priors, settings)
    if settings.rate == "raw":
        win_rate = evidence.raw_rates
    else:
        win_rate = shrunk_rates(evidence.wins, evidence.pitches, prior, strength)
    curve = damped_multiplier(win_rate, neutral, recursions, settings)
    explore = np.ones(len(curve))
    if settings.explore:
        explored = explored_rate(win_rate, evidence.pitches, strength, settings.explore)
        explore = damped_multiplier(explored, neutral, recursions, settings) / curve
    target = curve * explore
    step = limit_step(target, previous, settings.max_step) / target
    return Multipliers(
        win_rate=np.where(np.isnan(win_rate), neutral, win_rate),  # of no pitches: the rate whose multiplier is 1
        prior=prior,
        neutral=neutral,
        curve=curve,
        explore=explore,
        step=step,
        value=target * step,
    )


def limit_step(target: np.ndarray, previous: np.ndarray | float, max_step: float) -> np.ndarray:
    """Keep a multiplier within [previous / max_step, previous * max_step]; NaN as previous allows any step.

    Examples
    --------
    >>> limit_step(np.array([2.0, 0.1, 1.1]), 1.0, 1.25)
    array([1.25, 0.8 , 1.1 ])

    """
    before = np.broadcast_to(np.asarray(previous, dtype=np.float64), target.shape)
    bounded = np.clip(target, before / max_step, before * max_step)
    return np.where(np.isnan(before), target, bounded)


def product_multipliers(priors: Priors, previous: np.ndarray | float, settings: Reinforcement) -> Multipliers:
    """Return the multiplier of each product's pairs without evidence: the product's win rate, N = 0."""
    products = len(priors.product_rates)
    return reinforce(np.arange(products), no_evidence(products), priors, 0, previous, settings)


def _expectations(
    product: np.ndarray, evidence: Evidence, priors: Priors, settings: Reinforcement
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return each pair's prior, neutral point and prior strength."""
    product_rate = priors.product_rates[product]
    if settings.neutral == "score":
        score = mean_scores(evidence, priors.global_rate)
        return np.clip(score * priors.score_ratios[product], *SCORE_PRIOR), score, SCORE_STRENGTH
    if settings.neutral == "product":
        neutral = product_rate
    elif settings.neutral in ("global", "expected"):
        neutral = np.full(len(product), priors.global_rate)
    else:
        neutral = np.full(len(product), float(settings.neutral))
    return product_rate, neutral, priors.pair_strength
