"""`{pin = 1}`: the best option for which the condition is true takes this rank, if it may come out."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dog.core.documents.section import Section
from dog.core.ranking import RankPin
from dog.core.rulebook.columns import Bools
from dog.core.rulebook.effect_context import MAX_ITEMS, EffectInput, EffectOutput


@dataclass(frozen=True, slots=True)
class Pin:
    """Keep a rank.

    Parameters
    ----------
    rank
        Place in the list, from 1.

    """

    kind: ClassVar[str] = "pin"
    rank: int

    @classmethod
    def read(cls, then: Section) -> "Pin":
        """Read it from the rule's `then`."""
        return cls(then.whole(cls.kind, at_least=1, at_most=MAX_ITEMS))

    def to_document(self) -> Any:
        """Give back what stands after the effect's name."""
        return self.rank

    def apply(self, rule: int, fired: Bools, _: EffectInput, output: EffectOutput) -> None:
        """Ask for the rank on behalf of the options for which the rule fired."""
        output.pins.append(RankPin(self.rank, fired, rule))
