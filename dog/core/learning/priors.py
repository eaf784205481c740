"""What is expected of a pair before its own evidence counts, fitted to sums over all pairs.

The sums are exact, so that neither the order of the pairs nor their chunks change a bit of a multiplier.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from dog.core.kernels.sum_pairs import sum_pairs_by_product
from dog.core.learning.evidence import Evidence
from dog.core.learning.expected_wins import product_ratios, tenant_ratio
from dog.core.learning.trust import PRIOR_TRUST, Trust
from dog.core.learning.win_rates import fit_pair_strength, fit_product_strength, global_rate, shrunk_rates

SCORE_PRODUCT_STRENGTH = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSums:
    """Sums over the pairs of each product, arrays of shape (2, products): coarse parts and fine parts.

    Each part is a multiple of a power of two, so that adding sums is exact in 64 bits.
    """

    wins: np.ndarray  # W
    pitches: np.ndarray  # resolved ones, N
    squares: np.ndarray  # W^2 / N, over the pairs with pitches
    pairs: np.ndarray  # pairs with pitches
    expected: np.ndarray  # E, N times the pair's mean score at pitch time, over the pairs with scores
    unscored: np.ndarray  # N, over the pairs without scores


def sum_pairs(product: np.ndarray, evidence: Evidence, product_count: int, size: np.ndarray | int = 1) -> PairSums:
    """Sum pairs' evidence by product; `size` equal pairs, shape (pairs,), share a product and its evidence.

    Examples
    --------
    >>> one = np.ones(2)
    >>> evidence = Evidence(wins=one, pitches=2 * one, expected=0 * one, scored=0 * one)
    >>> sum_pairs(np.array([0, 0]), evidence, 2).squares.sum(axis=0)
    array([1., 0.])

    """
    sums = np.zeros((len(fields(PairSums)), 2, product_count))
    parts = (evidence.wins, evidence.pitches, evidence.expected, evidence.scored)
    wins, pitches, expected, scored = (np.ascontiguousarray(part, np.float64) for part in parts)
    sizes = np.ascontiguousarray(np.broadcast_to(size, len(product)), np.int64)
    sum_pairs_by_product(product.astype(np.int64, copy=False), wins, pitches, expected, scored, sizes, sums)
    return PairSums(**dict(zip((one.name for one in fields(PairSums)), sums, strict=True)))


def add_sums(parts: Iterable[PairSums], product_count: int) -> PairSums:
    """Add the sums of several chunks; none at all gives zeros."""
    total = {field.name: np.zeros((2, product_count)) for field in fields(PairSums)}
    for part in parts:
        total = {name: sums + getattr(part, name) for name, sums in total.items()}
    return PairSums(**total)


def take_out_of_sums(sums: PairSums, some: PairSums, share: float) -> PairSums:
    """Return the sums after a share of the evidence of some of the pairs is taken out; the pairs stay."""
    left = {one.name: getattr(sums, one.name) - share * getattr(some, one.name) for one in fields(PairSums)}
    return PairSums(**{**left, "pairs": sums.pairs})


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """What is expected of a pair before its own evidence counts."""

    global_rate: float  # the tenant's win rate, in (0, 1)
    product_rates: np.ndarray  # each product's shrunk win rate, in (0, 1), shape (products,)
    product_strength: float  # pseudo-pitches that the tenant's rate is worth for a product
    pair_strength: float  # pseudo-pitches that a product's rate is worth for a pair
    score_ratios: np.ndarray  # each product's wins over those that its calibrated scores predicted, shape (products,)
    tenant_ratio: float = 1.0  # G, all wins over all that were expected
    product_ratios: np.ndarray  # r_j, each product's wins over those that were expected, shape (products,)
    trust: tuple[float, float] = (PRIOR_TRUST, PRIOR_TRUST)  # exponents of product and pair ratios


def fit_priors(
    sums: PairSums,
    *,
    rate: float | None = None,
    pitch_weeks: np.ndarray | int = 1,
    trust: tuple[float, float] = (PRIOR_TRUST, PRIOR_TRUST),
) -> Priors:
    """Fit the priors to the evidence of all pairs.

    Parameters
    ----------
    sums
        Of the evidence, by product.
    rate
        The tenant's win rate over all outcomes; None takes that of the evidence, 0.1 where there is none.
    pitch_weeks
        Weeks in which each product was pitched, shape (products,).
    trust
        Exponents of product and pair ratios.

    """
    wins, pitches, squares, pairs, expected, unscored = (
        getattr(sums, field.name).sum(axis=0) for field in fields(PairSums)
    )
    rate = global_rate(math.fsum(wins), math.fsum(pitches)) if rate is None else rate
    expected = expected + unscored * rate
    ratio = tenant_ratio(math.fsum(wins), math.fsum(expected))
    product_strength = fit_product_strength(wins, pitches)
    product_rates = shrunk_rates(wins, pitches, rate, product_strength)
    return Priors(
        global_rate=rate,
        product_rates=product_rates,
        product_strength=product_strength,
        pair_strength=fit_pair_strength(wins, pitches, squares, pairs, product_rates),
        score_ratios=(SCORE_PRODUCT_STRENGTH + wins) / (SCORE_PRODUCT_STRENGTH + expected),
        tenant_ratio=ratio,
        product_ratios=product_ratios(wins, expected, np.broadcast_to(pitch_weeks, wins.shape), ratio),
        trust=trust,
    )


def read_priors(described: Mapping[str, Any], product_count: int) -> Priors:
    """Read priors from a version's description; products added since get the tenant's rate."""
    missing = max(0, product_count - len(described["product_rates"]))
    trust = Trust.from_list(described["trust_state"]) if "trust_state" in described else Trust()
    return Priors(
        global_rate=described["global_rate"],
        product_rates=np.append(described["product_rates"], np.full(missing, described["global_rate"])),
        product_strength=described["product_strength"],
        pair_strength=described["pair_strength"],
        score_ratios=np.append(described["score_ratios"], np.ones(missing)),
        tenant_ratio=described.get("tenant_ratio", 1.0),
        product_ratios=np.append(described.get("product_ratios", []), np.ones(product_count))[:product_count],
        trust=trust.values,
    )
