"""`{pin = 1}`: the best eligible option for which the condition is true takes this rank."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from dog.core.documents.fields import WholeField
from dog.core.rulebook.effect_context import MAX_ITEMS, EffectTables, RuleEffect


@dataclass(frozen=True, slots=True)
class Pin(RuleEffect):
    """Keep a rank."""

    kind: ClassVar[str] = "pin"

    rank: Annotated[
        int, WholeField("Rank kept for the best of these options.", at_least=1, at_most=MAX_ITEMS, key="pin")
    ]

    def tabulate(self, rule: int, tables: EffectTables) -> None:
        """Keep the rank for the options for which the rule holds."""
        tables.pins.append((rule, self.rank))
