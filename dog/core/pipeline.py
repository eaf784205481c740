"""What happens to a request, in which order.

scores of the models -> calibrate -> multiply (constituent models) -> consolidate
    -> multiply (performance, streak, discomfort, market, business, clamp)
    -> rules (exclude, multiply, limit) -> rank (cap, exclusive, pin; k or all) -> receipt
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.calibration import Calibration, probabilities
from dog.core.consolidation import Method, consolidate
from dog.core.influences import Influences

STREAK_BOUNDS = (0.25, 4.0)
"""Between these the product of performance and streak is kept."""


@dataclass(frozen=True, slots=True)
class Model:
    """One constituent model as a policy uses it."""

    name: str
    weight: float
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Targets:
    """Where each trigger's multiplier is applied: `consolidated` or a model's name."""

    performance: str = "consolidated"
    market: str = "consolidated"
    business: str = "consolidated"


@dataclass(frozen=True, slots=True)
class Scored:
    """All factors of every option before the rules, arrays of shape (options,) or (models, options).

    `score` = `consolidated` x `performance` x `streak` x `discomfort` x `market` x `business` x `clamp`;
    a trigger that is applied to a model stands in `by_model` and is 1 here.
    """

    calibrated: np.ndarray
    by_model: np.ndarray
    plain: np.ndarray  # consolidated as if no model had a multiplier
    consolidated: np.ndarray
    performance: np.ndarray
    streak: np.ndarray
    discomfort: np.ndarray
    market: np.ndarray
    business: np.ndarray
    clamp: np.ndarray
    score: np.ndarray


def score_options(
    raw: np.ndarray,
    models: Sequence[Model],
    method: Method,
    performance: np.ndarray,
    influences: Influences,
    rationales: Mapping[str, float],
    targets: Targets,
) -> Scored:
    """Score every option, up to the rules.

    Parameters
    ----------
    raw
        The models' scores as they came, shape (models, options); NaN where a model has none.
    models
        Name, weight and calibration of each row of `raw`.
    method
        How they are consolidated.
    performance
        Reinforcement multiplier of each option, above 0, shape (options,).
    influences
        What verdicts do to each option.
    rationales
        Multiplier of each model whose rationale was refused or accepted.
    targets
        Where the triggers' multipliers are applied.

    Returns
    -------
    All factors; `score` is NaN where no model says anything.

    """
    calibrated = probabilities(raw, [model.calibration for model in models])
    by_model = np.ones_like(raw)
    for row, model in enumerate(models):
        if model.name in rationales:
            by_model[row] *= rationales[model.name]
    triggered = {"performance": performance, "market": influences.market, "business": influences.business}
    ones = np.ones(raw.shape[1])
    for trigger, values in triggered.items():
        target = getattr(targets, trigger)
        for row, model in enumerate(models):
            if model.name == target:
                by_model[row] *= values
                triggered[trigger] = ones
    weights = np.array([model.weight for model in models])
    plain = consolidate(calibrated, weights, method)
    touched = bool((by_model != 1).any())
    consolidated = consolidate(calibrated * by_model, weights, method) if touched else plain
    together = triggered["performance"] * influences.streak
    clamp = np.clip(together, *STREAK_BOUNDS) / together
    score = (
        consolidated
        * triggered["performance"]
        * influences.streak
        * influences.discomfort
        * triggered["market"]
        * triggered["business"]
        * clamp
    )
    return Scored(
        calibrated,
        by_model,
        plain,
        consolidated,
        triggered["performance"],
        influences.streak,
        influences.discomfort,
        triggered["market"],
        triggered["business"],
        clamp,
        score,
    )
