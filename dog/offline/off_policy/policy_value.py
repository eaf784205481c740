"""Off-policy estimates with intervals; refused where the log is too small or does not cover the policy."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.errors import InvalidInput, NotReady
from dog.offline.off_policy.estimators import (
    ESTIMATORS,
    Logged,
    Target,
    Terms,
    default_clip,
    effective_rows,
    importance_weights,
    terms_of,
)
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.intervals import Clusters, Estimate, draw_clusters, interval_of

VALUE_REPLICATES = 500
MIN_ROWS, MIN_LOGGED_CONTACTS, MIN_REWARDED, MIN_EFFECTIVE_ROWS = 200, 50, 20, 50.0
MEAN_WEIGHT_BOUNDS = (0.5, 2.0)
"""Weights average 1 if propensities are true and every option could be served; not outside these bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyValue:
    """What a policy would have won per row.

    `estimates` are mean rewards per row by method, with intervals over contacts and weeks, `gains` the same less the
    mean of the `logged` rows. `effective_rows` is the effective sample size under the weights, `clip` the largest
    weight used, `clipped` the share of rows that it clipped. `mean_weight`, before clipping, is far from 1 where the
    log does not cover the policy.
    """

    estimates: Mapping[str, Estimate]
    gains: Mapping[str, Estimate]
    logged: float
    rows: int
    contacts: int
    effective_rows: float
    clip: float
    clipped: float
    mean_weight: float


def estimate_value(
    clusters: Clusters,
    logged: Logged,
    target: Target,
    *,
    clip: float | None = None,
    replicates: int = VALUE_REPLICATES,
    seed: int = 0,
) -> PolicyValue:
    """Estimate what a policy would have won on a log, by every method, with 95% intervals over contacts and weeks.

    `clusters` holds the contact of each row, and its week where known. `clip` is the largest weight, by default the
    square root of the rows. Raises `InvalidInput` where a propensity is not in (0, 1] or a chance not in [0, 1], and
    `NotReady` where the log is too small or does not cover the policy; the message says what is missing.
    """
    _check_chances(logged, target)
    clip = default_clip(len(logged.reward)) if clip is None else clip
    plain = importance_weights(logged, target)
    weights = np.minimum(plain, clip)
    contacts = len(np.unique(clusters.contact))
    _check_enough(logged, plain, weights, contacts)
    own = Terms(logged.reward, np.ones(len(logged.reward)))
    terms = {method: terms_of(method, logged, target, clip) for method in ESTIMATORS}
    return PolicyValue(
        estimates={method: estimate_ratio(clusters, found, None, replicates, seed) for method, found in terms.items()},
        gains={method: estimate_ratio(clusters, found, own, replicates, seed) for method, found in terms.items()},
        logged=own.value,
        rows=len(logged.reward),
        contacts=contacts,
        effective_rows=effective_rows(weights),
        clip=clip,
        clipped=float((plain > clip).mean()),
        mean_weight=float(plain.mean()),
    )


def estimate_ratio(
    clusters: Clusters, terms: Terms, less: Terms | None = None, replicates: int = VALUE_REPLICATES, seed: int = 0
) -> Estimate:
    """Return an estimate with its intervals, or the difference of two; both take the same bootstrap samples."""

    def draw(position: NDArray[np.int32], count: int) -> Floats:
        sums = [sum_by_cluster(one, position) for one in (terms, less) if one is not None]
        values = [[ratio(one, times) for one in sums] for times in draw_clusters(count, replicates, seed)]
        return np.array([value[0] - sum(value[1:]) for value in values])

    return interval_of(terms.value - (less.value if less else 0.0), clusters, draw)


def _check_chances(logged: Logged, target: Target) -> None:
    if not ((logged.propensity > 0) & (logged.propensity <= 1)).all():
        raise InvalidInput("a propensity is not above 0 and at most 1; every logged row needs the chance it had")
    if not ((target.chance >= 0) & (target.chance <= 1)).all():
        raise InvalidInput("a chance of the policy in question is not in [0, 1]")


def _check_enough(logged: Logged, plain: Floats, weights: Floats, contacts: int) -> None:
    rewarded = int(np.count_nonzero(logged.reward * weights))
    wanted = (
        ("rows", len(logged.reward), MIN_ROWS),
        ("contacts", contacts, MIN_LOGGED_CONTACTS),
        ("rewarded rows that the policy could have served", rewarded, MIN_REWARDED),
        ("effective rows", effective_rows(weights), MIN_EFFECTIVE_ROWS),
    )
    missing = [f"{have:.0f} {what}, at least {least:.0f} are needed" for what, have, least in wanted if have < least]
    if missing:
        raise NotReady(
            f"the log cannot tell what the policy is worth: {'; '.join(missing)}; "
            "log more decisions, or give a larger share to the control random_eligible",
            code="too_little_logged",
        )
    if not MEAN_WEIGHT_BOUNDS[0] <= float(plain.mean()) <= MEAN_WEIGHT_BOUNDS[1]:
        raise NotReady(
            f"the log does not cover the policy: weights average {plain.mean():.2f} where 1 is due; either the "
            "propensities are not true, or the policy serves what was never served",
            code="log_does_not_cover",
        )


def sum_by_cluster(terms: Terms, position: NDArray[np.int32] | NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Sum an estimator's terms by cluster: numerators and denominators, shape (clusters,) each."""
    return np.bincount(position, terms.above).astype(np.float64), np.bincount(position, terms.below).astype(np.float64)


def ratio(sums: tuple[Floats, Floats], times: Floats) -> float:
    """Return the estimate where cluster i counts times[i] times; NaN where the denominator is 0."""
    below = float(sums[1] @ times)
    return float(sums[0] @ times) / below if below else float("nan")
