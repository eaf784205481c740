"""The receipt of a recommendation: its factors, which multiply to the score, and what they were made from."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dog.core.consolidator import Model
from dog.core.learning.evidence import stored_evidence
from dog.core.learning.priors import Priors
from dog.core.learning.reinforcement import reinforce
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.pipeline import Scored


def describe_performance(
    products: np.ndarray,
    pairs: np.ndarray,
    values: np.ndarray,
    priors: Priors,
    recursions: int,
    settings: Reinforcement,
) -> list[dict[str, Any]]:
    """Return the performance factors of some options of one contact, with the evidence that they were made from.

    Parameters
    ----------
    products
        Product number of each option, shape (options,).
    pairs
        The version's record of each option (all zeros where it has none), shape (options,).
    values
        The active multipliers, shape (options,).
    priors, settings
        The version's.
    recursions
        Recursions applied to the contact.

    Returns
    -------
    One row per option: (`arm` or `drm`) x `explore` x `step` = `multiplier` to the last bit but one; of `arm` and `drm`
    the one that does not apply is None.

    """
    evidence = stored_evidence(pairs)
    pitches = pairs["wins"].astype(np.int64) + pairs["losses"] + pairs["pending"]
    places = np.minimum(products, len(priors.product_rates) - 1)
    found = reinforce(places, evidence, priors, np.where(pitches > 0, recursions, 0), np.nan, settings)
    target = found.curve * found.explore
    step = np.divide(values, target, out=np.ones(len(values)), where=target > 0)
    curves, rises = found.curve.tolist(), (found.win_rate >= found.neutral).tolist()
    columns: dict[str, list[Any]] = {
        "wins": pairs["wins"].tolist(),
        "pitches": pitches.tolist(),
        "evidence_wins": evidence.wins.tolist(),
        "evidence_pitches": evidence.pitches.tolist(),
        "win_rate": found.win_rate.tolist(),
        "prior": found.prior.tolist(),
        "neutral": found.neutral.tolist(),
        "arm": [curve if rise else None for curve, rise in zip(curves, rises, strict=True)],
        "drm": [None if rise else curve for curve, rise in zip(curves, rises, strict=True)],
        "explore": found.explore.tolist(),
        "step": step.tolist(),
        "recursions": [recursions] * len(curves),
        "multiplier": values.tolist(),
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


NO_PERFORMANCE: Mapping[str, Any] = {
    "wins": 0,
    "pitches": 0,
    "evidence_wins": 0.0,
    "evidence_pitches": 0.0,
    "win_rate": None,
    "prior": None,
    "neutral": None,
    "arm": 1.0,
    "drm": None,
    "explore": 1.0,
    "step": 1.0,
    "recursions": 0,
    "multiplier": 1.0,
}
"""The factors before the first multiplier version."""


def describe_models(
    scored: Scored, raw: np.ndarray, models: Sequence[Model], chosen: np.ndarray
) -> list[dict[str, dict[str, Any]]]:
    """Return the scores of each model that has one, for each of the chosen options."""
    described: list[dict[str, dict[str, Any]]] = [{} for _ in chosen]
    columns = (rows.take(chosen, axis=1).tolist() for rows in (raw, scored.calibrated, scored.by_model))
    for model, *values in zip(models, *columns, strict=True):
        name, weight, method = model.name, model.weight, model.calibration.method
        for factors, score, calibrated, multiplier in zip(described, *values, strict=True):
            if score == score:  # noqa: PLR0124  # NaN: the model has no score
                factors[name] = {
                    "raw": score,
                    "calibrated": calibrated,
                    "weight": weight,
                    "multiplier": multiplier,
                    "calibration": method,
                }
    return described
