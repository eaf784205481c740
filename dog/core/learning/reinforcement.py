"""From evidence to multipliers, top to bottom.

evidence -> priors (tenant, products, trust) -> wins against expected wins, or win rate and curve -> recursion
         -> exploration -> limited step -> multiplier

With `neutral = "expected"` the multiplier is a factor on the odds made of ratios of wins to expected wins
(`expected_wins.py`), and exploration acts on the order of a list alone. With every other neutral point the multiplier
is a curve over the win rate (`curves.py`), and exploration is part of it.
"""

from dataclasses import dataclass

import numpy as np

from dog.core.learning.evidence import Evidence, no_evidence
from dog.core.learning.expected_wins import expected_wins, exploration_odds, odds_factors, pair_ratios
from dog.core.learning.exploration import explored_rate
from dog.core.learning.priors import SCORE_PRIOR, Priors, mean_scores
from dog.core.learning.recursion import damp_multiplier, damped_multiplier
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.win_rates import shrunk_rates

SCORE_STRENGTH = 10.0


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
    order_odds: np.ndarray  # factor on the odds that a list is ordered by, for exploration
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
    product_ratio, expected, pair_ratio = _ratios(product, evidence, priors)
    trust = trust_of(priors, settings)
    prior, neutral, strength = _expectations(product, evidence, priors, settings)
    if settings.rate == "raw":
        win_rate = evidence.raw_rates
    else:
        win_rate = shrunk_rates(evidence.wins, evidence.pitches, prior, strength)
    explore, by_order = np.ones(len(product)), np.ones(len(product))
    if settings.neutral == "expected":
        curve = odds_factors(product_ratio, pair_ratio, trust, settings)
        curve = damp_multiplier(curve, evidence.raw_rates, recursions, settings.recursion)
        by_order = exploration_odds(evidence.pitches, expected, pair_ratio, trust[1], settings.explore)
    else:
        curve = damped_multiplier(win_rate, neutral, recursions, settings)
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
        order_odds=by_order,
        expected=expected,
        product_ratio=product_ratio,
        pair_ratio=pair_ratio,
    )


def order_odds(product: np.ndarray, evidence: Evidence, priors: Priors, settings: Reinforcement) -> np.ndarray:
    """Return the factor on the odds that a list is ordered by, for exploration; arguments as in `reinforce`."""
    _, expected, pair_ratio = _ratios(product, evidence, priors)
    return exploration_odds(evidence.pitches, expected, pair_ratio, trust_of(priors, settings)[1], settings.explore)


def trust_of(priors: Priors, settings: Reinforcement) -> tuple[float, float]:
    """Return the trust in products and in pairs: the fixed one, else what was learned."""
    return settings.fixed_trust or priors.trust


def _ratios(product: np.ndarray, evidence: Evidence, priors: Priors) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return r_j, the wins expected of each pair given its product, and r_ij."""
    product_ratio = priors.product_ratios[product]
    expected = evidence.expected_wins(priors.global_rate)
    expected = expected_wins(evidence.pitches, expected, priors.tenant_ratio * product_ratio)
    return product_ratio, expected, pair_ratios(evidence.wins, expected)


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
    """Return the multiplier of each product's pairs without evidence, N = 0."""
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
    if settings.neutral in ("product", "expected"):
        neutral = product_rate
    elif settings.neutral == "global":
        neutral = np.full(len(product), priors.global_rate)
    else:
        neutral = np.full(len(product), float(settings.neutral))
    return product_rate, neutral, priors.pair_strength
