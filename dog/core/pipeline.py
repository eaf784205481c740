"""The arithmetic of a request, in order: raw scores of the models to ranked options, for one contact or many.

raw scores -> calibrate -> multiply what a policy applies to a single model (performance, market, business, rationale)
    -> consolidate -> multiply (performance, streak, market, business, clamp) -> explore
    -> rules (exclude, multiply, limit) -> choose (pins, caps, the k best)

Where a policy multiplies odds, the performance multiplier of an option is M = m / (1 - p + p m), p its consolidated
score and m the factor on its odds. Exploration acts on the order of the list alone.

The loops are in `dog/core/kernels`: `score.py` is the first line, `rank_by_rules.py` and `choose.py` the second.
`PolicyPlan` holds what is known once per policy and catalogue version, `RankInputs` what is read per request. Requests,
batch lists, previews, shadow lists, counterfactual lists and the effect of feedback all take this way.
"""

from dataclasses import dataclass, field

import numpy as np

from dog.core.consolidator import Consolidator, Model
from dog.core.kernels import score
from dog.core.rulebook.apply_rules import RuleColumns, apply_rules
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.rule_outcomes import RuleOutcomes
from dog.core.rulebook.rule_tables import RuleTables
from dog.core.rulebook.rulebook import Rulebook
from dog.core.verdicts.verdict_multipliers import VerdictMultipliers

NOT_DRAWN = ALL_ONE = np.zeros(0)
NO_RATIONALES = np.zeros((0, 0))


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

    """

    consolidator: Consolidator
    targets: Targets
    on_odds: bool
    clamp: tuple[float, float]
    rulebook: Rulebook
    products: Frame
    tables: RuleTables = field(init=False, repr=False, compare=False)
    pool: np.ndarray = field(init=False, repr=False, compare=False)  # one record of `score.POOL`
    names: tuple[str, ...] = field(init=False, repr=False, compare=False)  # of the models

    def __post_init__(self) -> None:
        names = tuple(model.name for model in self.models)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "tables", RuleTables.of(self.rulebook, self.products, names))
        places = {name: place for place, name in enumerate(names)}
        targets = (places.get(getattr(self.targets, trigger), -1) for trigger in Targets.__slots__)
        method, intercept = self.consolidator.pooling
        pool = [(method, intercept, self.multiplies_odds, *self.clamp, *targets)]
        object.__setattr__(self, "pool", np.array(pool, score.POOL))

    @property
    def models(self) -> tuple[Model, ...]:
        """The constituent models."""
        return self.consolidator.models

    @property
    def multiplies_odds(self) -> bool:
        """Whether multipliers are factors on odds; reciprocal ranks are not probabilities and have none."""
        return self.on_odds and self.consolidator.method != "rrf"


@dataclass(slots=True, kw_only=True)  # not frozen: one is made for each list, and takes a fifth of the time
class RankInputs:
    """A request, and the options of one or more contacts, end to end.

    Parameters
    ----------
    k
        Options per contact at most.
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
    rule_columns
        What rules read besides scores and products.

    """

    k: int
    starts: np.ndarray
    products: np.ndarray
    tie_order: np.ndarray
    raw: np.ndarray
    performance: np.ndarray
    order_odds: np.ndarray | None
    verdicts: VerdictMultipliers
    rationales: np.ndarray | None
    available: np.ndarray
    rule_columns: RuleColumns

    @property
    def allowed(self) -> np.ndarray:
        """Mark the options that are available and not snoozed, shape (options,)."""
        return np.asarray(self.available & (self.verdicts.snoozed_until_ms == 0))


def _row(number: int) -> property:
    """Return the property that reads a row of `Scored.factors`."""
    return property(lambda scored: scored.factors[number])


class Scored:
    """All factors of every option before the rules, arrays of shape (options,) or (models, options).

    `score` = `consolidated` x `performance` x `streak` x `market` x `business` x `clamp`; a trigger
    that a policy applies to a model is part of `by_model` (factors on odds where the consolidator multiplies odds), and
    1 here.
    """

    __slots__ = ("by_model", "calibrated", "factors")

    plain = _row(score.PLAIN)  # consolidated without any multiplier
    consolidated = _row(score.CONSOLIDATED)
    performance = _row(score.PERFORMANCE)
    streak = _row(score.STREAK)
    market = _row(score.MARKET)
    business = _row(score.BUSINESS)
    clamp = _row(score.CLAMP)  # keeps performance x streak within bounds, and a probability below 1
    score = _row(score.SCORE)

    def __init__(self, found: np.ndarray, models: int) -> None:
        self.calibrated, self.by_model, self.factors = found[:models], found[models : 2 * models], found[2 * models :]


@dataclass(slots=True, kw_only=True)  # not frozen for the same reason
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
    verdicts, consolidator, models = inputs.verdicts, plan.consolidator, len(plan.names)
    found = np.empty((2 * models + score.FACTORS, inputs.raw.shape[1]))
    score.score_options(
        consolidator.table,
        consolidator.points,
        plan.pool,
        inputs.starts,
        inputs.raw,
        NO_RATIONALES if inputs.rationales is None else inputs.rationales,
        inputs.performance,
        verdicts.streak,
        verdicts.market,
        verdicts.business,
        ALL_ONE if inputs.order_odds is None else inputs.order_odds,
        found,
    )
    return Scored(found, models)


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
    ranked, outcomes = apply_rules(
        plan.tables,
        plan.products,
        inputs.rule_columns,
        starts=inputs.starts,
        products=inputs.products,
        k=inputs.k,
        allowed=inputs.allowed,
        ties=inputs.tie_order,
        models=plan.names,
        raw=inputs.raw,
        factors=scored.factors,
        drawn=NOT_DRAWN if order_by is None else order_by,
    )
    return RankedOptions(
        scored=scored,
        rules=outcomes,
        eligible=ranked.eligible,
        scores=ranked.scores,
        order_scores=ranked.order_scores,
        chosen=ranked.chosen,
        sizes=ranked.sizes,
    )
