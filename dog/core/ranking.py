"""Which options come out on top: order, caps with back-fill, pins.

Options are numbers with masks until the best k are known; nothing here knows what a product is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GroupCap:
    """At most so many options of one group in a list.

    Parameters
    ----------
    groups
        Group of each option, shape (options,); -1 where the cap does not hold.
    at_most
        Options of one group that a list may have, at least 1.
    rule
        Whose cap it is, for explanations; the rulebook's number of the rule.

    """

    groups: Integers
    at_most: int
    rule: int = -1

    def allows(self, chosen: Integers) -> bool:
        """Tell whether a list of these options, by position, keeps the cap."""
        held = Counter(self.groups.take(chosen).tolist())
        del held[-1]
        return max(held.values(), default=0) <= self.at_most


@dataclass(frozen=True, slots=True)
class RankPin:
    """A rank kept for the best of some options.

    Parameters
    ----------
    rank
        Place in the list, from 1.
    matches
        Options of which the best takes it, shape (options,).
    rule
        Whose pin it is; the rulebook's number of the rule.

    """

    rank: int
    matches: Bools
    rule: int = -1


def select(
    scores: Floats,
    eligible: Bools,
    product_order: Integers,
    k: int,
    *,
    caps: Sequence[GroupCap] = (),
    pins: Sequence[RankPin] = (),
) -> Integers:
    """Choose the k best eligible options, in their order.

    Parameters
    ----------
    scores
        Final score of each option, shape (options,); an option whose score is NaN never comes out.
    eligible
        Which options may come out at all, shape (options,).
    product_order
        What decides between equal scores, smaller first: the rank of the option's product id, shape
        (options,).
    k
        Length of the list, at least 0.
    caps
        Each holds for the whole list; an option that would break one is passed over for the next best.
    pins
        Served in the order given, before the rest; a pin beyond the list, or without an option that may come
        out and keeps the caps, is passed over. Where fewer come out than its rank, it closes the list.

    Returns
    -------
    Positions of the options chosen, best first, pinned ones at their ranks, shape (<= k,): k of them, or so
    many that no further option could be added without breaking a cap. Without caps and pins it takes
    O(options + k log k).

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
    candidates = np.flatnonzero(eligible & ~np.isnan(scores))
    if not pins:  # as a rule the best keep the caps as they are
        best = _best(candidates, scores, product_order, k)
        if all(cap.allows(best) for cap in caps):
            return best
    kept = _Kept(caps)
    pinned = _serve_pins(candidates, scores, product_order, [pin for pin in pins if pin.rank <= k], caps, kept)
    rest: list[int] = []
    taken = set(pinned.values())
    for option, groups in _best_first(candidates, scores, product_order, caps, 4 * k):
        if len(rest) + len(pinned) >= k:
            break
        if option not in taken and kept.admits(groups):
            rest.append(option)
    for rank in sorted(pinned):
        rest.insert(rank - 1, pinned[rank])
    return np.array(rest, dtype=np.int64)


def stopped_by(option: int, chosen: Integers, caps: Sequence[GroupCap]) -> GroupCap | None:
    """Find the cap that kept an option off a list.

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
    The first cap that the list has no room under; `None` where the option's score alone was too low.

    """
    for cap in caps:
        group = cap.groups[option]
        if group >= 0 and int(np.count_nonzero(cap.groups[chosen] == group)) >= cap.at_most:
            return cap
    return None


class _Kept:
    """How full each group of each cap is."""

    def __init__(self, caps: Sequence[GroupCap]) -> None:
        self._caps = [(defaultdict[int, int](int), cap.at_most) for cap in caps]

    def admits(self, groups: Sequence[int]) -> bool:
        """Take an option, told by its group under each cap, if no cap is broken by it; say whether it was taken."""
        for (counts, at_most), group in zip(self._caps, groups, strict=True):
            if group >= 0 and counts[group] >= at_most:
                return False
        for (counts, _), group in zip(self._caps, groups, strict=True):
            counts[group] += 1
        return True


def _serve_pins(
    candidates: Integers,
    scores: Floats,
    product_order: Integers,
    pins: Sequence[RankPin],
    caps: Sequence[GroupCap],
    kept: _Kept,
) -> dict[int, int]:
    pinned: dict[int, int] = {}
    for pin in pins:
        if pin.rank in pinned:
            continue
        matching = candidates[pin.matches[candidates]]
        for option, groups in _best_first(matching, scores, product_order, caps, len(pins)):
            if option not in pinned.values() and kept.admits(groups):
                pinned[pin.rank] = option
                break
    return pinned


def _best_first(
    candidates: Integers, scores: Floats, product_order: Integers, caps: Sequence[GroupCap], first: int
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Go through all candidates with their groups, best first; sort the whole only if the first few do not do."""
    head = _best(candidates, scores, product_order, first)
    yield from _with_groups(head, caps)
    if len(head) < len(candidates):
        yield from _with_groups(_best(candidates, scores, product_order, len(candidates))[len(head) :], caps)


def _with_groups(options: Integers, caps: Sequence[GroupCap]) -> Iterator[tuple[int, tuple[int, ...]]]:
    groups = zip(*(cap.groups[options].tolist() for cap in caps), strict=True) if caps else repeat(())
    return zip(options.tolist(), groups, strict=False)


def _best(candidates: Integers, scores: Floats, product_order: Integers, count: int) -> Integers:
    if 0 < count < len(candidates):
        values = scores[candidates]
        # all that tie with the last one stay in, so that the order of products decides among them
        last = np.partition(values, len(values) - count)[len(values) - count]
        candidates = candidates[values >= last]
    best: Integers = candidates[np.lexsort((product_order[candidates], -scores[candidates]))][:count]
    return best
