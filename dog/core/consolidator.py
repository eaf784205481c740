"""A policy's consolidator: from the models' raw scores of options to one probability each, at pitch time and later."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dog.core.calibration import Calibration, identity, standard_line
from dog.core.consolidation import METHOD_NUMBERS, Method, Stacking, pool
from dog.core.consolidation_fit import ConsolidationFit, FittedModel
from dog.core.kernels import calibrate
from dog.core.log_odds import logit
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import ModelSettings
from dog.core.score_axes import FLAT, Axis, Load

AXES: tuple[Axis, ...] = ("log_odds", "log", "rank", "identity")
"""In the order of the kernel's numbers."""


@dataclass(frozen=True, slots=True)
class Model:
    """One constituent model as a policy uses it."""

    name: str
    weight: float
    calibration: Calibration


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidator:
    """How a policy makes one probability of the scores of its models.

    Parameters
    ----------
    models
        In the order of the rows of all arrays; their calibrations.
    method
        How the calibrated scores are pooled: the policy's method, or `mean` where it says `stacking` and there is no
        fit yet.
    stacking
        The fit, where the method is `stacking`.
    base_rate
        The tenant's win rate.

    """

    models: tuple[Model, ...]
    method: Method
    stacking: Stacking | None = None
    base_rate: float = 0.1
    table: np.ndarray = field(init=False, repr=False, compare=False)  # records of `calibrate.MODEL`, for the kernel
    points: np.ndarray = field(init=False, repr=False, compare=False)  # of ranks: scores and levels, shape (2, points)
    intercept: float = field(init=False, repr=False, compare=False)  # log odds of an option to which no model adds

    def __post_init__(self) -> None:
        table, points = self._tabulate()
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "points", points)
        base = logit(self.base_rate) if self.stacking is None else self.stacking.intercept
        object.__setattr__(self, "intercept", float(base))

    def calibrate(self, raw: np.ndarray) -> np.ndarray:
        """Return the probability that each model sees in its score, shape (models, options); NaN stays NaN."""
        return calibrate.calibrate_scores(self.table, self.points, np.ascontiguousarray(raw, np.float64))

    def consolidate(self, calibrated: np.ndarray, starts: np.ndarray | None = None) -> np.ndarray:
        """Pool calibrated scores, shape (models, options), into one score an option; NaN where no model has one.

        `starts` is as in `consolidation.consolidate`.
        """
        return pool(self.table, *self.pooling, calibrated, starts)

    @property
    def pooling(self) -> tuple[int, float]:
        """Number of the method for the kernel, and the intercept of the stacking."""
        if self.stacking is not None:
            return calibrate.STACKING, self.stacking.intercept
        return METHOD_NUMBERS["mean" if self.method == "stacking" else self.method], 0.0

    def _tabulate(self) -> tuple[np.ndarray, np.ndarray]:
        table, points = np.zeros(len(self.models), calibrate.MODEL), [np.zeros((2, 0))]
        for row, model in zip(table, self.models, strict=True):
            calibration, load = model.calibration, model.calibration.load
            mean, deviation = (0.0, 1.0) if load is None else load.scales[calibration.axis]
            row["slope"] = calibration.slope / deviation if deviation > FLAT else 0.0
            row["intercept"] = calibration.intercept - row["slope"] * mean
            row["weight"] = model.weight
            row["axis"] = AXES.index("log_odds" if load is None else calibration.axis)
            if load is not None:
                row["floor"] = load.floor
                row["first"] = sum(part.shape[1] for part in points)
                points.append(np.array([load.scores, load.levels]))
                row["end"] = row["first"] + len(load.scores)
        if self.stacking is not None:
            self.stacking.tabulate(table)
        return table, np.concatenate(points, axis=1)

    @property
    def multiplies_odds(self) -> bool:
        """Whether multipliers of single models multiply the odds of their scores."""
        return self.stacking is not None or self.method == "log_pool"


def build_consolidator(
    policy: Policy, loads: Mapping[str, Load], fit: ConsolidationFit | None, base_rate: float
) -> Consolidator:
    """Build the consolidator of a policy.

    Parameters
    ----------
    policy
        It states models, weights, directions and method.
    loads
        How the scores of each model are spread, by name.
    fit
        The policy's, None before the first. A model that it does not know, or knows in the other direction, is
        calibrated around the base rate and stacked with its stated weight.
    base_rate
        The tenant's win rate, in (0, 1).

    """
    known = {} if fit is None else fit.models
    fitted = {name: _fitting(known.get(name), settings, loads.get(name)) for name, settings in policy.models.items()}
    models = tuple(
        Model(name, settings.weight, _calibration(fitted[name], settings, loads.get(name), base_rate))
        for name, settings in policy.models.items()
    )
    stacking = None
    if fit is not None and fit.intercept is not None and policy.consolidation == "stacking":
        stacking = _stacking(policy, fitted, fit.intercept, base_rate)
    method: Method = "mean" if policy.consolidation == "stacking" and stacking is None else policy.consolidation
    return Consolidator(models=models, method=method, stacking=stacking, base_rate=base_rate)


def _fitting(fitted: FittedModel | None, settings: ModelSettings, load: Load | None) -> FittedModel | None:
    """Return a model's fit where it suits the policy's direction and the model's scores."""
    if fitted is None or fitted.lower_is_better != (settings.direction == "lower_is_better"):
        return None
    return fitted if load is None or fitted.axis in load.scales else None


def _calibration(fitted: FittedModel | None, settings: ModelSettings, load: Load | None, base: float) -> Calibration:
    lower = settings.direction == "lower_is_better"
    if load is None:
        return identity(lower_is_better=lower)
    if fitted is None:
        return standard_line(load, base, lower_is_better=lower)
    if fitted.slope is None or fitted.intercept is None:
        return standard_line(load, base, lower_is_better=lower, axis=fitted.axis, centre=fitted.centre)
    return Calibration(method="platt", slope=fitted.slope, intercept=fitted.intercept, axis=fitted.axis, load=load)


def _stacking(policy: Policy, fitted: Mapping[str, FittedModel | None], intercept: float, base_rate: float) -> Stacking:
    """Return the stacking of the policy's models, those without a coefficient with their stated weight."""
    whole = sum(settings.weight for settings in policy.primary_models.values())
    coefficients, means = [], []
    used = np.array([settings.weight > 0 for settings in policy.models.values()])
    for name, settings in policy.models.items():
        if settings.is_fallback:  # alone it gives its own probability
            coefficients.append(1.0)
            means.append(intercept)
            continue
        found = fitted[name]
        own = found.coefficient if found is not None and settings.weight > 0 else None
        coefficients.append(settings.weight / whole if own is None else own)
        means.append(float(logit(base_rate)) if found is None or own is None else found.mean)
    return Stacking(coefficients=np.array(coefficients), used=used, means=np.array(means), intercept=intercept)
