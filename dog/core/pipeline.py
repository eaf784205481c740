"""The arithmetic of a request, in order: raw scores of the models to ranked options, for one contact or many.

raw scores -> calibrate -> multiply what a policy applies to a single model (performance, market, business, rationale)
    -> consolidate -> multiply (performance, streak, discomfort, market, business, clamp)
    -> rules (exclude, multiply, limit) -> choose (pins, caps, the k best)

`score_options` is the first half, up to the rules, `rank_options` the second. `PolicyPlan` holds what is known once per
policy and catalogue version, `RankInputs` what is read per request. Requests, batch lists, previews, shadow lists,
counterfactual lists and the effect of feedback all take this way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from dog.core.consolidator import Consolidator, Model
from dog.core.ranking import choose
from dog.core.rulebook.columns import Column, Frame, encode
from dog.core.rulebook.effect_context import EventCounts
from dog.core.rulebook.rule_outcomes import RuleOutcomes
from dog.core.rulebook.rulebook import Rulebook
from dog.core.verdicts.verdict_multipliers import VerdictMultipliers

CLAMP = (0.25, 4.0)
"""Bounds of the product of performance and streak."""


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
    rulebook
        The compiled rules.
    products
        Columns of the catalogue, a row for each product and a last one for products that are not in it.
    product_masks
        Where the parts of conditions that read product columns only are true, shape (rules, products + 1).

    """

    consolidator: Consolidator
    targets: Targets
    rulebook: Rulebook
    products: Frame
    product_masks: np.ndarray

    @property
    def models(self) -> tuple[Model, ...]:
        """The constituent models."""
        return self.consolidator.models


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
        Reinforcement multiplier of each option, above 0, shape (options,).
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

    `score` = `consolidated` x `performance` x `streak` x `discomfort` x `market` x `business` x `clamp`; a trigger
    that a policy applies to a model is part of `by_model`, and 1 here.
    """

    calibrated: np.ndarray
    by_model: np.ndarray
    plain: np.ndarray  # consolidated without any multiplier
    consolidated: np.ndarray
    performance: np.ndarray
    streak: np.ndarray
    discomfort: np.ndarray
    market: np.ndarray
    business: np.ndarray
    clamp: np.ndarray
    score: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedOptions:
    """The chosen options, and every factor of every option.

    Parameters
    ----------
    scored
        The factors before the rules.
    rules
        What the rules did to each option.
    eligible
        Options that a list may hold, shape (options,).
    scores
        Final scores, shape (options,); NaN where no model has a score.
    chosen
        Positions of the chosen options, contact by contact, best first.
    sizes
        How many were chosen for each contact, shape (contacts,).

    """

    scored: Scored
    rules: RuleOutcomes
    eligible: np.ndarray
    scores: np.ndarray
    chosen: np.ndarray
    sizes: np.ndarray

    @property
    def drawable(self) -> np.ndarray:
        """Mark the eligible options that have a score, shape (options,)."""
        return np.asarray(self.eligible & ~np.isnan(self.scores))

    @property
    def multipliers(self) -> np.ndarray:
        """Return each option's final score over its `plain` score, shape (options,); known without scores too."""
        scored = self.scored
        together = np.clip(scored.performance * scored.streak, *CLAMP)
        multipliers = together * scored.discomfort * scored.market * scored.business * self.rules.factor
        of_models = np.divide(scored.consolidated, scored.plain, out=np.ones(len(multipliers)), where=scored.plain > 0)
        return np.asarray(multipliers * of_models)


def score_options(plan: PolicyPlan, inputs: RankInputs) -> Scored:
    """Calibrate, multiply and consolidate the scores of every option; `score` is NaN where no model has one."""
    verdicts, consolidator = inputs.verdicts, plan.consolidator
    triggered = {"performance": inputs.performance, "market": verdicts.market, "business": verdicts.business}
    calibrated = consolidator.calibrate(inputs.raw)
    by_model = _by_model(inputs, consolidator.models, triggered, plan.targets)
    plain = consolidator.consolidate(calibrated, inputs.starts)
    consolidated = plain
    if by_model is not None:
        consolidated = consolidator.consolidate(calibrated, inputs.starts, by_model)
    performance, market, business = triggered["performance"], triggered["market"], triggered["business"]
    clamp = clamp_factor(performance, verdicts.streak)
    score = consolidated * performance
    for factor in (verdicts.streak, verdicts.discomfort, market, business, clamp):
        score *= factor
    return Scored(
        calibrated=calibrated,
        by_model=np.ones(inputs.raw.shape) if by_model is None else by_model,
        plain=plain,
        consolidated=consolidated,
        performance=performance,
        streak=verdicts.streak,
        discomfort=verdicts.discomfort,
        market=market,
        business=business,
        clamp=clamp,
        score=score,
    )


def clamp_factor(performance: np.ndarray, streak: np.ndarray | float = 1.0) -> np.ndarray:
    """Return the factor that keeps performance x streak within `CLAMP`, shape (options,)."""
    together = performance * streak
    return np.asarray(np.minimum(np.maximum(together, CLAMP[0]), CLAMP[1]) / together)


def _by_model(
    inputs: RankInputs, models: Sequence[Model], triggered: dict[str, np.ndarray], targets: Targets
) -> np.ndarray | None:
    """Return the multipliers applied to single models, shape (models, options), or None where there are none.

    A trigger that is applied to a model is replaced by ones in `triggered`.
    """
    by_model = None
    if inputs.rationales is not None:
        by_model = np.repeat(inputs.rationales, np.diff(inputs.starts), axis=1)
    for row, model in enumerate(models):
        for trigger in [name for name in triggered if getattr(targets, name) == model.name]:
            by_model = np.ones(inputs.raw.shape) if by_model is None else by_model
            by_model[row] *= triggered[trigger]
            triggered[trigger] = np.ones(inputs.raw.shape[1])
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
    scores = scored.score * rules.factor
    ranked_by = scores if order_by is None else np.where(np.isnan(scores), np.nan, order_by)
    chosen, sizes = choose(
        inputs.starts, ranked_by, eligible, inputs.tie_order, inputs.k, caps=rules.output.caps, pins=rules.output.pins
    )
    return RankedOptions(scored=scored, rules=rules, eligible=eligible, scores=scores, chosen=chosen, sizes=sizes)
