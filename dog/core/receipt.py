"""The receipt of a recommendation: its factors, which multiply to the score, and what they were made from."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dog.core.consolidator import Consolidator
from dog.core.kernels import explain
from dog.core.learning.evidence import stored_evidence, weighed_evidence
from dog.core.learning.priors import Priors
from dog.core.learning.reinforcement import reinforce
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.trust import PRIOR_TRUST
from dog.core.pipeline import Scored


def performance_columns(
    products: np.ndarray,
    pairs: np.ndarray,
    values: np.ndarray,
    priors: Priors,
    recursions: int,
    settings: Reinforcement,
) -> dict[str, list[Any]]:
    """Return the performance factors of some pairs of one contact, with the evidence that they were made from.

    Parameters
    ----------
    products
        Product number of each pair, shape (pairs,).
    pairs
        The version's record of each pair (all zeros where it has none), shape (pairs,).
    values
        The active multipliers as the version holds them: factors on odds where the settings say so.
    priors, settings
        The version's.
    recursions
        Recursions applied to the contact.

    Returns
    -------
    Columns, each of shape (pairs,): (`arm` or `drm`) x `explore` x `step` = `multiplier` to the last bit but one; of
    `arm` and `drm` the one that does not apply is None. By expected wins `multiplier` is `odds`, the factor on the
    odds, until a score is known.

    """
    evidence, weighed = stored_evidence(pairs), weighed_evidence(pairs)
    pitches = pairs["wins"].astype(np.int64) + pairs["losses"] + pairs["pending"]
    places = np.minimum(products, len(priors.product_rates) - 1)
    found = reinforce(places, weighed, priors, np.where(pitches > 0, recursions, 0), np.nan, settings)
    target = found.curve * found.explore
    rises = found.curve >= 1 if settings.neutral == "expected" else found.win_rate >= found.neutral
    curves = found.curve.tolist()
    return {
        "wins": pairs["wins"].tolist(),
        "pitches": pitches.tolist(),
        "evidence_wins": evidence.wins.tolist(),
        "evidence_pitches": evidence.pitches.tolist(),
        "evidence_expected": evidence.expected_wins(priors.global_rate).tolist(),
        "expected": found.expected.tolist(),
        "product_ratio": found.product_ratio.tolist(),
        "pair_ratio": found.pair_ratio.tolist(),
        "win_rate": found.win_rate.tolist(),
        "prior": found.prior.tolist(),
        "neutral": found.neutral.tolist(),
        "arm": [curve if rise else None for curve, rise in zip(curves, rises.tolist(), strict=True)],
        "drm": [None if rise else curve for curve, rise in zip(curves, rises.tolist(), strict=True)],
        "explore": found.explore.tolist(),
        "odds": values.tolist() if settings.on_odds else [None] * len(values),
        "step": np.divide(values, target, out=np.ones(len(values)), where=target > 0).tolist(),
        "recursions": [recursions] * len(values),
        "multiplier": values.tolist(),
    }


BY_WIN_RATE = frozenset({"win_rate", "prior", "neutral", "arm", "drm"})
BY_EXPECTED = frozenset({"evidence_expected", "expected", "product_ratio", "pair_ratio"})


def as_shown(columns: Mapping[str, Any], settings: Reinforcement) -> dict[str, Any]:
    """Return those of `performance_columns` that a receipt shows; its `multiplier` depends on the score."""
    by_odds = BY_EXPECTED if settings.on_odds else BY_EXPECTED | {"odds"}
    hidden = BY_WIN_RATE if settings.neutral == "expected" else by_odds
    return {name: values for name, values in columns.items() if name not in hidden}


def describe_trust(trust: tuple[float, float]) -> dict[str, float]:
    """Return the trust in products and in pairs as a receipt shows it."""
    return dict(zip(("product", "pair"), trust, strict=True))


def no_performance(settings: Reinforcement) -> dict[str, Any]:
    """Return the factors before the first multiplier version, and of contacts without multipliers."""
    shared = {"wins": 0, "pitches": 0, "evidence_wins": 0.0, "evidence_pitches": 0.0}
    factors = {"explore": 1.0, "step": 1.0, "recursions": 0, "multiplier": 1.0}
    if settings.neutral != "expected":
        return {**shared, "win_rate": None, "prior": None, "neutral": None, "arm": 1.0, "drm": None, **factors}
    trust = describe_trust(settings.fixed_trust or (PRIOR_TRUST, PRIOR_TRUST))
    ratios = {"evidence_expected": 0.0, "expected": 0.0, "product_ratio": 1.0, "pair_ratio": 1.0, "trust": trust}
    return {**shared, **ratios, "odds": 1.0, **factors}


def applied_to_model(document: Mapping[str, Any], target: str) -> dict[str, Any]:
    """Return a receipt's factors where the multiplier is applied to a model: it is part of that model's factors."""
    neutral = {"arm": 1.0, "drm": None, "explore": 1.0, "step": 1.0, "odds": 1.0, "multiplier": 1.0}
    return {**document, **{name: value for name, value in neutral.items() if name in document}, "applied_to": target}


def option_numbers(
    scored: Scored,
    raw: np.ndarray,
    consolidator: Consolidator,
    chosen: np.ndarray,
    final: tuple[np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """Return the numbers of chosen options as `explain_options` does, shape (chosen, columns).

    `final` are the scores of all options after the rules, and what they are ranked by; None before the rules.
    """
    method, base_rate, intercept = consolidator.pooling[0], consolidator.base_rate, consolidator.intercept
    return explain.explain_options(
        consolidator.table,
        method,
        base_rate,
        intercept,
        chosen,
        raw,
        scored.calibrated,
        scored.by_model,
        scored.factors,
        *(final or (scored.score, scored.score)),
    )


def describe_models(
    scored: Scored, raw: np.ndarray, consolidator: Consolidator, chosen: np.ndarray
) -> list[dict[str, dict[str, Any]]]:
    """Return the scores of each model that has one, for each of the chosen options."""
    described: list[dict[str, dict[str, Any]]] = [{} for _ in chosen]
    numbers = option_numbers(scored, raw, consolidator, chosen)[:, len(explain.NUMBERS) :]
    columns = numbers.T.reshape(len(consolidator.models), len(explain.OF_MODEL), len(chosen)).tolist()
    for model, rows in zip(consolidator.models, columns, strict=True):
        for factors, score, chance, multiplier, share in zip(described, *rows, strict=True):
            if score == score:  # noqa: PLR0124  # NaN: the model has no score
                factors[model.name] = {
                    "raw": score,
                    "calibrated": chance,
                    "weight": model.weight,
                    "multiplier": multiplier,
                    "share": share,
                    "calibration": model.calibration.method,
                }
    return described


def strongest_model(models: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the model that adds most to an option's score, of those in its receipt; None where there is none."""

    def adds(name: str) -> float:
        model = models[name]
        share = model.get("share")  # receipts of rrf and of earlier releases have none
        if share is None or share != share:  # noqa: PLR0124  # NaN
            share = model["weight"] * model["calibrated"]
        return float(share)

    return max(models, key=adds, default=None)
