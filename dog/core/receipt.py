"""The receipt of a recommendation: every factor and what it was made from; the factors multiply to the score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dog.core.learning.evidence import Evidence
from dog.core.learning.priors import Priors
from dog.core.learning.reinforcement import reinforce
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.pipeline import Model, Scored


@dataclass(frozen=True, slots=True)
class Performance:
    """What the performance multiplier of some options is made from, arrays of shape (options,)."""

    wins: np.ndarray
    pitches: np.ndarray
    evidence_wins: np.ndarray
    evidence_pitches: np.ndarray
    win_rate: np.ndarray
    prior: np.ndarray
    neutral: np.ndarray
    curve: np.ndarray
    explore: np.ndarray
    step: np.ndarray
    value: np.ndarray
    recursions: int

    def describe(self) -> list[dict[str, Any]]:
        """Tell each option's numbers; the one of `arm` and `drm` that does not apply is null."""
        curves, rises = self.curve.tolist(), (self.win_rate >= self.neutral).tolist()
        columns: dict[str, list[Any]] = {
            "wins": self.wins.tolist(),
            "pitches": self.pitches.tolist(),
            "evidence_wins": self.evidence_wins.tolist(),
            "evidence_pitches": self.evidence_pitches.tolist(),
            "win_rate": self.win_rate.tolist(),
            "prior": self.prior.tolist(),
            "neutral": self.neutral.tolist(),
            "arm": [curve if rise else None for curve, rise in zip(curves, rises, strict=True)],
            "drm": [None if rise else curve for curve, rise in zip(curves, rises, strict=True)],
            "explore": self.explore.tolist(),
            "step": self.step.tolist(),
            "recursions": [self.recursions] * len(curves),
            "multiplier": self.value.tolist(),
        }
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def explain_performance(
    products: np.ndarray,
    pairs: np.ndarray,
    values: np.ndarray,
    priors: Priors,
    recursions: int,
    settings: Reinforcement,
) -> Performance:
    """Retrace the performance multipliers of some options from their evidence.

    Parameters
    ----------
    products
        Product number of each option, shape (options,).
    pairs
        The version's record of each option (all zeros where it has none), shape (options,).
    values
        The multipliers in force, shape (options,): what remains between them and curve x explore is the step.
    priors
        The version's.
    recursions
        Recursions applied to the contact.
    settings
        The version's.

    Returns
    -------
    All numbers, curve x explore x step = value to the last bit but one.

    """
    evidence = Evidence(
        pairs["evidence_wins"],
        pairs["evidence_pitches"],
        pairs["evidence_expected"],
        pairs["evidence_scored"].astype(np.float64),
    )
    known = np.where(pairs["wins"] + pairs["losses"] + pairs["pending"] > 0, recursions, 0)
    places = np.minimum(products, len(priors.product_rates) - 1)
    retraced = reinforce(places, evidence, priors, known, np.nan, settings)
    target = retraced.curve * retraced.explore
    step = np.divide(values, target, out=np.ones(len(values)), where=target > 0)
    return Performance(
        pairs["wins"],
        pairs["wins"].astype(np.int64) + pairs["losses"] + pairs["pending"],
        evidence.wins,
        evidence.pitches,
        retraced.win_rate,
        retraced.prior,
        retraced.neutral,
        retraced.curve,
        retraced.explore,
        step,
        values,
        recursions,
    )


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
"""What is told where no multipliers have been published yet."""


def describe_models(
    scored: Scored, raw: np.ndarray, models: Sequence[Model], chosen: np.ndarray
) -> list[dict[str, dict[str, Any]]]:
    """Tell what each model that is present says of each of the chosen options."""
    told: list[dict[str, dict[str, Any]]] = [{} for _ in chosen]
    columns = (values.take(chosen, axis=1).tolist() for values in (raw, scored.calibrated, scored.by_model))
    for model, *said in zip(models, *columns, strict=True):
        name, weight, method = model.name, model.weight, model.calibration.method
        for factors, score, calibrated, multiplier in zip(told, *said, strict=True):
            if score == score:  # noqa: PLR0124  # NaN: the model says nothing of the option
                factors[name] = {
                    "raw": score,
                    "calibrated": calibrated,
                    "weight": weight,
                    "multiplier": multiplier,
                    "calibration": method,
                }
    return told


SAID = (
    ("streak", "your feedback"),
    ("discomfort", "discomfort"),
    ("market", "the market"),
    ("business", "business needs"),
)


def rationale(factors: Mapping[str, Any], base: float) -> str:
    """Say in one plain sentence what speaks for the option: its strongest model and its largest factors."""
    models = factors["models"]
    performance = factors["performance"]
    parts = []
    if models:
        says = [said["weight"] * said["calibrated"] for said in models.values()]
        strongest = list(models)[says.index(max(says))]
        chance = factors["consolidated"]
        level = f"{chance / base:.1f} times the usual chance" if base > 0 else f"a chance of {chance:.0%}"
        parts.append(f"the models see {level}, {strongest} above all")
    if performance["pitches"]:
        won = f"won {performance['wins']} of {performance['pitches']} pitches so far"
        parts.append(f"{won}, which with its product's record {_moves(performance['multiplier'])}")
    elif abs(performance["multiplier"] - 1) > 0.02:
        known = performance["arm"] != 1 if performance["drm"] is None else performance["drm"] != 1
        why = "its product's record" if known else "the benefit of the doubt"
        parts.append(f"not pitched yet, and {why} {_moves(performance['multiplier'])}")
    if not factors["streak"] == factors["discomfort"] == factors["market"] == factors["business"] == 1:
        parts += [f"{word} {_moves(factors[name])}" for name, word in SAID if abs(factors[name] - 1) > 0.005]
    for rule in factors["rules"]:
        if rule["factor"] != 1:
            parts.append(f"rule {rule['id']} {_moves(rule['factor'])}")
    sentence = "; ".join(parts) or "nothing is known of it yet"
    return sentence[0].upper() + sentence[1:] + "."


@lru_cache(maxsize=4096)  # rules and products move many lists by the same few factors
def _moves(factor: float) -> str:
    return (
        f"lifts it x{factor:.2f}"
        if factor > 1.005
        else f"lowers it x{factor:.2f}"
        if factor < 0.995
        else "leaves it as it is"
    )
