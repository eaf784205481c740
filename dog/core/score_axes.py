"""The axes on which a model's scores can be calibrated, and how they lie within one load of scores.

A load is all scores of a model as they were at one time. Scores are standardised within their load, so that a model
that is fitted again and changes its scale keeps its calibration.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from dog.core.log_odds import clipped_log_odds, logit

Axis = Literal["identity", "log", "log_odds", "rank"]

FLAT = 1e-12
"""Scores with a smaller deviation count as equal."""
ALIKE = 0.1
LARGEST = 1e30
"""Larger scores count as this one: their squares have to be numbers, too."""
SMALLEST = 1e-290
"""Scores closer to 0 count as 0 in ranks: a step between them is too small to divide by."""
LEVELS = 65
"""Points at which the ranks of a load are kept, evenly spaced in log odds; between them a rank is interpolated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How one model's scores were spread in a load.

    Parameters
    ----------
    count
        Scores of the load.
    floor
        The smallest positive score; 0 where there is none.
    scales
        Mean and deviation of each axis that suits the scores, the usual one first: log odds where all lie in [0, 1],
        logarithm where all are positive, else the rank.
    scores, levels
        Scores of the load, ascending, and the log odds of their rank among all, shape (at most `LEVELS`,).

    """

    count: int
    floor: float
    scales: Mapping[Axis, tuple[float, float]]
    scores: tuple[float, ...]
    levels: tuple[float, ...]

    @property
    def usual(self) -> Axis:
        """The axis that is used until outcomes speak for another."""
        return next(iter(self.scales))

    def to_document(self) -> dict[str, Any]:
        """Write it as JSON; the order of the scales is kept."""
        return asdict(self)


def read_load(document: Mapping[str, Any]) -> Load:
    """Read what `Load.to_document` wrote."""
    scales = {axis: (float(mean), float(deviation)) for axis, (mean, deviation) in document["scales"].items()}
    points = {name: tuple(map(float, document[name])) for name in ("scores", "levels")}
    return Load(count=document["count"], floor=document["floor"], scales=scales, **points)


def describe_load(scores: np.ndarray) -> Load:
    """Describe the scores of a load, shape (scores,), at least one, no NaN; their order makes no difference.

    Examples
    --------
    >>> load = describe_load(np.array([0.1, 0.2, 0.4]))
    >>> load.usual, [axis for axis in load.scales]
    ('log_odds', ['log_odds', 'identity', 'log', 'rank'])

    """
    ordered = np.clip(np.sort(np.asarray(scores, dtype=np.float64)), -LARGEST, LARGEST)
    low, high, count = float(ordered[0]), float(ordered[-1]), len(ordered)
    positive = ordered[ordered > 0]
    points, levels = _ranks(ordered)
    suited: list[Axis] = ["identity", "rank"]
    if low > 0:
        suited.insert(1, "log")
    if low >= 0 and high <= 1:
        suited.insert(0, "log_odds")
    elif low > 0:
        suited.sort(key=lambda axis: axis != "log")
    else:
        suited.sort(key=lambda axis: axis != "rank")
    bare = Load(
        count=count,
        floor=float(positive[0]) if len(positive) else 0.0,
        scales={},
        scores=tuple(points.tolist()),
        levels=tuple(levels.tolist()),
    )
    scales: dict[Axis, tuple[float, float]] = {}
    for axis in suited:
        values = axis_values(ordered, bare, axis)
        scales[axis] = (float(values.mean()), float(values.std()))
    return Load(count=count, floor=bare.floor, scales=scales, scores=bare.scores, levels=bare.levels)


def alike(one: Load, other: Load) -> bool:
    """Return whether two loads have one scale: on every axis means and deviations within a tenth of a deviation."""
    if one.scales.keys() != other.scales.keys():
        return False
    for axis, (mean, deviation) in one.scales.items():
        other_mean, other_deviation = other.scales[axis]
        if max(abs(mean - other_mean), abs(deviation - other_deviation)) > ALIKE * max(deviation, other_deviation):
            return False
    return True


def _ranks(ordered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return some scores and the log odds of their ranks; equal scores share the mean of theirs."""
    count = len(ordered)
    outermost = float(logit(1 - 0.5 / count)) if count > 1 else 0.0
    levels = np.linspace(-outermost, outermost, LEVELS)
    places = count / (1 + np.exp(-levels)) - 0.5
    scores = np.interp(places, np.arange(count), ordered)
    scores[np.abs(scores) < SMALLEST] = 0.0
    points, group = np.unique(scores, return_inverse=True)
    return points, np.bincount(group, levels) / np.bincount(group)


def axis_values(scores: np.ndarray, load: Load, axis: Axis) -> np.ndarray:
    """Return where scores lie on an axis, not yet standardised, shape (scores,); NaN stays NaN."""
    values = np.asarray(scores, dtype=np.float64)
    if axis == "log_odds":
        return clipped_log_odds(values)
    if axis == "log":
        return np.log(np.maximum(values, load.floor))
    return np.interp(values, load.scores, load.levels) if axis == "rank" else values


def standardise(scores: np.ndarray, load: Load, axis: Axis) -> np.ndarray:
    """Return how many deviations scores lie above their load's mean on an axis, shape (scores,); 0 where all equal."""
    mean, deviation = load.scales[axis]
    values = axis_values(scores, load, axis)
    return (values - mean) / deviation if deviation > FLAT else values * 0.0
