"""`{cap = {by = "product.category", at_most = 2}}`: a list holds at most so many options of one value."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dog.core.documents.section import Section
from dog.core.ranking import GroupCap
from dog.core.rulebook.columns import Bools, TextColumn, is_null
from dog.core.rulebook.effect_context import MAX_ITEMS, EffectInput, EffectOutput


@dataclass(frozen=True, slots=True)
class Cap:
    """Keep a list varied.

    Parameters
    ----------
    by
        Column of the product; options with one value of it are a group, options without a value are in none.
    at_most
        Options of a group in one list, at least 1.

    """

    kind: ClassVar[str] = "cap"
    by: str
    at_most: int

    @classmethod
    def read(cls, then: Section) -> "Cap":
        """Read it from the rule's `then`."""
        inner = then.section(cls.kind)
        by = inner.text("by")
        if by and not by.startswith("product."):
            inner.fault("by", "unknown_column", "must be a column of the product, such as product.category")
        cap = cls(by, inner.whole("at_most", at_least=1, at_most=MAX_ITEMS))
        inner.close()
        return cap

    def to_document(self) -> Any:
        """Give back what stands after the effect's name."""
        return {"by": self.by, "at_most": self.at_most}

    def apply(self, rule: int, fired: Bools, given: EffectInput, output: EffectOutput) -> None:
        """Cap the groups among the options for which the rule fired."""
        column = given.frame.columns.get(self.by)
        if column is None:
            return
        if isinstance(column, TextColumn):  # null is -1 there already
            capped = np.where(fired, column.codes, -1)
        else:
            capped = np.where(fired & ~is_null(column), np.unique(column, return_inverse=True)[1], -1)
        output.caps.append(GroupCap(capped, self.at_most, rule))
