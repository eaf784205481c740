"""`{cap = {by = "product.category", at_most = 2}}`: a list holds at most a number of options of one value."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from dog.core.documents.fields import TextField, WholeField
from dog.core.rulebook.columns import TextColumn, is_null
from dog.core.rulebook.effect_context import MAX_ITEMS, EffectTables, RuleEffect


@dataclass(frozen=True, slots=True)
class Cap(RuleEffect):
    """Keep a list varied: options with one value of a column are a group, options without a value are in none."""

    kind: ClassVar[str] = "cap"
    about: ClassVar[str] = "At most a number of options of one value in a list."

    by: Annotated[
        str,
        TextField(
            "Column of the product.",
            pattern=r"product\.[\s\S]*",
            code="unknown_column",
            must="must be a column of the product, such as product.category",
        ),
    ]
    at_most: Annotated[int, WholeField("Options of one value in a list.", at_least=1, at_most=MAX_ITEMS)]

    def tabulate(self, rule: int, tables: EffectTables) -> None:
        """Cap the groups among the options for which the rule holds."""
        column = tables.products.columns.get(self.by)
        if isinstance(column, TextColumn):  # null is -1 there already
            tables.add_cap(rule, self.at_most, column.codes)
        elif column is not None:
            groups = np.unique(column, return_inverse=True)[1]
            tables.add_cap(rule, self.at_most, np.where(is_null(column), -1, groups))
