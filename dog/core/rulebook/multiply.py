"""`{multiply = 1.2}`: where the condition is true, the score is multiplied; factors of several rules too."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dog.core.documents.section import Section
from dog.core.rulebook.columns import Bools
from dog.core.rulebook.effect_context import EffectInput, EffectOutput

MAX_FACTOR = 100.0


@dataclass(frozen=True, slots=True)
class Multiply:
    """Raise or lower scores.

    Parameters
    ----------
    factor
        Above 0, at most 100.

    """

    kind: ClassVar[str] = "multiply"
    factor: float

    @classmethod
    def read(cls, then: Section) -> "Multiply":
        """Read it from the rule's `then`."""
        return cls(then.number(cls.kind, 1.0, above=0.0, at_most=MAX_FACTOR))

    def to_document(self) -> Any:
        """Give back what stands after the effect's name."""
        return self.factor

    def apply(self, rule: int, _: Bools, __: EffectInput, output: EffectOutput) -> None:
        """Multiply the scores of the options for which the rule fired."""
        output.factors[rule] = self.factor
