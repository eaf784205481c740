"""The base of all effects, and the tables in which they say to the kernel what they do."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from dog.core.documents.section import Section
from dog.core.documents.tables import DocumentTable
from dog.core.rulebook.columns import Frame

MAX_ITEMS = 1000


@dataclass(frozen=True, slots=True)
class EventWindow:
    """Which past events a limit counts: their type, whose they are, and how many days back."""

    event: str
    by: str
    days: int


EventCounts = Mapping[EventWindow, NDArray[np.integer]]
"""Events in each window of `Rulebook.limits`, shape (options,), or (1,) where all options have the same count."""


@dataclass(slots=True)
class EffectTables:
    """What the rules of a policy do, as the kernel reads it."""

    products: Frame  # columns of the catalogue
    rules: np.ndarray  # records of `dog.core.kernels.rank_by_rules.RULE`, without effect, shape (rules,)
    _: KW_ONLY
    windows: tuple[EventWindow, ...] = ()  # of past events that limits count
    caps: list[tuple[int, int]] = field(default_factory=list)  # rule and number of options of each cap
    groups: list[np.ndarray] = field(default_factory=list)  # group of each product, -1 where it has none
    pins: list[tuple[int, int]] = field(default_factory=list)  # rule and rank

    def set_effect(self, rule: int, kind: int, *, factor: float = 1.0, at_most: int = 0, window: int = 0) -> None:
        """Set what a rule does with each option for which it holds."""
        record = self.rules[rule]
        record["kind"], record["factor"], record["at_most"], record["window"] = kind, factor, at_most, window

    def add_cap(self, rule: int, at_most: int, groups: np.ndarray) -> None:
        """Add a number of options that a list may hold of each group of products."""
        self.caps.append((rule, at_most))
        self.groups.append(groups)


class RuleEffect(DocumentTable):
    """What a rule does where its condition is true: `{kind = value}`, or `{kind = {key = value, ...}}`."""

    __slots__ = ()
    kind: ClassVar[str]
    about: ClassVar[str] = ""
    """Description of an effect that is written as a table; without it, its one field has the kind as its key."""

    @classmethod
    def read_effect(cls, then: Section) -> Self:
        """Read it from a rule's `then`; faults are noted there."""
        return cls.read(then.section(cls.kind)) if cls.about else cls(**cls.read_values(then))

    def to_then(self) -> dict[str, Any]:
        """Return the rule's `then`."""
        document: dict[str, Any] = self.to_document()
        return {self.kind: document} if self.about else document

    @classmethod
    def then_properties(cls) -> dict[str, Any]:
        """Return the JSON Schema of its key in `then`."""
        if cls.about:
            return {cls.kind: {"description": cls.about, **cls.schema()}}
        properties: dict[str, Any] = cls.schema()["properties"]
        return properties

    def tabulate(self, rule: int, tables: EffectTables) -> None:
        """Write what the rule of a number does into the tables."""
        raise NotImplementedError
