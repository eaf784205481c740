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
from dog.core.verdicts.verdict_multipliers import Influences

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
    triggered = {"performance": performance, "market": influences.market, "business": influences.business}
    by_model = _by_model(raw.shape, models, rationales, triggered, targets)
    weights = np.array([model.weight for model in models])
    plain = consolidate(calibrated, weights, method)
    consolidated = plain if by_model is None else consolidate(calibrated * by_model, weights, method)
    together = triggered["performance"] * influences.streak
    clamp = np.minimum(np.maximum(together, STREAK_BOUNDS[0]), STREAK_BOUNDS[1]) / together
    score = consolidated * triggered["performance"]
    for factor in (influences.streak, influences.discomfort, triggered["market"], triggered["business"], clamp):
        score *= factor
    return Scored(
        calibrated,
        np.ones(raw.shape) if by_model is None else by_model,
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


def _by_model(
    shape: tuple[int, ...],
    models: Sequence[Model],
    rationales: Mapping[str, float],
    triggered: dict[str, np.ndarray],
    targets: Targets,
) -> np.ndarray | None:
    """Multiply what is applied to a model's scores, and take it out of `triggered`; None where nothing is."""
    by_model = None
    for row, model in enumerate(models):
        factors: list[np.ndarray | float] = [rationales[model.name]] if model.name in rationales else []
        for trigger in [name for name in triggered if getattr(targets, name) == model.name]:
            factors.append(triggered[trigger])
            triggered[trigger] = np.ones(shape[1])
        for factor in factors:
            by_model = np.ones(shape) if by_model is None else by_model
            by_model[row] *= factor
    return by_model
