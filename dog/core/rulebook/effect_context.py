"""What effects read, and where they write what they do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dog.core.ranking import GroupCap, RankPin
from dog.core.rulebook.columns import Bools, Floats, Frame

MAX_ITEMS = 1000
NO_RULE = -1


@dataclass(frozen=True, slots=True)
class EventWindow:
    """Which past events a limit counts.

    Parameters
    ----------
    event
        `pitch`, `win`, `loss`, `accept` or `discard`.
    by
        Whose: the `contact`'s own with any product; the `pair`'s; the `product`'s with any contact; the
        contact's with any product of the option's `category`.
    days
        How far back from now, at least 1.

    """

    event: str
    by: str
    days: int


EventCounts = Mapping[EventWindow, NDArray[np.integer]]
"""Events in each window that a rulebook names (`Rulebook.limits`), shape (options,) or, all alike, (1,)."""


@dataclass(frozen=True, slots=True)
class EffectInput:
    """What effects may look at: the options' columns and what happened before."""

    frame: Frame
    counts: EventCounts


@dataclass(slots=True)
class EffectOutput:
    """What the rules did to the options of one request, so far.

    Parameters
    ----------
    excluded_by
        Place of the first rule that excluded each option, -1 where none did, shape (options,).
    factors
        Factor of each rule that multiplies, by its number.
    caps, pins
        What the choice of the k best has to keep.

    """

    excluded_by: NDArray[np.int32]
    factors: dict[int, float] = field(default_factory=dict)
    caps: list[GroupCap] = field(default_factory=list)
    pins: list[RankPin] = field(default_factory=list)

    @classmethod
    def blank(cls, options: int) -> "EffectOutput":
        """Begin: nothing excluded, nothing multiplied."""
        return cls(np.full(options, NO_RULE, dtype=np.int32))

    def exclude(self, rule: int, where: Bools) -> None:
        """Exclude options on behalf of a rule; whoever came first is named."""
        if where.any():
            np.copyto(self.excluded_by, rule, where=where & (self.excluded_by == NO_RULE))

    def factor(self, fires: Bools) -> Floats:
        """Multiply the factors of all rules that fired, in their order; `fires` has shape (rules, options).

        All at once: one call a rule would take longer than the arithmetic.
        """
        numbers = list(self.factors)
        factors = np.array(list(self.factors.values()), np.float64)
        product: Floats = np.where(fires[numbers], factors[:, None], 1.0).prod(axis=0)
        return product
