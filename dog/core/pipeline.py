"""The arithmetic of a request, in order: raw scores of the models to ranked options, for one contact or many.

raw scores -> calibrate -> multiply what a policy applies to a single model (performance, market, business, rationale)
    -> consolidate -> multiply (performance, streak, market, business, clamp) -> explore
    -> rules (exclude, multiply, limit) -> choose (pins, caps, the k best)

Where a policy multiplies odds, the performance multiplier of an option is M = m / (1 - p + p m), p its consolidated
score and m the factor on its odds. Exploration acts on the order of the list alone.

`score_options` is the first half, up to the rules, `rank_options` the second. `PolicyPlan` holds what is known once per
policy and catalogue version, `RankInputs` what is read per request. Requests, batch lists, previews, shadow lists,
counterfactual lists and the effect of feedback all take this way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from dog.core.consolidator import Consolidator, Model
from dog.core.log_odds import CLIP, odds_multiplier
from dog.core.ranking import choose
from dog.core.rulebook.columns import Column, Frame, encode
from dog.core.rulebook.effect_context import EventCounts
from dog.core.rulebook.rule_outcomes import RuleOutcomes
from dog.core.rulebook.rulebook import Rulebook
from dog.core.verdicts.verdict_multipliers import VerdictMultipliers

HIGHEST_CHANCE = 1.0 - CLIP
"""Highest score before the rules where a policy multiplies odds."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What each trigger's multiplier is applied to: `consolidated` or a model's name."""

    performance: str = "consolidated"
    market: str = "consolidated"
    business: str = "consolidated"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPlan:
    """What ranking needs to know of a policy, made once per policy and catalogue version.

    Parameters
    ----------
    consolidator
        How the models' scores become one; its models are in the order of the rows of `RankInputs.raw`.
    targets
        What each trigger's multiplier is applied to.
    on_odds
        Whether the performance multiplier is a factor on the odds of the score, or on the score.
    clamp
        Bounds of performance x streak.
    rulebook
        The compiled rules.
    products
        Columns of the catalogue, a row for each product and a last one for products that are not in it.
    product_masks
        Where the parts of conditions that read product columns only are true, shape (rules, products + 1).

    """

    consolidator: Consolidator
    targets: Targets
    on_odds: bool
    clamp: tuple[float, float]
    rulebook: Rulebook
    products: Frame
    product_masks: np.ndarray

    @property
    def models(self) -> tuple[Model, ...]:
        """The constituent models."""
        return self.consolidator.models

    @property
    def multiplies_odds(self) -> bool:
        """Whether multipliers are factors on odds; reciprocal ranks are no probabilities and have none."""
        return self.on_odds and self.consolidator.method != "rrf"

    def applies_to_model(self, trigger: str) -> bool:
        """Return whether a trigger's multiplier is applied to one of the models."""
        return any(model.name == getattr(self.targets, trigger) for model in self.models)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankInputs:
    """A request, and the options of one or more contacts, end to end.

    Parameters
    ----------
    k
        Options per contact at most.
    today
        Day of the request in the tenant's time zone.
    context
        Attributes of the request that conditions may read.
    starts
        Where each contact's options begin, and the end of the last, shape (contacts + 1,).
    products
        Product number of each option, one past the catalogue where it is unknown, shape (options,).
    tie_order
        Which of two options with equal scores comes first: the smaller, shape (options,).
    raw
        The models' scores as loaded, shape (models, options); NaN where a model has none.
    performance
        Reinforcement multiplier of each option, above 0; a factor on odds where the policy says so, shape (options,).
    order_odds
        Factor on the odds that options are ordered by, for exploration, shape (options,); None where all are 1.
    verdicts
        Multipliers of each option that come from accepts and discards, and which options are snoozed.
    rationales
        Multiplier of each model's scores by contact, shape (models, contacts); None where all are 1.
    available
        Options that the catalogue and the request allow, shape (options,).
    columns
        What conditions may read of contact and history, each as long as the options or 1 long.
    event_counts
        Past events in each window that the rules limit.

    """

    k: int
    today: date
    context: Mapping[str, Any]
    starts: np.ndarray
    products: np.ndarray
    tie_order: np.ndarray
    raw: np.ndarray
    performance: np.ndarray
    order_odds: np.ndarray | None
    verdicts: VerdictMultipliers
    rationales: np.ndarray | None
    available: np.ndarray
    columns: Mapping[str, Column]
    event_counts: EventCounts

    @property
    def allowed(self) -> np.ndarray:
        """Mark the options that are available and not snoozed, shape (options,)."""
        return np.asarray(self.available & (self.verdicts.snoozed_until_ms == 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """All factors of every option before the rules, arrays of shape (options,) or (models, options).

    `score` = `consolidated` x `performance` x `streak` x `market` x `business` x `clamp`; a trigger
    that a policy applies to a model is part of `by_model` (factors on odds where the consolidator multiplies odds), and
    1 here. `order` is the score that options are ranked by:
    with exploration, and without the limit that keeps a probability below 1.
    """

    calibrated: np.ndarray
    by_model: np.ndarray
    plain: np.ndarray  # consolidated without any multiplier
    consolidated: np.ndarray
    performance: np.ndarray
    streak: np.ndarray
    market: np.ndarray
    business: np.ndarray
    clamp: np.ndarray
    score: np.ndarray
    order: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedOptions:
    """The chosen options, and every factor of every option, arrays of shape (options,) unless they say otherwise."""

    scored: Scored  # the factors before the rules
    rules: RuleOutcomes  # what the rules did
    eligible: np.ndarray  # options that a list may hold
    scores: np.ndarray  # final scores; NaN where no model has a score
    order_scores: np.ndarray  # what the options are ranked by
    chosen: np.ndarray  # positions of the chosen options, contact by contact, best first
    sizes: np.ndarray  # how many were chosen for each contact, shape (contacts,)

    @property
    def drawable(self) -> np.ndarray:
        """Mark the eligible options that have a score, shape (options,)."""
        return np.asarray(self.eligible & ~np.isnan(self.scores))

    @property
    def multipliers(self) -> np.ndarray:
        """Return each option's final score over its `plain` score, shape (options,); known without scores too."""
        scored = self.scored
        multipliers = scored.performance * scored.streak * scored.market * scored.business
        multipliers *= scored.clamp * self.rules.factor
        of_models = np.divide(scored.consolidated, scored.plain, out=np.ones(len(multipliers)), where=scored.plain > 0)
        return np.asarray(multipliers * of_models)


def score_options(plan: PolicyPlan, inputs: RankInputs) -> Scored:
    """Calibrate, multiply and consolidate the scores of every option; `score` is NaN where no model has one."""
    verdicts, consolidator = inputs.verdicts, plan.consolidator
    calibrated = consolidator.calibrate(inputs.raw)
    plain = consolidated = consolidator.consolidate(calibrated, inputs.starts)
    factors = {"performance": inputs.performance, "market": verdicts.market, "business": verdicts.business}
    by_model = _by_model(plan, inputs, factors)
    left = {name: np.ones(len(factor)) if plan.applies_to_model(name) else factor for name, factor in factors.items()}
    if by_model is not None:
        by_model = by_model if consolidator.multiplies_odds else _effective(plan, calibrated, by_model)
        consolidated = consolidator.consolidate(calibrated, inputs.starts, by_model)
    performance = _effective(plan, consolidated, left["performance"])
    clamp = clamp_factor(performance, verdicts.streak, plan.clamp)
    score = consolidated * performance
    for factor in (verdicts.streak, left["market"], left["business"], clamp):
        score = score * factor
    order = score if inputs.order_odds is None else score * _effective(plan, score, inputs.order_odds)
    if plan.multiplies_odds:
        limit = np.where(score > HIGHEST_CHANCE, HIGHEST_CHANCE / np.maximum(score, CLIP), 1.0)
        clamp, score = clamp * limit, score * limit
    return Scored(
        calibrated=calibrated,
        by_model=np.ones(inputs.raw.shape) if by_model is None else by_model,
        plain=plain,
        consolidated=consolidated,
        performance=performance,
        streak=verdicts.streak,
        market=left["market"],
        business=left["business"],
        clamp=clamp,
        score=score,
        order=order,
    )


def _effective(plan: PolicyPlan, score: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return the multiplier of each score by which its odds are multiplied by a factor, where the policy says so."""
    return odds_multiplier(score, factor) if plan.multiplies_odds else factor


def clamp_factor(performance: np.ndarray, streak: np.ndarray | float, bounds: tuple[float, float]) -> np.ndarray:
    """Return the factor that keeps performance x streak within bounds, shape (options,)."""
    together = performance * streak
    return np.asarray(np.minimum(np.maximum(together, bounds[0]), bounds[1]) / together)


def _by_model(plan: PolicyPlan, inputs: RankInputs, factors: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Return the multipliers applied to single models, shape (models, options), or None where there are none."""
    by_model = None
    if inputs.rationales is not None:
        by_model = np.repeat(inputs.rationales, np.diff(inputs.starts), axis=1)
    for row, model in enumerate(plan.models):
        for name, factor in factors.items():
            if getattr(plan.targets, name) == model.name:
                by_model = np.ones(inputs.raw.shape) if by_model is None else by_model
                by_model[row] *= factor
    return by_model


def rank_options(
    plan: PolicyPlan, inputs: RankInputs, scored: Scored, order_by: np.ndarray | None = None
) -> RankedOptions:
    """Apply the rules to scored options and choose the best of each contact.

    Parameters
    ----------
    plan
        The policy.
    inputs, scored
        The options, and what `score_options` returned for them.
    order_by
        Numbers to rank by in place of the scores, shape (options,): the draws of a random variant.

    """
    columns = {f"context.{name}": encode([value]) for name, value in inputs.context.items()}
    columns |= {f"score.{model.name}": row for model, row in zip(plan.models, inputs.raw, strict=True)}
    columns |= {**inputs.columns, "consolidated": scored.consolidated, "multiplier": scored.performance}
    frame = plan.products.take(inputs.products).with_columns(columns)
    masks = plan.product_masks.take(inputs.products, axis=1)
    rules = plan.rulebook.apply(frame, inputs.today, inputs.event_counts, masks)
    eligible = ~rules.excluded & inputs.allowed
    scores, order_scores = scored.score * rules.factor, scored.order * rules.factor
    ranked_by = order_scores if order_by is None else np.where(np.isnan(scores), np.nan, order_by)
    chosen, sizes = choose(
        inputs.starts, ranked_by, eligible, inputs.tie_order, inputs.k, caps=rules.output.caps, pins=rules.output.pins
    )
    return RankedOptions(
        scored=scored,
        rules=rules,
        eligible=eligible,
        scores=scores,
        order_scores=order_scores,
        chosen=chosen,
        sizes=sizes,
    )
