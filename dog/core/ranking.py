"""Choose the k best options of one contact again, for previews and explanations: order, caps with back-fill, pins."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.core.kernels.choose import select_best

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GroupCap:
    """A limit to the options of one group in a list.

    Parameters
    ----------
    groups
        Group of each option, shape (options,); -1 where the cap does not apply.
    at_most
        Options of one group that a list may have, at least 1.
    rule
        Number of the rule in the rulebook, for explanations.

    """

    groups: Integers
    at_most: int
    rule: int = -1


@dataclass(frozen=True, slots=True)
class RankPin:
    """A rank reserved for the best of some options.

    Parameters
    ----------
    rank
        Place in the list, from 1.
    matches
        Options of which the best takes it, shape (options,).
    rule
        Number of the rule in the rulebook.

    """

    rank: int
    matches: Bools
    rule: int = -1


def select(
    scores: Floats,
    eligible: Bools,
    tie_order: Integers,
    k: int,
    *,
    caps: Sequence[GroupCap] = (),
    pins: Sequence[RankPin] = (),
) -> Integers:
    """Choose the k best eligible options, in their order.

    Parameters
    ----------
    scores
        Final score of each option, shape (options,); an option whose score is NaN is never chosen.
    eligible
        Options that may be chosen, shape (options,).
    tie_order
        Order of options with equal scores, smaller first, shape (options,).
    k
        Length of the list, at least 0.
    caps
        Each applies to the whole list; an option that would break one is skipped for the next best.
    pins
        Served in the order given, before the rest; a pin beyond the list, or without an eligible option that keeps
        the caps, is skipped. Where the list is shorter than its rank, it comes last.

    Returns
    -------
    Positions of the options chosen, best first, pinned ones at their ranks, shape (<= k,): fewer than k only where
    no further option could be added without breaking a cap. O(options + k log k) without caps and pins.

    Examples
    --------
    >>> scores, everyone, order = np.array([0.2, 0.9, 0.9, np.nan]), np.ones(4, bool), np.arange(4)
    >>> select(scores, everyone, order, 3)
    array([1, 2, 0])
    >>> select(scores, everyone, order, 2, caps=[GroupCap(np.array([0, 1, 1, 1]), 1)])
    array([1, 0])
    >>> select(scores, everyone, order, 2, pins=[RankPin(1, np.array([True, False, False, False]))])
    array([0, 1])

    """
    options = len(scores)
    groups = np.array([cap.groups for cap in caps], np.int64).reshape(len(caps), options)
    at_most = np.array([cap.at_most for cap in caps], np.int64)
    matches = np.array([pin.matches for pin in pins], bool).reshape(len(pins), options)
    return select_best(
        scores, eligible, tie_order, k, groups, at_most, np.array([pin.rank for pin in pins], np.int64), matches
    )


def stopped_by(option: int, chosen: Integers, caps: Sequence[GroupCap]) -> GroupCap | None:
    """Return the cap that kept an option off a list.

    Parameters
    ----------
    option
        Position of an eligible option that is not on the list.
    chosen
        The list, as `select` made it.
    caps
        The caps it was made with.

    Returns
    -------
    The first cap that is full; `None` where the option's score was too low.

    """
    for cap in caps:
        group = cap.groups[option]
        if group >= 0 and int(np.count_nonzero(cap.groups[chosen] == group)) >= cap.at_most:
            return cap
    return None
