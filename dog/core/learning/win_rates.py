"""Win rates of few pitches: a pair is shrunk towards its product, a product towards the tenant.

Strengths (pseudo-pitches of the prior) are fitted by the method of moments for the beta-binomial
(Kleinman 1973, "Proportions with Extraneous Variance", JASA 68, eq. 3.1): the more the groups differ beyond
chance, the less they are shrunk. Sums are exactly rounded: the order of products changes no bit.
"""

import math

import numpy as np

FALLBACK_PRODUCT_STRENGTH = 50.0
FALLBACK_PAIR_STRENGTH = 20.0
PRODUCT_STRENGTHS = (1.0, 500.0)
PAIR_STRENGTHS = (2.0, 200.0)
NO_EVIDENCE_RATE = 0.1
"""The tenant's win rate without any outcome."""


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
    # a step from the prior: without pitches, the prior itself to the last bit
    return np.asarray(prior + (wins - pitches * prior) / (strength + pitches))


def fit_product_strength(wins: np.ndarray, pitches: np.ndarray) -> float:
    """Fit the strength of the tenant's rate as a product's prior, in pseudo-pitches.

    Parameters
    ----------
    wins, pitches
        Wins and resolved pitches of each product, shape (products,).

    Returns
    -------
    Strength in [1, 500]; 50 where it cannot be fitted: fewer than two products pitched, no wins, no losses,
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


def fit_pair_strength(
    wins: np.ndarray, pitches: np.ndarray, squares: np.ndarray, pairs: np.ndarray, product_rates: np.ndarray
) -> float:
    """Fit the strength of a product's rate as a pair's prior, in pseudo-pitches, pooled over products.

    Parameters
    ----------
    wins, pitches
        Wins W and resolved pitches N of each product's pairs, summed, shape (products,).
    squares
        Sum of W^2 / N over each product's pairs with pitches, shape (products,).
    pairs
        How many pairs of each product have pitches, shape (products,).
    product_rates
        Shrunk win rate of each product, in (0, 1), shape (products,).

    Returns
    -------
    Strength in [2, 200]; 20 where it cannot be fitted: fewer than two pairs pitched, no wins, or hardly a pair
    pitched more than once. It is 200 where a product's pairs differ no more than chance: then past win rates
    say nothing, and a pair's multiplier stays close to its product's.

    Examples
    --------
    Four pairs of one product, 10 pitches each: with 0, 5, 5 and 10 wins, and with 5 each.

    >>> wins, pitches, pairs, rate = np.array([20.0]), np.array([40.0]), np.array([4.0]), np.array([0.5])
    >>> fit_pair_strength(wins, pitches, np.array([15.0]), pairs, rate)
    2.0
    >>> fit_pair_strength(wins, pitches, np.array([10.0]), pairs, rate)
    200.0

    """
    groups = math.fsum(pairs)
    if groups < 2 or math.fsum(wins) <= 0:
        return FALLBACK_PAIR_STRENGTH
    # the sum of N (W/N - rate)^2 over a product's pairs, multiplied out
    deviation = squares - 2 * product_rates * wins + product_rates**2 * pitches
    spread = math.fsum(deviation / (product_rates * (1 - product_rates)))
    return _strength(spread - groups, math.fsum(pitches) - groups, PAIR_STRENGTHS, FALLBACK_PAIR_STRENGTH)


def _strength(excess: float, scale: float, limits: tuple[float, float], fallback: float) -> float:
    if scale <= 0:  # groups of one pitch cannot show that they differ
        return fallback
    least, most = limits
    correlation = excess / scale
    if correlation <= 1 / (most + 1):
        return most
    return float(np.clip(1 / correlation - 1, least, most))
