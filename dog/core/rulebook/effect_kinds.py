"""The kinds of effect: a new one is a file in this folder, its line here, its section in docs/reference/policies.md."""

from dataclasses import dataclass
from typing import Any

from dog.core.documents.fields import DocumentField
from dog.core.documents.section import Section, nearest
from dog.core.documents.tables import object_schema
from dog.core.rulebook.cap import Cap
from dog.core.rulebook.effect_context import RuleEffect
from dog.core.rulebook.exclude import Exclude
from dog.core.rulebook.exclusive import Exclusive
from dog.core.rulebook.limit import Limit
from dog.core.rulebook.multiply import Multiply
from dog.core.rulebook.pin import Pin

EFFECTS: dict[str, type[RuleEffect]] = {
    effect.kind: effect for effect in (Exclude, Multiply, Cap, Limit, Exclusive, Pin)
}


@dataclass(frozen=True, slots=True)
class EffectField(DocumentField):
    """A table that holds exactly one effect, by its kind."""

    def read(self, section: Section, key: str, _default: Any) -> RuleEffect:
        """Read the effect; after a fault the answer means nothing."""
        then = section.section(key)
        if len(then.table) != 1:
            section.fault(key, "missing", f"must hold exactly one of {', '.join(EFFECTS)}")
            return Exclude()
        kind = str(next(iter(then.table)))
        if kind in EFFECTS:
            return EFFECTS[kind].read_effect(then)
        hint = nearest(kind, EFFECTS) or f"; known are {', '.join(EFFECTS)}"
        then.fault(kind, "unknown_effect", f"unknown effect{hint}")
        return Exclude()

    def write(self, value: RuleEffect) -> Any:
        """Return the table."""
        return value.to_then()

    def _shape(self) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        for effect in EFFECTS.values():
            properties |= effect.then_properties()
        return object_schema(properties, []) | {"minProperties": 1, "maxProperties": 1}
