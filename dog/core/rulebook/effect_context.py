"""The base of all effects, what they read, and where they write."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from dog.core.documents.section import Section
from dog.core.documents.tables import DocumentTable
from dog.core.ranking import GroupCap, RankPin
from dog.core.rulebook.columns import Bools, Floats, Frame

MAX_ITEMS = 1000
NO_RULE = -1


@dataclass(frozen=True, slots=True)
class EventWindow:
    """Which past events a limit counts: their type, whose they are, and how many days back."""

    event: str
    by: str
    days: int


EventCounts = Mapping[EventWindow, NDArray[np.integer]]
"""Events in each window of `Rulebook.limits`, shape (options,), or (1,) where all options have the same count."""


@dataclass(frozen=True, slots=True)
class EffectInput:
    """What effects read: the options' columns and the counts of past events."""

    frame: Frame
    counts: EventCounts


@dataclass(slots=True)
class EffectOutput:
    """What the effects of all rules have done to the options of one request."""

    # place of the first rule that excluded each option, -1 where none did, shape (options,)
    excluded_by: NDArray[np.int32]
    _: KW_ONLY
    factors: dict[int, float] = field(default_factory=dict)  # factor of each rule that multiplies, by its number
    caps: list[GroupCap] = field(default_factory=list)  # constraints on the choice of the k best
    pins: list[RankPin] = field(default_factory=list)

    @classmethod
    def blank(cls, options: int) -> "EffectOutput":
        """Return an output in which nothing is excluded or multiplied."""
        return cls(np.full(options, NO_RULE, dtype=np.int32))

    def exclude(self, rule: int, where: Bools) -> None:
        """Exclude options; the first rule that excludes an option is the one recorded."""
        if where.any():
            np.copyto(self.excluded_by, rule, where=where & (self.excluded_by == NO_RULE))

    def factor(self, fires: Bools) -> Floats:
        """Multiply the factors of all rules that fired, in their order, in one call; `fires` is (rules, options)."""
        numbers = list(self.factors)
        factors = np.array(list(self.factors.values()), np.float64)
        product: Floats = np.where(fires[numbers], factors[:, None], 1.0).prod(axis=0)
        return product


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

    def apply(self, rule: int, fired: Bools, given: EffectInput, output: EffectOutput) -> None:
        """Act on the options for which the rule fired; `fired` has shape (options,)."""
        raise NotImplementedError
