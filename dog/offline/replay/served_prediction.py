"""What a policy would have said of each past pitch: what it ranked by, and the chance of a win on the odds scale.

A policy whose multiplier acts on the odds says a probability. One whose multiplier acts on the score says an index that
may exceed 1: its chance is found by multiplying the odds of the score by the same factors, never by clipping at 1.
Where policies are compared, slope and intercept of its log odds are then fitted to what was settled before
(`recalibrate_forward`); docs/decisions/0007-judge-on-the-odds-scale.md says why.
"""

import numpy as np
from numpy.typing import NDArray

from dog.core.calibration import enough_outcomes
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.log_odds import clipped_log_odds, expit, multiply_odds, odds_multiplier
from dog.core.logistic import fit_logistic
from dog.core.policy.policy import Policy
from dog.offline.history.pitches import Pitches
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.score_change import Prediction

SLOPE_RIDGE = 10.0
"""Strength with which the slope of a recalibration is drawn towards 1."""


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

    The order of the chances within a block stays. `block_starts_ms` is as in `calibrate_forward`. Where outcomes
    do not suffice for a fit (`enough_outcomes`), the chances stay as they are. Returns shape (pitches,).
    """
    found = chance.copy()
    axis = clipped_log_odds(chance)
    block = np.searchsorted(block_starts_ms, pitches.at_ms, side="right") - 1
    known = ~np.isnan(axis)
    for number, start_ms in enumerate(block_starts_ms.tolist()):
        settled = known & (pitches.settled_ms < start_ms)
        won = pitches.won[settled]
        if enough_outcomes(won):
            one_group = np.zeros(len(won), np.int64)
            fitted = fit_logistic(axis[settled][None], won, one_group, np.ones(1), SLOPE_RIDGE)
            rows = block == number
            found[rows] = expit(fitted.intercept + fitted.coefficients[0] * axis[rows])
    return found
