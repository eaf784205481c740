"""Wins against the wins that the models expected: ratios of tenant, product and pair, and the odds factor they make.

Notation: W wins, N resolved pitches, E the sum of the consolidated scores of these pitches when they were made, which
is the number of wins that the models expected. A ratio above 1 means: more wins than expected. The ratios are posterior
means of a Gamma-Poisson model whose prior has mean 1 and the strengths below.
"""

import numpy as np

from dog.core.kernels.explore_pairs import PAIR_STRENGTH, exploration_odds_of_pairs
from dog.core.learning.reinforcement_settings import Reinforcement

TENANT_STRENGTH = PRODUCT_STRENGTH = 5.0
"""Wins as expected that the priors of tenant and product are worth; that of a pair is the kernel's `PAIR_STRENGTH`."""


def tenant_ratio(wins: float, expected: float) -> float:
    """Return G = (W + 5) / (E + 5), over all pairs of a tenant.

    Examples
    --------
    >>> tenant_ratio(120, 110)
    1.086956521739

    """
    return (wins + TENANT_STRENGTH) / (expected + TENANT_STRENGTH)


def product_ratios(wins: np.ndarray, expected: np.ndarray, pitch_weeks: np.ndarray, tenant: float) -> np.ndarray:
    """Return r_j = (5 + f W_j) / (5 + f e) with e = G E_j and f = 1 / (1 + e / T_j).

    The pitches of one week are one campaign, no independent trials: f lets the pitches of a week teach at most about
    one expected win.

    Parameters
    ----------
    wins, expected
        W_j and E_j, shape (products,).
    pitch_weeks
        T_j, weeks in which the product was pitched, shape (products,); 0 counts as 1.
    tenant
        G.

    Examples
    --------
    >>> product_ratios(np.array([9.0, 9.0]), np.array([6.0, 6.0]), np.array([3, 50]), 1.0)
    array([1.14285714, 1.25862069])

    """
    scaled = tenant * expected
    damping = 1.0 / (1.0 + scaled / np.maximum(pitch_weeks, 1))
    return np.asarray((PRODUCT_STRENGTH + damping * wins) / (PRODUCT_STRENGTH + damping * scaled))


def expected_wins(pitches: np.ndarray, expected: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """Return x = min(N, G r_j E): the wins expected of each pair, given its product; `baseline` is G r_j."""
    return np.minimum(pitches, baseline * expected)


def pair_ratios(wins: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return r_ij = (2 + W) / (2 + x), x from `expected_wins`, shape (pairs,).

    Examples
    --------
    >>> pair_ratios(np.array([3.0, 0.0]), np.array([0.965808357957, 0.12])).round(12)
    array([1.68588101, 0.94339623])

    """
    return np.asarray((PAIR_STRENGTH + wins) / (PAIR_STRENGTH + expected))


def odds_factors(
    product_ratio: np.ndarray, pair_ratio: np.ndarray, trust: tuple[float, float], settings: Reinforcement
) -> np.ndarray:
    """Return m = clip(r_j^t1 r_ij^t2, d_min, a_max); `trust` holds t1 of products and t2 of pairs, in [0, 1].

    Examples
    --------
    >>> odds_factors(np.array([1.11067961165]), np.array([1.685881013379]), (0.6, 0.5), Reinforcement()).round(12)
    array([1.38282346])

    """
    combined = product_ratio ** trust[0] * pair_ratio ** trust[1]
    return np.minimum(np.maximum(combined, settings.d_min), settings.a_max)


def exploration_odds(
    pitches: np.ndarray, expected: np.ndarray, pair_ratio: np.ndarray, pair_trust: float, deviations: float
) -> np.ndarray:
    """Return exp(z t2 / sqrt(2 + u (1 - u / N))), u = min(N, x r_ij^t2): what doubt adds to the odds of the order.

    Deterministic, unlike Thompson sampling, so that a list does not change from one request to the next.

    Parameters
    ----------
    pitches, expected, pair_ratio
        N, x from `expected_wins`, r_ij, shape (pairs,).
    pair_trust
        t2.
    deviations
        z, standard deviations of doubt that are credited.

    Examples
    --------
    >>> never = exploration_odds(np.zeros(1), np.zeros(1), np.ones(1), 0.5, 1.0)
    >>> float(never[0])
    1.424119019481

    """
    pitches, expected, pair_ratio = (np.ascontiguousarray(v, np.float64) for v in (pitches, expected, pair_ratio))
    return exploration_odds_of_pairs(pitches, expected, pair_ratio, float(pair_trust), float(deviations))
