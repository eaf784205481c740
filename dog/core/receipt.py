"""The receipt of a recommendation: its factors, which multiply to the score, and what they were made from."""

from collections.abc import Mapping
from math import isnan
from typing import Any, NamedTuple

import numpy as np

from dog.core.consolidator import Consolidator
from dog.core.kernels import explain
from dog.core.kernels.look_up_pairs import (
    EXPECTED,
    PART_EXPECTED,
    PART_PITCHES,
    PART_SCORED,
    PITCHES,
    WINS,
    recorded_pairs,
)
from dog.core.kernels.weigh_pairs import (
    EXPECTED_WINS,
    NEUTRAL,
    PAIR_RATIO,
    PRIOR,
    PRODUCT_RATIO,
    expected_wins_of_pairs,
)
from dog.core.learning.evidence import Evidence
from dog.core.learning.priors import Priors
from dog.core.learning.reinforcement import Curves, read_curves
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.trust import PRIOR_TRUST
from dog.core.pipeline import Scored


class ExplainedPairs(NamedTuple):
    """What the performance factors of some pairs of one contact were made from, arrays of shape (pairs,)."""

    counts: np.ndarray  # wins and pitches, shape (2, pairs)
    evidence: dict[str, np.ndarray]
    scored: np.ndarray  # scores at pitch time summed, and pitches that carry one, shape (2, pairs)
    curves: Curves
    steps: dict[str, np.ndarray]
    values: np.ndarray  # the active multipliers
    recursions: int
    global_rate: float
    settings: Reinforcement


def explain_pairs(
    products: np.ndarray,
    pairs: np.ndarray,
    places: np.ndarray,
    values: np.ndarray,
    priors: Priors,
    recursions: int,
    settings: Reinforcement,
) -> ExplainedPairs:
    """Return what the performance factors of some pairs of one contact were made from.

    Parameters
    ----------
    products
        Product number of each pair, shape (pairs,).
    pairs, places
        Records of the version, and the place of each pair's among them, -1 where it has none, shape (pairs,).
    values
        The active multipliers as the version holds them: factors on odds where the settings say so.
    priors, settings
        The version's.
    recursions
        Recursions applied to the contact.

    """
    table = recorded_pairs(np.ascontiguousarray(pairs), places)
    counts, wins, pitches = table[:WINS], table[WINS], table[PITCHES]
    weighed = Evidence(wins=wins, pitches=table[PART_PITCHES], expected=table[PART_EXPECTED], scored=table[PART_SCORED])
    applied = np.where(counts[1] > 0, recursions, 0) if recursions else 0
    numbers = np.minimum(products, len(priors.product_rates) - 1)
    curves = read_curves(numbers, weighed, priors, applied, settings)
    return ExplainedPairs(
        counts=counts,
        evidence={"evidence_wins": wins, "evidence_pitches": pitches},
        scored=table[EXPECTED:PART_PITCHES],
        curves=curves,
        steps={
            "explore": curves.explore,
            "odds": values if settings.on_odds else np.full(len(values), np.nan),
            "step": values / (curves.curve * curves.explore),
        },
        values=values,
        recursions=recursions,
        global_rate=priors.global_rate,
        settings=settings,
    )


def performance_columns(found: ExplainedPairs) -> dict[str, list[Any]]:
    """Return the performance factors of pairs, with the evidence that they were made from.

    Returns
    -------
    Columns, each of shape (pairs,): (`arm` or `drm`) x `explore` x `step` = `multiplier` to the last bit but one; of
    `arm` and `drm` the one that does not apply is None. By expected wins `multiplier` is `odds`, the factor on the
    odds, until a score is known.

    """
    wins, pitches = (counts.astype(np.int64).tolist() for counts in found.counts)
    columns = {**found.evidence, **_by_expected(found), **_by_win_rate(found), **found.steps}
    return {
        "wins": wins,
        "pitches": pitches,
        **{name: [None if isnan(one) else one for one in column.tolist()] for name, column in columns.items()},
        "recursions": [found.recursions] * len(found.values),
        "multiplier": found.values.tolist(),
    }


BY_EXPECTED = ("evidence_expected", "expected", "product_ratio", "pair_ratio")
BY_WIN_RATE = ("win_rate", "prior", "neutral", "arm", "drm")


def shown_names(settings: Reinforcement) -> tuple[str, ...]:
    """Return the names of those of `performance_columns` that a receipt shows, in its order.

    Without `recursions` and `multiplier`, which depend on the contact and the list.
    """
    by_expected = settings.neutral == "expected"
    compared = BY_EXPECTED if by_expected else BY_WIN_RATE
    odds = ("odds",) if by_expected or settings.on_odds else ()
    return ("wins", "pitches", "evidence_wins", "evidence_pitches", *compared, "explore", *odds, "step")


def shown_factors(found: ExplainedPairs) -> dict[str, np.ndarray]:
    """Return the columns of `shown_names`, NaN where one does not apply."""
    by_expected = found.settings.neutral == "expected"
    columns = {
        "wins": found.counts[0],
        "pitches": found.counts[1],
        **found.evidence,
        **(_by_expected(found) if by_expected else _by_win_rate(found)),
        **found.steps,
    }
    return {name: columns[name] for name in shown_names(found.settings)}


def _by_expected(found: ExplainedPairs) -> dict[str, np.ndarray]:
    """Return what wins were compared with, by expected wins."""
    weighed, (expected, scored) = found.curves.weighed, found.scored
    pitches = found.evidence["evidence_pitches"]
    return {
        "evidence_expected": expected_wins_of_pairs(pitches, expected, scored, found.global_rate),
        "expected": weighed[EXPECTED_WINS],
        "product_ratio": weighed[PRODUCT_RATIO],
        "pair_ratio": weighed[PAIR_RATIO],
    }


def _by_win_rate(found: ExplainedPairs) -> dict[str, np.ndarray]:
    """Return win rates, and their curve by whether it raises or lowers the score."""
    curves, win_rate = found.curves, found.curves.win_rate
    rises = curves.curve >= 1 if found.settings.neutral == "expected" else win_rate >= curves.weighed[NEUTRAL]
    return {
        "win_rate": win_rate,
        "prior": curves.weighed[PRIOR],
        "neutral": curves.weighed[NEUTRAL],
        "arm": np.where(rises, curves.curve, np.nan),
        "drm": np.where(rises, np.nan, curves.curve),
    }


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
