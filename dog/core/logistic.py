"""Logistic regression with coefficients of at least 0, a ridge towards stated values, and an effect of each week."""

from typing import NamedTuple

import numpy as np

from dog.core.log_odds import expit, logit

GROUP_PENALTY = 1.0
"""Ridge of a week's own effect towards 0."""
STEPS = 60
HALVINGS = 30
TOLERANCE = 1e-10


class LogisticFit(NamedTuple):
    """Coefficients, shape (features,), the intercept, and the loss in nats with the effects of the weeks.

    `loss` has the ridge that draws the coefficients, `misfit` has not.
    """

    coefficients: np.ndarray
    intercept: float
    loss: float
    misfit: float


def fit_logistic(
    features: np.ndarray, won: np.ndarray, group: np.ndarray, prior: np.ndarray, ridge: float
) -> LogisticFit:
    """Fit the log odds of a win: intercept + coefficients x features, coefficients >= 0.

    Pitches of one week are one campaign with a base rate of its own. While the coefficients are fitted each week has
    its own effect, so that they tell a week's pitches from each other; the intercept is then fitted to all pitches.

    Parameters
    ----------
    features
        Shape (features, pitches), finite.
    won
        Which pitches were won, shape (pitches,); some are, and some are not.
    group
        The week of each pitch, from 0, shape (pitches,).
    prior, ridge
        The coefficients are drawn towards `prior`, shape (features,), by `ridge` (above 0) / 2 x squared distance.

    References
    ----------
    Newton's method; the effects of the weeks are eliminated from each step (Schur complement).

    Examples
    --------
    >>> signal = np.tile([1.0, -1.0], 200)
    >>> fit = fit_logistic(signal[None], signal > 0, np.zeros(400, int), np.zeros(1), 1.0)
    >>> bool(fit.coefficients[0] > 2), round(fit.intercept, 6) + 0.0
    (True, 0.0)

    """
    target = won.astype(np.float64)
    start = float(logit(target.mean()))
    problem = _Problem(features, target, group, prior, ridge)
    solved = problem.solve(np.append(prior, start), np.zeros(int(group.max(initial=0)) + 1))
    coefficients = solved[:-1]
    offset = coefficients @ features
    pooled = _Problem(np.zeros((0, len(target))), target, np.zeros(len(target), np.int64), np.zeros(0), 1.0, offset)
    misfit = problem.loss - ridge * float(((coefficients - prior) ** 2).sum()) / 2
    return LogisticFit(coefficients, float(pooled.solve(np.array([start]), None)[0]), problem.loss, misfit)


class _Problem:
    """The penalised loss of one regression, and Newton's way to its minimum."""

    def __init__(
        self,
        features: np.ndarray,
        target: np.ndarray,
        group: np.ndarray,
        prior: np.ndarray,
        ridge: float,
        offset: np.ndarray | float = 0.0,
    ) -> None:
        self._design = np.vstack([features, np.ones(len(target))])
        self._target, self._group, self._offset = target, group, offset
        self._prior, self._ridge = np.append(prior, 0.0), np.append(np.full(len(prior), ridge), 0.0)
        self.loss, self._odds = np.inf, target  # the log odds of each pitch where the solution has come to

    def solve(self, start: np.ndarray, effects: np.ndarray | None) -> np.ndarray:
        """Return the coefficients and, last, the intercept; without `effects` no group has one."""
        found = np.maximum(start, np.append(np.zeros(len(start) - 1), -np.inf))
        self._odds = self._odds_at(found, effects)
        self.loss = self._loss(self._odds, found, effects)
        for _ in range(STEPS):
            step, effect_step = self._step(found, effects)
            found, effects, moved = self._move(found, effects, step, effect_step)
            if moved < TOLERANCE:
                break
        return found

    def _odds_at(self, found: np.ndarray, effects: np.ndarray | None) -> np.ndarray:
        odds = found @ self._design + self._offset
        return odds if effects is None else odds + effects[self._group]

    def _loss(self, odds: np.ndarray, found: np.ndarray, effects: np.ndarray | None) -> float:
        penalty = (self._ridge * (found - self._prior) ** 2).sum() / 2
        if effects is not None:
            penalty += GROUP_PENALTY * (effects**2).sum() / 2
        return float((np.logaddexp(0, odds) - self._target * odds).sum() + penalty)

    def _step(self, found: np.ndarray, effects: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
        """Return Newton's step; a coefficient at 0 whose slope points below stays there."""
        chance = expit(self._odds)
        residual, weight = chance - self._target, chance * (1 - chance)
        gradient = self._design @ residual + self._ridge * (found - self._prior)
        weighed = self._design * weight
        hessian = weighed @ self._design.T + np.diag(self._ridge)
        cross: np.ndarray = np.zeros(0)
        own = effect_gradient = cross
        if effects is not None:
            count = len(effects)
            effect_gradient = np.bincount(self._group, residual, count) + GROUP_PENALTY * effects
            cross = np.stack([np.bincount(self._group, row, count) for row in weighed])
            own = cross[-1] + GROUP_PENALTY
            hessian = hessian - (cross / own) @ cross.T
            gradient = gradient - cross @ (effect_gradient / own)
        free = np.append((found[:-1] > 0) | (gradient[:-1] < 0), True)
        step = np.zeros(len(found))
        step[free] = -np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        return step, None if effects is None else -(effect_gradient + cross.T @ step) / own

    def _move(
        self, found: np.ndarray, effects: np.ndarray | None, step: np.ndarray, effect_step: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray | None, float]:
        """Go along a step, half as far as long as the loss rises; return how far it went."""
        share = 1.0
        for _ in range(HALVINGS):
            moved = found + share * step
            moved[:-1] = np.maximum(moved[:-1], 0.0)
            there = None if effects is None or effect_step is None else effects + share * effect_step
            odds = self._odds_at(moved, there)
            loss = self._loss(odds, moved, there)
            if loss <= self.loss + TOLERANCE:
                self.loss, self._odds = min(loss, self.loss), odds
                return moved, there, float(np.abs(moved - found).max())
            share /= 2
        return found, effects, 0.0
