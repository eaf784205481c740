"""The best options of many lists at once, laid end to end: what `ranking.select` chooses for each."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dog.core.ranking import Bools, Floats, GroupCap, Integers, RankPin, select


def select_many(
    starts: Integers,
    scores: Floats,
    eligible: Bools,
    product_order: Integers,
    k: int,
    *,
    caps: list[GroupCap],
    pins: list[RankPin],
) -> tuple[Integers, Integers]:
    """Choose each list's k best eligible options, in their order.

    Parameters
    ----------
    starts
        Where each list's options begin, and the end of the last, shape (lists + 1,).
    scores, eligible, product_order, k, caps, pins
        As in `select`, over the options of all lists.

    Returns
    -------
    Positions of the options chosen, list by list, best first in each; and how many each list got, shape (lists,).

    Examples
    --------
    >>> scores, everyone = np.array([0.2, 0.9, 0.5, 0.7]), np.ones(4, bool)
    >>> places, sizes = select_many(np.array([0, 3, 4]), scores, everyone, np.arange(4), 2, caps=[], pins=[])
    >>> places, sizes
    (array([1, 2, 3]), array([2, 1]))

    """
    if pins or len(caps) > 1:  # what one option takes decides about the next
        return _one_by_one(starts, scores, eligible, product_order, k, caps, pins)
    candidates = np.flatnonzero(eligible & ~np.isnan(scores))
    owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[candidates]
    best_first = np.lexsort((product_order[candidates], -scores[candidates], owner))
    candidates, owner = candidates[best_first], owner[best_first]
    for cap in caps:
        groups = cap.groups[candidates]
        kept = (groups < 0) | (_place_among_equals(owner, groups) < cap.at_most)
        candidates, owner = candidates[kept], owner[kept]
    first = np.searchsorted(owner, np.arange(len(starts)))
    listed = np.arange(len(owner)) - first[owner] < k
    return candidates[listed], np.minimum(np.diff(first), k)


def _place_among_equals(owner: Integers, groups: Integers) -> NDArray[np.int64]:
    """Tell how many options of the same list and group come before each, shape (options,)."""
    key = owner * (int(groups.max(initial=0)) + 2) + groups + 1
    together = np.argsort(key, kind="stable")
    is_first = np.diff(key[together], prepend=-1) != 0
    positions = np.arange(len(key))
    place = np.empty(len(key), np.int64)
    place[together] = positions - np.maximum.accumulate(np.where(is_first, positions, 0))
    return place


def _one_by_one(
    starts: Integers,
    scores: Floats,
    eligible: Bools,
    product_order: Integers,
    k: int,
    caps: list[GroupCap],
    pins: list[RankPin],
) -> tuple[Integers, Integers]:
    chosen = [np.zeros(0, np.int64)]
    for first, last in pairwise(starts.tolist()):
        own = slice(first, last)
        own_caps = [GroupCap(cap.groups[own], cap.at_most, cap.rule) for cap in caps]
        own_pins = [RankPin(pin.rank, pin.matches[own], pin.rule) for pin in pins]
        chosen.append(first + select(scores[own], eligible[own], product_order[own], k, caps=own_caps, pins=own_pins))
    return np.concatenate(chosen), np.array([len(places) for places in chosen[1:]], np.int64)
