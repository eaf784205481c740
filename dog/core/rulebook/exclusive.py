"""`{exclusive = ["p1", "p2"]}`: a list holds at most one of these products, the best."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from dog.core.documents.section import Section
from dog.core.ranking import GroupCap
from dog.core.rulebook.columns import Bools, Column
from dog.core.rulebook.effect_context import EffectInput, EffectOutput
from dog.core.rulebook.text_columns import matched


@dataclass(frozen=True, slots=True)
class Exclusive:
    """Offer one of several products, not two.

    Parameters
    ----------
    products
        Product ids, at least two.

    """

    kind: ClassVar[str] = "exclusive"
    products: tuple[str, ...]
    named: Callable[[Column], Bools] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "named", matched(frozenset(self.products).__contains__))

    @classmethod
    def read(cls, then: Section) -> "Exclusive":
        """Read it from the rule's `then`."""
        faults_before = len(then.faults)
        products = then.texts(cls.kind)
        if len(products) < 2 and len(then.faults) == faults_before:
            then.fault(cls.kind, "bad_list", "must name at least two products")
        return cls(products)

    def to_document(self) -> Any:
        """Give back what stands after the effect's name."""
        return list(self.products)

    def apply(self, rule: int, fired: Bools, given: EffectInput, output: EffectOutput) -> None:
        """Cap the products among the options for which the rule fired, as one group, at one."""
        ids = given.frame.columns.get("product.id")
        if ids is not None:
            output.caps.append(GroupCap(np.where(fired & self.named(ids), 0, -1), 1, rule))
