"""A policy prepared for requests: rules compiled, models calibrated, the active multipliers at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dog.core.documents.section import Section
from dog.core.iso_weeks import DAY_MS
from dog.core.kernels.look_up_pairs import EXPLORATION, PairMultipliers, look_up_pairs
from dog.core.learning.attribute_ratios import LearnedValues
from dog.core.learning.evidence import no_evidence, stored_evidence
from dog.core.learning.priors import Priors, read_priors
from dog.core.learning.reinforcement import order_odds, reinforce, trust_of
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.win_rates import NO_EVIDENCE_RATE
from dog.core.pipeline import PolicyPlan, Targets
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import START
from dog.core.rulebook.cap import Cap
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.exclude import Exclude
from dog.core.rulebook.exclusive import Exclusive
from dog.core.rulebook.pin import Pin
from dog.core.rulebook.rulebook import CompiledRule, Rulebook
from dog.core.traffic_split import NO_RULES, PLAIN, RANDOM_ELIGIBLE, assign
from dog.services.lists.receipt_plan import ReceiptPlan
from dog.services.policies.tenant_schema import compile_to_serve
from dog.storage.consolidation_fits import Consolidations
from dog.storage.multiplier_versions import MultiplierVersion, read_baseline
from dog.storage.store import Store

LIST_EFFECTS = (Cap, Exclusive, Pin)
"""Effects that decide which options share a list; all others act on each option alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyMultipliers:
    """What the active multiplier version holds for one policy, besides the pairs of contacts."""

    settings: Reinforcement
    priors: Priors
    baseline: np.ndarray  # multiplier of pairs without evidence, shape (products + 1,); 1 for products loaded since
    exploration: np.ndarray  # of the order of lists: one record of `EXPLORATION`
    values: Mapping[str, LearnedValues] = field(default_factory=dict)  # of channels and times; empty before any pitch

    def ratios(self, products: np.ndarray, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Return product and pair ratios of pairs, given their records (zeros: it has none); None by win rates."""
        if self.settings.neutral != "expected":
            return None
        places = np.minimum(products, len(self.priors.product_ratios) - 1)
        found = reinforce(places, stored_evidence(pairs), self.priors, 0, np.nan, self.settings)
        return found.product_ratio, found.pair_ratio

    def look_up(
        self, starts: np.ndarray, products: np.ndarray, bounds: np.ndarray, pairs: np.ndarray
    ) -> PairMultipliers:
        """Return the multipliers of options; arguments as in `look_up_pairs`."""
        ratios = self.priors.product_ratios
        return look_up_pairs(starts, products, bounds, pairs, self.baseline, ratios, self.exploration)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivePolicy:
    """One policy, prepared for requests."""

    version: str
    policy: Policy
    plan: PolicyPlan
    max_age_ms: np.ndarray  # of each model's scores
    fallbacks: np.ndarray  # which models count only where no other has a score of the product
    multipliers: PolicyMultipliers | None  # None before the first multiplier version
    multipliers_of: str  # name of the policy whose multipliers are used: the default's until the next recompute
    variant: str = PLAIN
    controls: Mapping[str, "ActivePolicy"] = field(default_factory=dict)  # by variant, for a share of contacts
    shadow: "ActivePolicy | None" = None  # the challenger whose lists are recorded and never served
    receipts: ReceiptPlan = field(init=False, default_factory=ReceiptPlan, compare=False)

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns that any condition reads."""
        return self.plan.rulebook.reads

    @property
    def starts(self) -> bool:
        """Whether the policy uses the model start, which is computed with the request."""
        settings = self.policy.models.get(START)
        return settings is not None and settings.weight > 0

    @property
    def stored_models(self) -> list[str]:
        """Names of the models whose scores are stored."""
        return [name for name in self.policy.models if name != START]

    @property
    def remembers(self) -> bool:
        """Whether the policy uses the memory of past cases: it multiplies what a multiplier version holds."""
        found = self.multipliers
        wanted = self.policy.reinforcement.memory and self.plan.multiplies_odds
        return wanted and found is not None and found.settings.neutral == "expected"


def prepare_policy(
    store: Store,
    products: Frame,
    schema: ColumnSchema,
    policy: Policy,
    policy_version: str,
    models: Mapping[str, Mapping[str, Any]],
    consolidations: Consolidations,
    version: MultiplierVersion | None,
) -> ActivePolicy:
    """Prepare a policy and its controls for requests under a multiplier version, None for none.

    Until the next recompute a new policy uses the multipliers of the default policy, or of any other that has some.
    """
    known = version.policies if version else {}
    default = consolidations.default_policy
    source = next((name for name in (policy.name, default, *known) if name in known), default)
    described = known.get(source)
    multipliers = None
    if version is not None and described is not None:
        multipliers = _read_multipliers(described, read_baseline(store, version.version, source))
    base_rate = described["global_rate"] if described else NO_EVIDENCE_RATE
    rulebook = compile_to_serve(policy, replace(schema, models=tuple(models)))
    triggers = policy.triggers
    plan = PolicyPlan(
        consolidator=consolidations.consolidator(policy, base_rate),
        on_odds=(multipliers.settings if multipliers else policy.reinforcement).on_odds,
        clamp=policy.reinforcement.clamp_bounds,
        targets=Targets(triggers.performance.apply_to, triggers.market.apply_to, triggers.business.apply_to),
        rulebook=rulebook,
        products=products,
    )
    active = ActivePolicy(
        version=policy_version,
        policy=policy,
        plan=plan,
        max_age_ms=np.array(
            [np.inf if model.max_age_days is None else model.max_age_days * DAY_MS for model in policy.models.values()],
            np.float64,
        ),
        fallbacks=np.array([model.is_fallback for model in policy.models.values()], bool),
        multipliers=multipliers,
        multipliers_of=source,
    )
    return replace(active, controls={name: _control(active, name) for name in policy.variants})


def _read_multipliers(described: Mapping[str, Any], baseline: np.ndarray) -> PolicyMultipliers:
    settings = Reinforcement.read(Section(described["settings"]))
    priors = read_priors(described, len(described["product_rates"]) + 1)  # one more, for products loaded since
    learned = {
        name: LearnedValues.read(known, settings.fixed_trust) for name, known in described.get("choices", {}).items()
    }
    return replace(build_multipliers(settings, priors, np.append(baseline, 1.0)), values=learned)


def build_multipliers(settings: Reinforcement, priors: Priors, baseline: np.ndarray) -> PolicyMultipliers:
    """Return what requests need of a version's multipliers besides those of pairs; arguments are its fields."""
    unpitched = 1.0
    if settings.neutral == "expected":
        unpitched = float(order_odds(np.zeros(1, np.int64), no_evidence(1), priors, settings)[0])
    pair_trust = trust_of(priors, settings)[1]
    exploration = [(priors.global_rate, priors.tenant_ratio, pair_trust, settings.explore, unpitched)]
    return PolicyMultipliers(
        settings=settings, priors=priors, baseline=baseline, exploration=np.array(exploration, EXPLORATION)
    )


def _control(active: ActivePolicy, name: str) -> ActivePolicy:
    """Return the variant of a policy that a share of contacts gets as a control."""
    plan = active.plan
    rulebook = Rulebook(tuple(rule for rule in plan.rulebook.rules if _applies(name, rule)))
    plan = replace(plan, rulebook=rulebook)
    return replace(active, variant=name, plan=plan, controls={})


def without_list_rules(active: ActivePolicy) -> ActivePolicy:
    """Return a policy or variant that scores and excludes as before, without what only arranges a list.

    Caps, exclusive products, pins and the draws of a random variant decide which options share a list, not what one
    option is worth.
    """
    plan = active.plan
    rules = tuple(rule for rule in plan.rulebook.rules if not isinstance(rule.rule.effect, LIST_EFFECTS))
    if len(rules) < len(plan.rulebook.rules):
        rulebook = Rulebook(rules)
        plan = replace(plan, rulebook=rulebook)
    variant = PLAIN if active.variant == RANDOM_ELIGIBLE else active.variant
    return replace(active, plan=plan, variant=variant)


def _applies(control: str, rule: CompiledRule) -> bool:
    """Return whether a rule applies to a control: eligibility rules always do."""
    effect = rule.rule.effect
    if control == NO_RULES:
        return isinstance(effect, Exclude) and rule.rule.stage == "eligibility"
    if control == RANDOM_ELIGIBLE:
        return not isinstance(effect, LIST_EFFECTS)
    return True


def variants_of(active: ActivePolicy) -> dict[str, ActivePolicy]:
    """Return a policy and its controls by the name of the variant."""
    return {PLAIN: active, **active.controls}


def variant_of(store: Store, policy: Policy, contact: bytes) -> str:
    """Return the variant of a policy that a contact gets: the same for every request and policy version."""
    if not policy.variants:
        return PLAIN
    return assign(store.tenant.draw(f"variant {policy.name} {contact.hex()}"), policy.variants)
