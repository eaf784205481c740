"""A policy's consolidator: from the models' raw scores of options to one probability each, at pitch time and later."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dog.core.calibration import Calibration, probabilities, read_calibration
from dog.core.consolidation import Method, consolidate
from dog.core.policy.policy import Policy


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

    """

    models: tuple[Model, ...]
    method: Method

    def calibrate(self, raw: np.ndarray) -> np.ndarray:
        """Return the probability that each model sees in its score, shape (models, options); NaN stays NaN."""
        return probabilities(raw, [model.calibration for model in self.models])

    def consolidate(
        self, calibrated: np.ndarray, starts: np.ndarray | None = None, multipliers: np.ndarray | None = None
    ) -> np.ndarray:
        """Pool calibrated scores, shape (models, options), into one score an option; NaN where no model has one.

        `starts` is as in `consolidation.consolidate`; `multipliers` are those of single models, shape
        (models, options), None where all are 1.
        """
        scores = calibrated if multipliers is None else calibrated * multipliers
        return consolidate(scores, np.array([model.weight for model in self.models]), self.method, starts)


def build_consolidator(policy: Policy, records: Mapping[str, Mapping[str, Any]], base_rate: float) -> Consolidator:
    """Build the consolidator of a policy from the records of the models, by name, and the tenant's win rate."""
    models = tuple(
        Model(
            name,
            model.weight,
            read_calibration(records.get(name), base_rate, lower_is_better=model.direction == "lower_is_better"),
        )
        for name, model in policy.models.items()
    )
    method: Method = "mean" if policy.consolidation == "stacking" else policy.consolidation
    return Consolidator(models=models, method=method)
