"""The fit of a policy's consolidation to outcomes: each model's axis and line, and the stacking of them all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from dog.core.calibration import SPREAD, enough_outcomes, fit_line
from dog.core.log_odds import clipped_log_odds, logit
from dog.core.logistic import fit_logistic
from dog.core.score_axes import Axis

RIDGE = 30.0
"""Draws the coefficients of the stacking towards the policy's weights."""
DECISIVE = 10.0
"""Nats by which another axis must explain the outcomes better than the usual one; those of a campaign are alike."""
SETTLED_SHARE = 0.75
"""Of a week's pitches, for the week to count in a fit."""
MIN_PITCHED = 20
"""Pitches whose mean place is taken for that of all; with fewer it is the load's mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPast:
    """A model's scores at past pitches.

    Parameters
    ----------
    name, weight, lower_is_better
        As in the policy.
    places
        By axis, the usual one first: each settled pitch's score at its time, standardised within its load, shape
        (pitches,); NaN where there is none.
    centres
        By axis: the mean place that the pitched pairs have in the load in use, 0 where there are too few.

    """

    name: str
    weight: float
    lower_is_better: bool
    places: Mapping[Axis, np.ndarray]
    centres: Mapping[Axis, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedModel:
    """One model's part of a fit.

    Parameters
    ----------
    axis
        On which its scores are calibrated.
    lower_is_better
        The direction that it was fitted for.
    slope, intercept
        The line from the standardised axis to log odds; None where outcomes do not suffice, then it is the standard one
        around the base rate.
    centre
        Mean place of what was pitched.
    mean
        Mean log odds that the line gives to the pitches of the fit.
    coefficient
        In the stacking; None where there is none.
    pitches
        Settled pitches with a score.
    gain
        Nats by which the stacking explains the outcomes better with the model than without it; None where it was not
        measured.

    """

    axis: Axis
    lower_is_better: bool
    slope: float | None
    intercept: float | None
    centre: float
    mean: float = 0.0
    coefficient: float | None = None
    pitches: int = 0
    gain: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolidationFit:
    """A policy's fit.

    Parameters
    ----------
    models
        By name.
    intercept
        Log odds of the average pitch by the stacking; None where outcomes do not suffice for one.
    pitches, wins
        What it was fitted to.
    basis
        `pitch time`: scores made before the pitches. `held out`: scores of models fitted without the outcomes.
        `current`: today's scores, which may know the outcomes.
    fitted_at_ms
        Milliseconds since 1970.

    """

    models: Mapping[str, FittedModel]
    intercept: float | None
    pitches: int
    wins: int
    basis: str = "pitch time"
    fitted_at_ms: int = 0

    def to_document(self) -> dict[str, Any]:
        """Write it as JSON."""
        return asdict(self)


def settled_weeks(week: np.ndarray, settled: np.ndarray) -> np.ndarray:
    """Mark the settled pitches of the weeks of which at least three quarters are settled, shape (pitches,).

    Wins are known before losses: the first settled pitches of a week are nearly all won.
    """
    number = _week_numbers(week)
    share = np.bincount(number, settled) / np.maximum(np.bincount(number), 1)
    return np.asarray(settled & (share >= SETTLED_SHARE)[number])


def _week_numbers(week: np.ndarray) -> np.ndarray:
    """Return the number of each pitch's week among the distinct ones, from 0, shape (pitches,)."""
    return np.unique(week, return_inverse=True)[1].reshape(-1)


def read_fit(document: Mapping[str, Any]) -> ConsolidationFit:
    """Read what `ConsolidationFit.to_document` wrote."""
    models = {name: FittedModel(**fields) for name, fields in document["models"].items()}
    return ConsolidationFit(**{**document, "models": models})


def fit_consolidation(
    models: Sequence[ModelPast], won: np.ndarray, week: np.ndarray, base_rate: float
) -> ConsolidationFit:
    """Choose axes, fit lines and stack them.

    Parameters
    ----------
    models
        The policy's; those without any score take part with their stated weight.
    won, week
        Which settled pitches were won, and their weeks, shape (pitches,).
    base_rate
        The tenant's win rate, in (0, 1).

    """
    week = _week_numbers(week)
    lines = [_line(model, next(iter(model.places)), won, week, base_rate) for model in models]
    scored = ~np.isnan(np.array([line.odds for line in lines]).reshape(len(models), len(won))).all(axis=0)
    if not enough_outcomes(won[scored]):
        fitted = {model.name: line.fitted for model, line in zip(models, lines, strict=True)}
        return ConsolidationFit(models=fitted, intercept=None, pitches=int(scored.sum()), wins=int(won[scored].sum()))
    stack = _stack(models, lines, won, week)
    for place, model in enumerate(models):
        for axis in list(model.places)[1:] if lines[place].fitted.slope is not None else []:
            others = [*lines[:place], _line(model, axis, won, week, base_rate), *lines[place + 1 :]]
            other = _stack(models, others, won, week)
            if other.loss < stack.loss - DECISIVE:
                lines, stack = others, other
    return _with_stack(models, lines, stack, int(scored.sum()), int(won[scored].sum()))


def restack(
    fit: ConsolidationFit, models: Sequence[ModelPast], won: np.ndarray, week: np.ndarray, base_rate: float
) -> ConsolidationFit:
    """Stack the lines of a fit again, for other weights of the models."""
    if fit.intercept is None or not any(model.weight for model in models):
        return replace(fit, intercept=None)
    week = _week_numbers(week)
    lines = _fitted_lines(fit, models, base_rate)
    return _with_stack(models, lines, _stack(models, lines, won, week), fit.pitches, fit.wins)


def measure_gains(
    fit: ConsolidationFit, models: Sequence[ModelPast], won: np.ndarray, week: np.ndarray, base_rate: float
) -> ConsolidationFit:
    """Add to a fit what each of its models is worth: the same stacking without it, on the same pitches."""
    if fit.intercept is None:
        return fit
    week = _week_numbers(week)
    lines = _fitted_lines(fit, models, base_rate)
    whole = _stack(models, lines, won, week).misfit
    measured = dict(fit.models)
    for place, model in enumerate(models):
        others = [replace(other, weight=0.0) if other is model else other for other in models]
        if model.weight and any(other.weight for other in others) and lines[place].fitted.pitches:
            gain = _stack(others, lines, won, week).misfit - whole
            measured[model.name] = replace(fit.models[model.name], gain=round(gain, 3))
    return replace(fit, models=measured)


class _Line(NamedTuple):
    fitted: FittedModel
    odds: np.ndarray  # log odds of each settled pitch by the line, NaN where the model had no score


class _Stack(NamedTuple):
    coefficients: np.ndarray
    means: np.ndarray
    intercept: float
    loss: float
    misfit: float


def _with_stack(
    models: Sequence[ModelPast], lines: Sequence[_Line], stack: _Stack, pitches: int, wins: int
) -> ConsolidationFit:
    columns = (stack.means.tolist(), stack.coefficients.tolist())
    return ConsolidationFit(
        models={
            model.name: replace(line.fitted, mean=mean, coefficient=coefficient)
            for model, line, mean, coefficient in zip(models, lines, *columns, strict=True)
        },
        intercept=stack.intercept,
        pitches=pitches,
        wins=wins,
    )


def _line(model: ModelPast, axis: Axis, won: np.ndarray, week: np.ndarray, base_rate: float) -> _Line:
    places = model.places[axis]
    known = ~np.isnan(places)
    slope = intercept = None
    if enough_outcomes(won[known]):
        slope, intercept = fit_line(places[known], won[known], week[known], lower_is_better=model.lower_is_better)
    fitted = FittedModel(
        axis=axis,
        lower_is_better=model.lower_is_better,
        slope=slope,
        intercept=intercept,
        centre=model.centres[axis],
        pitches=int(known.sum()),
    )
    return _Line(fitted, _odds(fitted, model, base_rate))


def _fitted_lines(fit: ConsolidationFit, models: Sequence[ModelPast], base_rate: float) -> list[_Line]:
    fitted = [fit.models[model.name] for model in models]
    return [_Line(one, _odds(one, model, base_rate)) for one, model in zip(fitted, models, strict=True)]


def line_of(fitted: FittedModel, base_rate: float) -> tuple[float, float]:
    """Return slope and intercept of a model's line: the fitted one, else the standard one around the base rate."""
    if fitted.slope is not None and fitted.intercept is not None:
        return fitted.slope, fitted.intercept
    slope = -SPREAD if fitted.lower_is_better else SPREAD
    return slope, float(logit(base_rate)) - slope * fitted.centre


def _odds(fitted: FittedModel, model: ModelPast, base_rate: float) -> np.ndarray:
    slope, intercept = line_of(fitted, base_rate)
    return np.asarray(slope * model.places[fitted.axis] + intercept)


def _stack(models: Sequence[ModelPast], lines: Sequence[_Line], won: np.ndarray, week: np.ndarray) -> _Stack:
    """Stack the models on the pitches for which any has a score; absent ones count with their mean."""
    odds = np.stack([line.odds for line in lines])
    scored = ~np.isnan(odds).all(axis=0)
    odds = odds[:, scored]
    present = ~np.isnan(odds)
    known = present.sum(axis=1)
    usual = float(clipped_log_odds(won[scored].mean()))
    sums = np.where(present, odds, 0.0).sum(axis=1)
    means = np.divide(sums, known, out=np.full(len(models), usual), where=known > 0)
    apart = np.where(present, odds - means[:, None], 0.0)
    weights = np.array([model.weight for model in models])
    weights = weights / weights.sum()
    used = weights > 0  # a model with weight 0 stays out
    fitted = fit_logistic(apart[used], won[scored], week[scored], weights[used], RIDGE)
    coefficients = np.zeros(len(models))
    coefficients[used] = fitted.coefficients
    return _Stack(coefficients, means, fitted.intercept, fitted.loss, fitted.misfit)
