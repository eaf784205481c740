"""The kinds of effect: a new one is a file beside this one, its line here, its section in rules/README.md."""

from typing import Any, ClassVar, Protocol

from dog.core.documents.section import Section, nearest
from dog.core.rulebook.cap import Cap
from dog.core.rulebook.columns import Bools
from dog.core.rulebook.effect_context import EffectInput, EffectOutput
from dog.core.rulebook.exclude import Exclude
from dog.core.rulebook.exclusive import Exclusive
from dog.core.rulebook.limit import Limit
from dog.core.rulebook.multiply import Multiply
from dog.core.rulebook.pin import Pin


class RuleEffect(Protocol):
    """What a rule does where its condition is true."""

    kind: ClassVar[str]

    @classmethod
    def read(cls, then: Section) -> "RuleEffect":
        """Read it from the rule's `then`; faults are noted there."""
        ...

    def to_document(self) -> Any:
        """Give back what stands after the effect's name."""
        ...

    def apply(self, rule: int, fired: Bools, given: EffectInput, output: EffectOutput) -> None:
        """Do it: `fired` has shape (options,)."""
        ...


EFFECTS: dict[str, type[RuleEffect]] = {
    effect.kind: effect for effect in (Exclude, Multiply, Cap, Limit, Exclusive, Pin)
}


def read_effect(rule: Section) -> RuleEffect:
    """Read the one effect of a rule's `then`; after a fault the answer means nothing."""
    then = rule.section("then")
    if len(then.table) != 1:
        rule.fault("then", "missing", f"must hold exactly one of {', '.join(EFFECTS)}")
        return Exclude()
    kind = str(next(iter(then.table)))
    if kind in EFFECTS:
        return EFFECTS[kind].read(then)
    hint = nearest(kind, EFFECTS) or f"; known are {', '.join(EFFECTS)}"
    then.fault(kind, "unknown_effect", f"unknown effect{hint}")
    return Exclude()
