"""What effects read, and where they write what they do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dog.core.ranking import GroupCap, Pin
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
class Situation:
    """What effects may look at: the options' columns and what happened before."""

    frame: Frame
    counts: EventCounts


@dataclass(slots=True)
class Tally:
    """What the rules did to the options of one request, so far.

    Parameters
    ----------
    excluded_by
        Place of the first rule that excluded each option, -1 where none did, shape (options,).
    factor
        Product of the factors of all rules that fired, shape (options,).
    caps, pins
        What the choice of the k best has to keep.

    """

    excluded_by: NDArray[np.int32]
    factor: Floats
    caps: list[GroupCap] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)

    @classmethod
    def blank(cls, options: int) -> "Tally":
        """Begin: nothing excluded, every factor 1."""
        return cls(np.full(options, NO_RULE, dtype=np.int32), np.ones(options))

    def exclude(self, rule: int, where: Bools) -> None:
        """Exclude options on behalf of a rule; whoever came first is named."""
        if where.any():
            np.copyto(self.excluded_by, rule, where=where & (self.excluded_by == NO_RULE))

    def multiply(self, where: Bools, factor: float) -> None:
        """Multiply the factors of options."""
        np.multiply(self.factor, factor, out=self.factor, where=where)
