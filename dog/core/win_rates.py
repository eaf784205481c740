"""Win rates of few pitches: a pair is shrunk towards its product, a product towards the tenant.

Strengths (pseudo-pitches of the prior) are fitted by the method of moments for the beta-binomial
(Kleinman 1973, "Proportions with Extraneous Variance", JASA 68, eq. 3.1): the more the groups differ beyond
chance, the less they are shrunk. Sums are exactly rounded: the order of products moves no bit.
"""

import math

import numpy as np

FALLBACK_PRODUCT_STRENGTH = 50.0
FALLBACK_PAIR_STRENGTH = 20.0
PRODUCT_STRENGTHS = (1.0, 500.0)
PAIR_STRENGTHS = (2.0, 200.0)
REPEATS_BEFORE = 50.0
"""Repeated pitches that the fallback is worth: a handful of them says anything by chance."""


def global_rate(wins: float, pitches: float) -> float:
    """Estimate the tenant's win rate, (W + 1) / (N + 10).

    Examples
    --------
    >>> global_rate(120, 1000)
    0.119801980198

    """
    return (wins + 1) / (pitches + 10)


def shrunk_rates(wins: np.ndarray, pitches: np.ndarray, prior: np.ndarray | float, strength: float) -> np.ndarray:
    """Shrink win rates towards their prior, (s * prior + W) / (s + N).

    Parameters
    ----------
    wins, pitches
        Wins and resolved pitches, 0 <= W <= N, shape (n,).
    prior
        Rate expected without evidence, in (0, 1), shape (n,) or one number.
    strength
        Pseudo-pitches that the prior is worth, above 0.

    Returns
    -------
    Win rates in (0, 1), shape (n,); one more pitch moves one by at most 1 / (s + N + 1).

    Examples
    --------
    >>> float(shrunk_rates(np.array([1.0]), np.array([1.0]), 0.12, 20.0)[0])
    0.161904761905

    """
    # written as a step from the prior, so that no pitches leave it to the last bit
    return np.asarray(prior + (wins - pitches * prior) / (strength + pitches))


def fit_product_strength(wins: np.ndarray, pitches: np.ndarray) -> float:
    """Fit how many pseudo-pitches the tenant's rate is worth for a product.

    Parameters
    ----------
    wins, pitches
        Wins and resolved pitches of each product, shape (products,).

    Returns
    -------
    Strength in [1, 500]; 50 where nothing can be told: fewer than two products pitched, no wins, no losses,
    or hardly a product pitched more than once.

    Examples
    --------
    >>> fit_product_strength(np.array([0, 1, 2, 5]), np.full(4, 10))
    3.695652173913

    """
    pitched = pitches > 0
    won, tried = wins[pitched], pitches[pitched]
    total, groups = math.fsum(tried), len(tried)
    mean = math.fsum(won) / total if total else 0.0
    if groups < 2 or not 0 < mean < 1:
        return FALLBACK_PRODUCT_STRENGTH
    spread = math.fsum(tried * (won / tried - mean) ** 2) / (mean * (1 - mean))
    denominator = total - math.fsum(tried**2) / total - (groups - 1)
    return _strength(spread - (groups - 1), denominator, PRODUCT_STRENGTHS, FALLBACK_PRODUCT_STRENGTH)


def fit_pair_strength(agreeing: np.ndarray, mixed: np.ndarray, repeats: np.ndarray, product_rates: np.ndarray) -> float:
    """Fit how many pseudo-pitches a product's rate is worth for a pair, pooled over products.

    Only pairs pitched more than once count: how a pair's outcomes go together is all that tells pairs apart. Those
    pitched once would bring noise, and a bias where they win less often than the others, as they mostly do.

    Parameters
    ----------
    agreeing, mixed, repeats
        Sums over each product's pairs of W (W - 1) / N, of W (N - 1) / N and of N - 1, shape (products,).
    product_rates
        Shrunk win rate of each product, in (0, 1), shape (products,).

    Returns
    -------
    Strength in [2, 200]: as if `REPEATS_BEFORE` pitches more had said 20, so 20 where no pair was pitched twice. It
    grows to 200 where pairs of a product differ no more than chance: then past win rates say nothing and a pair's
    multiplier stays close to its product's.

    Examples
    --------
    A hundred pairs of one product, 11 pitches each: half with 10 wins and half with 1, and with 5 or 6 each.

    >>> rate, repeats = np.array([0.5]), np.array([1000.0])
    >>> fit_pair_strength(np.array([50 * 90 / 11]), np.array([500.0]), repeats, rate)
    2.0
    >>> fit_pair_strength(np.array([50 * (20 + 30) / 11]), np.array([500.0]), repeats, rate)
    200.0

    """
    # the sum of (x - rate) (y - rate) over every two pitches x, y of a pair, a share of 2 / N each, multiplied out
    together = agreeing - 2 * product_rates * mixed + product_rates**2 * repeats
    excess = math.fsum(together / (product_rates * (1 - product_rates)))
    before = REPEATS_BEFORE / (FALLBACK_PAIR_STRENGTH + 1)
    scale = math.fsum(repeats) + REPEATS_BEFORE
    return _strength(excess + before, scale, PAIR_STRENGTHS, FALLBACK_PAIR_STRENGTH)


def _strength(excess: float, scale: float, limits: tuple[float, float], fallback: float) -> float:
    if scale <= 0:  # groups of one pitch cannot show that they differ
        return fallback
    least, most = limits
    correlation = excess / scale
    if correlation <= 1 / (most + 1):
        return most
    return float(np.clip(1 / correlation - 1, least, most))
