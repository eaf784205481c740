"""The variants of a policy, made ready beside it, and the one that a contact gets."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dog.core.rulebook.cap import Cap
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.exclude import Exclude
from dog.core.rulebook.exclusive import Exclusive
from dog.core.rulebook.pin import Pin
from dog.core.rulebook.rule_outcomes import CompiledRule
from dog.core.rulebook.rulebook import Rulebook
from dog.core.traffic_split import NO_RULES, PLAIN, RANDOM_ELIGIBLE, assign
from dog.storage.store import Store

if TYPE_CHECKING:
    from dog.services.lists.snapshot import ActivePolicy


def controls_of(active: "ActivePolicy", products: Frame) -> dict[str, "ActivePolicy"]:
    """Make each control that a policy names ready for requests."""
    controls = {}
    for name in active.policy.variants:
        rulebook = Rulebook(tuple(rule for rule in active.rulebook.rules if _holds(name, rule)))
        controls[name] = replace(
            active, variant=name, rulebook=rulebook, product_masks=rulebook.over_products(products), controls={}
        )
    return controls


def _holds(control: str, rule: CompiledRule) -> bool:
    """Tell whether a rule holds for a control: what must not be offered is offered to nobody."""
    effect = rule.rule.effect
    if control == NO_RULES:
        return isinstance(effect, Exclude) and rule.rule.stage == "eligibility"
    if control == RANDOM_ELIGIBLE:
        return not isinstance(effect, Cap | Exclusive | Pin)
    return True


def variant_of(store: Store, policy: str, contact: bytes, shares: Mapping[str, float]) -> str:
    """Tell which variant of a policy a contact gets: the same at every request, in every version of the policy."""
    if not shares:
        return PLAIN
    return assign(store.tenant.draw(f"variant {policy} {contact.hex()}"), shares)
