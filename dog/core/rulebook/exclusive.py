"""`{exclusive = ["p1", "p2"]}`: a list holds at most one of these products, the best."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import numpy as np

from dog.core.documents.fields import TextsField
from dog.core.ranking import GroupCap
from dog.core.rulebook.columns import Bools, Column
from dog.core.rulebook.effect_context import EffectInput, EffectOutput, RuleEffect
from dog.core.rulebook.text_columns import matched


@dataclass(frozen=True, slots=True)
class Exclusive(RuleEffect):
    """Offer one of several products, not two."""

    kind: ClassVar[str] = "exclusive"

    products: Annotated[
        tuple[str, ...],
        TextsField(
            "At most one of these products in a list.",
            at_least=2,
            too_few="must name at least two products",
            key="exclusive",
        ),
    ]
    named: Callable[[Column], Bools] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "named", matched(frozenset(self.products).__contains__))

    def apply(self, rule: int, fired: Bools, given: EffectInput, output: EffectOutput) -> None:
        """Put the products for which the rule fired into one group of at most one."""
        ids = given.frame.columns.get("product.id")
        if ids is not None:
            output.caps.append(GroupCap(np.where(fired & self.named(ids), 0, -1), 1, rule))
