"""`{exclude = true}`: where the condition is true, the option never comes out."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dog.core.documents.section import Section
from dog.core.rulebook.columns import Bools
from dog.core.rulebook.effect_context import EffectInput, EffectOutput


@dataclass(frozen=True, slots=True)
class Exclude:
    """Keep options off the list."""

    kind: ClassVar[str] = "exclude"

    @classmethod
    def read(cls, then: Section) -> "Exclude":
        """Read it from the rule's `then`."""
        if then.flag(cls.kind) is False:
            then.fault(cls.kind, "unknown_value", "must be true; leave the rule out to exclude nothing")
        return cls()

    def to_document(self) -> Any:
        """Give back what stands after the effect's name."""
        return True

    def apply(self, rule: int, fired: Bools, _: EffectInput, output: EffectOutput) -> None:
        """Exclude the options for which the rule fired."""
        output.exclude(rule, fired)
