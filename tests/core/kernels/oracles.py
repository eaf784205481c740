"""The arithmetic of the kernels as plain formulas over whole arrays: what the kernels are held to."""

import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from dog.core.calibration import Calibration
from dog.core.consolidation import Stacking
from dog.core.consolidator import Consolidator
from dog.core.log_odds import CLIP, clipped_log_odds, expit, odds_multiplier
from dog.core.pipeline import PolicyPlan, RankInputs
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.effect_context import EventCounts
from dog.core.rulebook.limit import Limit
from dog.core.rulebook.multiply import Multiply
from dog.core.rulebook.rulebook import Rulebook
from dog.core.score_axes import FLAT, axis_values

HIGHEST = 1.0 - CLIP
RRF_K = 60
ACCEPT, DISCARD = 1.25, 0.5
"""Multipliers that endless runs of verdicts tend to."""


@cache
def has_exact_bits() -> bool:
    """Return whether numpy's exp and log are those of the C library, which kernels call; not so with AVX-512."""
    values = np.random.default_rng(1).uniform(0, 1, 10_000)
    pairs = ((np.exp, math.exp), (np.log, math.log), (np.log1p, math.log1p))
    return all(own(values).tolist() == list(map(of_one, values.tolist())) for own, of_one in pairs)


def assert_same(found: Any, expected: Any) -> None:
    """Assert equal bits, or closeness where numpy uses other functions than the C library's."""
    if has_exact_bits():
        np.testing.assert_array_equal(found, expected)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def calibrated(scores: np.ndarray, calibration: Calibration) -> np.ndarray:
    """Return sigmoid(slope x place + intercept), the place on the axis standardised within the load."""
    load = calibration.load
    with np.errstate(over="ignore"):
        if load is None:
            return expit(calibration.slope * clipped_log_odds(scores) + calibration.intercept)
        mean, deviation = load.scales[calibration.axis]
        slope = calibration.slope / deviation if deviation > FLAT else 0.0
        places = axis_values(scores, load, calibration.axis)
        return expit(places * slope + (calibration.intercept - slope * mean))


def shares(consolidator: Consolidator, scores: np.ndarray, multipliers: np.ndarray) -> np.ndarray:
    """Return what each model adds to the log odds of the consolidated score, shape (models, options)."""
    if consolidator.method == "rrf":
        return np.full(scores.shape, np.nan)
    if (stacking := consolidator.stacking) is not None:
        apart = clipped_log_odds(scores) + np.log(multipliers) - stacking.means[:, None]
        return np.asarray(stacking.coefficients[:, None] * np.where(np.isnan(apart), 0.0, apart))
    present, base_rate = ~np.isnan(scores), consolidator.base_rate
    weighed = consolidator.table["weight"][:, None] * present
    total = weighed.sum(axis=0)
    share = np.divide(weighed, total, out=np.zeros(weighed.shape), where=total > 0)
    if consolidator.method == "log_pool":
        odds = clipped_log_odds(scores) + np.log(multipliers) - consolidator.intercept
        return np.asarray(share * np.where(present, odds, 0.0))
    apart = share * np.where(present, scores * multipliers - base_rate, 0.0)
    whole = apart.sum(axis=0)
    odds = clipped_log_odds(base_rate + whole) - consolidator.intercept
    flat = 1 / (base_rate * (1 - base_rate))
    return np.asarray(apart * np.divide(odds, whole, out=np.full(whole.shape, flat), where=np.abs(whole) > 1e-9))


def stacked(scores: np.ndarray, stacking: Stacking, multipliers: np.ndarray) -> np.ndarray:
    """Return sigmoid(intercept + sum of coefficient x (log odds - mean)) over the models that have a score."""
    apart = clipped_log_odds(scores) + np.log(multipliers) - stacking.means[:, None]
    terms = stacking.coefficients[:, None] * np.where(np.isnan(apart), 0.0, apart)
    known = (~np.isnan(scores) & stacking.used[:, None]).any(axis=0)
    return np.where(known, expit(stacking.intercept + terms.sum(axis=0)), np.nan)


def pooled(scores: np.ndarray, weights: np.ndarray, method: str, starts: np.ndarray) -> np.ndarray:
    """Return the weighted pool over the models that have a score; NaN where none with a weight has one."""
    present = ~np.isnan(scores)
    weighed = weights[:, None] * present
    total = weighed.sum(axis=0)
    share = np.divide(weighed, total, out=np.zeros_like(weighed), where=total > 0)
    if method == "rrf":
        found = (share * (RRF_K + 1) / (RRF_K + ranks(scores, starts))).sum(axis=0)
    elif method == "log_pool":
        found = expit((share * np.where(present, clipped_log_odds(scores), 0.0)).sum(axis=0))
    else:
        found = (share * np.where(present, scores, 0.0)).sum(axis=0)
    return np.where(total > 0, found, np.nan)


def ranks(scores: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Rank each model's options of each contact, 1 for the highest; equal scores share the better rank."""
    found = np.empty(scores.shape, np.int64)
    for first, last in pairwise(starts.tolist()):
        for row, own in zip(found, -scores[:, first:last], strict=True):
            row[first:last] = 1 + np.searchsorted(np.sort(own), own)
    return found


def consolidated(
    consolidator: Consolidator, scores: np.ndarray, starts: np.ndarray, multipliers: np.ndarray
) -> np.ndarray:
    """Pool calibrated scores, each times its model's multiplier: of the odds with stacking and logarithmic pool."""
    weights = np.array([model.weight for model in consolidator.models])
    if consolidator.stacking is not None:
        return stacked(scores, consolidator.stacking, multipliers)
    if consolidator.method == "log_pool" and (multipliers != 1.0).any():
        scores = expit(clipped_log_odds(scores) + np.log(multipliers))
    elif consolidator.method != "log_pool":
        scores = scores * multipliers
    return pooled(scores, weights, consolidator.method, starts)


def scored(plan: PolicyPlan, inputs: RankInputs) -> dict[str, np.ndarray]:
    """Return all factors of every option before the rules, by their names in `Scored`."""
    consolidator, verdicts, starts = plan.consolidator, inputs.verdicts, inputs.starts
    probabilities = np.array(
        [calibrated(row, model.calibration) for row, model in zip(inputs.raw, plan.models, strict=True)]
    )
    plain = consolidated(consolidator, probabilities, starts, np.ones(probabilities.shape))
    factors = {"performance": inputs.performance, "market": verdicts.market, "business": verdicts.business}
    by_model = np.ones(probabilities.shape)
    if inputs.rationales is not None:
        by_model = np.repeat(inputs.rationales, np.diff(starts), axis=1)
    for row, model in enumerate(plan.models):
        for name in ("performance", "market", "business"):
            if getattr(plan.targets, name) == model.name:
                by_model[row] = by_model[row] * factors[name]
                factors[name] = np.ones(len(plain))
    if plan.multiplies_odds and not consolidator.multiplies_odds:
        by_model = odds_multiplier(probabilities, by_model)
    together = consolidated(consolidator, probabilities, starts, by_model)
    performance = effective(plan, together, factors["performance"])
    product = performance * verdicts.streak
    clamp = np.minimum(np.maximum(product, plan.clamp[0]), plan.clamp[1]) / product
    score = together * performance * verdicts.streak * factors["market"] * factors["business"] * clamp
    order = score if inputs.order_odds is None else score * effective(plan, score, inputs.order_odds)
    if plan.multiplies_odds:
        limit = np.where(score > HIGHEST, HIGHEST / np.maximum(score, CLIP), 1.0)
        clamp, score = clamp * limit, score * limit
    return {
        "calibrated": probabilities,
        "by_model": by_model,
        "plain": plain,
        "consolidated": together,
        "performance": performance,
        "streak": verdicts.streak,
        "market": factors["market"],
        "business": factors["business"],
        "clamp": clamp,
        "score": score,
        "order": order,
    }


def effective(plan: PolicyPlan, score: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return the multiplier of each score by which its odds are multiplied by a factor, where the policy says so."""
    return odds_multiplier(score, factor) if plan.multiplies_odds else factor


def selected(
    scores: np.ndarray,
    candidates: Sequence[int],
    ties: np.ndarray,
    k: int,
    *,
    caps: Sequence[tuple[np.ndarray, int]] = (),
    pins: Sequence[tuple[int, np.ndarray]] = (),
) -> list[int]:
    """Return the k best candidates: pins first, then the rest by score, each unless it breaks a cap."""
    held: list[int] = []
    ordered = sorted(candidates, key=lambda option: (-scores[option], ties[option]))

    def admits(option: int) -> bool:
        return all(
            groups[option] < 0 or sum(groups[other] == groups[option] for other in held) < at_most
            for groups, at_most in caps
        )

    pinned: dict[int, int] = {}
    for rank, matches in pins:
        if rank <= k and rank not in pinned:
            for option in ordered:
                if matches[option] and option not in held and admits(option):
                    pinned[rank] = option
                    held.append(option)
                    break
    rest: list[int] = []
    for option in ordered:
        if len(held) < k and option not in held and admits(option):
            rest.append(option)
            held.append(option)
    for rank in sorted(pinned):
        rest.insert(rank - 1, pinned[rank])
    return rest


def rule_states(rulebook: Rulebook, frame: Frame, day: int) -> np.ndarray:
    """Return 0 (false), 1 (unknown) or 2 (true) by whole conditions over all options, shape (rules, options)."""
    states = np.zeros((len(rulebook.rules), frame.rows), np.int8)
    first, last = rulebook.days
    for number, it in enumerate(rulebook.rules):
        if first[number] <= day <= last[number]:
            yes, no = it.condition.masks(frame)
            states[number] = np.where(yes, 2, np.where(no, 0, 1))
    return states


def rule_effects(rulebook: Rulebook, states: np.ndarray, counts: EventCounts) -> tuple[np.ndarray, np.ndarray]:
    """Return the first rule that excludes each option, -1 where none does, and the product of the factors."""
    excluded_by, factor = np.full(states.shape[1], -1), np.ones(states.shape[1])
    for number, it in enumerate(rulebook.rules):
        effect, fires = it.rule.effect, states[number] == 2
        if isinstance(effect, Multiply):
            factor *= np.where(fires, effect.factor, 1.0)
        if isinstance(effect, Limit):
            fires = fires & (counts[effect.window] >= effect.at_most)
        if effect.kind in ("exclude", "limit"):
            excluded_by = np.where(fires & (excluded_by == -1), number, excluded_by)
    return excluded_by, factor


def streak(run: int, days: float, free_run: int, half_life_days: float) -> float:
    """Return the multiplier of a run of accepts (positive) or discards, days after its last."""
    reached = 1 - 2.0 ** (-max(abs(run) - free_run, 0) / 2)
    return float(np.exp(np.log(ACCEPT if run > 0 else DISCARD) * reached * 2.0 ** (-days / half_life_days)))
