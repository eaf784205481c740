"""`{multiply = 1.2}`: where the condition is true, the score is multiplied; the factors of several rules too."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from dog.core.documents.fields import NumberField
from dog.core.kernels.rank_by_rules import MULTIPLY
from dog.core.rulebook.effect_context import EffectTables, RuleEffect


@dataclass(frozen=True, slots=True)
class Multiply(RuleEffect):
    """Raise or lower scores."""

    kind: ClassVar[str] = "multiply"

    factor: Annotated[
        float, NumberField("Multiply the scores of these options.", above=0, at_most=100, key="multiply")
    ] = 1.0

    def tabulate(self, rule: int, tables: EffectTables) -> None:
        """Multiply the scores of the options for which the rule holds."""
        tables.set_effect(rule, MULTIPLY, factor=self.factor)
