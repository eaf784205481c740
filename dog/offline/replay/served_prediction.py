"""What a policy would have said of each past pitch: what it ranked by, and the chance of a win on the odds scale.

A policy whose multiplier acts on the odds says a probability. One whose multiplier acts on the score says an index that
may exceed 1: its chance is found by multiplying the odds of the score by the same factors, never by clipping at 1.
Where policies are compared, slope and intercept of its log odds are then fitted to what was settled before
(`recalibrate_forward`); docs/decisions/0007-judge-on-the-odds-scale.md says why.
"""

import numpy as np
from numpy.typing import NDArray

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.log_odds import clipped_log_odds, expit, multiply_odds, odds_multiplier
from dog.core.policy.policy import Policy
from dog.offline.history.pitches import Pitches
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.score_change import Prediction

SLOPE_RIDGE = 10.0
"""Strength with which the slope of a recalibration is drawn towards 1."""
INTERCEPT_RIDGE = 1e-3
MIN_SETTLED, MIN_WON = 300, 30
"""Settled pitches, and wins among them, below which nothing is recalibrated."""
NEWTON_STEPS = 8


def says_probabilities(policy: Policy) -> bool:
    """Return whether what a policy ranks by is a probability: it multiplies odds, and pools no reciprocal ranks."""
    return policy.reinforcement.on_odds and policy.consolidation != "rrf"


def serve(
    score: Floats,
    multiplier: Floats,
    settings: Reinforcement,
    streak: Floats | float = 1.0,
    rules: Floats | float = 1.0,
) -> Prediction:
    """Multiply scores as the service does, clamp included.

    `score` is the consolidated score, `multiplier` what the weekly job stores of each pitch's pair, `streak` and
    `rules` the factors that act on the score, shape (pitches,). What the list is ranked by is the score that would have
    been shown; exploration is left out.

    Examples
    --------
    >>> found = serve(np.array([0.6]), np.array([3.0]), Reinforcement(neutral="score"))
    >>> found.order.round(3).tolist(), found.chance.round(3).tolist()
    ([1.8], [0.818])

    """
    performance = odds_multiplier(score, multiplier) if settings.on_odds else multiplier
    bounded = np.clip(performance * streak, *settings.clamp_bounds) * rules
    by_odds = multiplier * (bounded / performance) if settings.on_odds else bounded
    return Prediction(order=score * bounded, chance=multiply_odds(score, by_odds))


def explore(told: Prediction, order_odds: Floats) -> Prediction:
    """Rank by chances whose odds are multiplied for exploration; the chances that are said stay."""
    return Prediction(order=told.order * odds_multiplier(told.order, order_odds), chance=told.chance)


def recalibrate_forward(chance: Floats, pitches: Pitches, block_starts_ms: NDArray[np.int64]) -> Floats:
    """Fit slope and intercept of the log odds block by block, each to what was settled before the block began.

    The order of the chances within a block stays. `block_starts_ms` is as in `calibrate_forward`. Before 300 settled
    pitches and 30 wins the chances stay as they are. Returns shape (pitches,).
    """
    found = chance.copy()
    axis = clipped_log_odds(chance)
    block = np.searchsorted(block_starts_ms, pitches.at_ms, side="right") - 1
    known = ~np.isnan(axis)
    for number, start_ms in enumerate(block_starts_ms.tolist()):
        settled = known & (pitches.settled_ms < start_ms)
        won = pitches.won[settled]
        if len(won) >= MIN_SETTLED and won.sum() >= MIN_WON:
            intercept, slope = _fit_line(axis[settled], won)
            rows = block == number
            found[rows] = expit(intercept + slope * axis[rows])
    return found


def _fit_line(axis: Floats, won: Floats) -> tuple[float, float]:
    """Fit a logistic regression by Newton's method, its slope drawn towards 1 and never below 0."""
    rows = np.stack([np.ones(len(axis)), axis])
    line, ridge, prior = np.array([0.0, 1.0]), np.array([INTERCEPT_RIDGE, SLOPE_RIDGE]), np.array([0.0, 1.0])
    for _ in range(NEWTON_STEPS):
        chance = expit(line @ rows)
        gradient = rows @ (won - chance) - ridge * (line - prior)
        curvature = (rows * (chance * (1 - chance))) @ rows.T + np.diag(ridge)
        line = line + np.clip(np.linalg.solve(curvature, gradient), -2.0, 2.0)
    return float(line[0]), max(0.0, float(line[1]))
