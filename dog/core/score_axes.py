"""The axes on which a model's scores can be calibrated, and how they lie within one load of scores.

A load is all scores of a model as they were at one time. Scores are standardised within their load, so that a model
that is fitted again and changes its scale keeps its calibration.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from dog.core.log_odds import clipped_log_odds

Axis = Literal["identity", "log", "log_odds", "rank"]

FLAT = 1e-12
"""Scores with a smaller deviation count as equal."""
ALIKE = 0.1


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
        Some scores of the load, ascending, and the log odds of their rank among all, shape (at most 65,).

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


def alike(one: Load, other: Load) -> bool:
    """Return whether two loads have one scale: on every axis means and deviations within a tenth of a deviation."""
    if one.scales.keys() != other.scales.keys():
        return False
    for axis, (mean, deviation) in one.scales.items():
        other_mean, other_deviation = other.scales[axis]
        if max(abs(mean - other_mean), abs(deviation - other_deviation)) > ALIKE * max(deviation, other_deviation):
            return False
    return True


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
