"""Random consolidators, and scores with ties, without values and beyond all bounds."""

import numpy as np

from dog.core.calibration import Calibration, identity, standard_line
from dog.core.consolidation import METHODS, Stacking
from dog.core.consolidator import Consolidator, Model
from dog.core.describe_load import describe_load
from dog.core.kernels import explain


def random_calibration(random: np.random.Generator) -> Calibration:
    """Return one of a random kind, axis and direction; some loads hold one score only."""
    lower = bool(random.random() < 0.5)
    if random.random() < 0.2:
        return identity(lower_is_better=lower)
    low, size = random.choice([0.0, 1e-3, -3.0]), int(random.integers(1, 80))
    load = describe_load(random.uniform(low, random.choice([1.0, 50.0]), size).round(int(random.integers(1, 6))))
    axis = list(load.scales)[random.integers(len(load.scales))]
    if random.random() < 0.5:
        return standard_line(load, 0.1, lower_is_better=lower, axis=axis, centre=float(random.normal()))
    slope, intercept = random.normal(size=2).tolist()
    return Calibration(method="platt", slope=slope, intercept=intercept, axis=axis, load=load)


def random_consolidator(random: np.random.Generator, method: str | None = None) -> Consolidator:
    """Return one of up to five models, some without weight."""
    count = int(random.integers(1, 6))
    weights = random.choice([0.0, 0.5, 1.0, 3.0], count)
    models = tuple(Model(f"m{row}", float(weight), random_calibration(random)) for row, weight in enumerate(weights))
    chosen = method or METHODS[random.integers(len(METHODS))]
    if chosen != "stacking":
        return Consolidator(models=models, method=chosen)  # type: ignore[arg-type]  # one of METHODS
    stacking = Stacking(
        coefficients=random.uniform(0, 1, count), used=weights > 0, means=random.normal(size=count), intercept=-1.5
    )
    return Consolidator(models=models, method="stacking", stacking=stacking)


def random_scores(random: np.random.Generator, *shape: int) -> np.ndarray:
    """Return scores of which some are equal, some missing, some far out."""
    scores = random.choice([random.uniform(-1, 3, shape), random.integers(0, 5, shape) / 4], axis=0)
    scores[random.random(shape) < 0.05] = random.choice([0.0, 1.0, -1e9, 1e9])
    scores[random.random(shape) < 0.2] = np.nan
    return np.asarray(scores)


def shares_of(consolidator: Consolidator, calibrated: np.ndarray, multipliers: np.ndarray) -> np.ndarray:
    """Return what each model adds to the log odds of the consolidated score, shape (models, options)."""
    method, base_rate, intercept = consolidator.pooling[0], consolidator.base_rate, consolidator.intercept
    return explain.model_shares(consolidator.table, method, base_rate, intercept, calibrated, multipliers)
