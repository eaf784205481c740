"""`{exclusive = ["p1", "p2"]}`: a list holds at most one of these products, the best."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from dog.core.documents.fields import TextsField
from dog.core.rulebook.effect_context import EffectTables, RuleEffect
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

    def tabulate(self, rule: int, tables: EffectTables) -> None:
        """Put the products into one group of which a list holds at most one."""
        ids = tables.products.columns.get("product.id")
        if ids is not None:
            named = matched(frozenset(self.products).__contains__)(ids)
            tables.add_cap(rule, 1, np.where(named, 0, -1))
