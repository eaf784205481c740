"""Choose the k best options of one contact or many: order, caps with back-fill, pins."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat

import numpy as np
from numpy.typing import NDArray

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

    def allows(self, chosen: Integers) -> bool:
        """Return whether a list of these options, by position, keeps the cap."""
        held = Counter(self.groups.take(chosen).tolist())
        del held[-1]
        return max(held.values(), default=0) <= self.at_most


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


def choose(
    starts: Integers,
    scores: Floats,
    eligible: Bools,
    tie_order: Integers,
    k: int,
    *,
    caps: Sequence[GroupCap] = (),
    pins: Sequence[RankPin] = (),
) -> tuple[Integers, Integers]:
    """Choose each contact's k best eligible options, in their order.

    Parameters
    ----------
    starts
        Where each contact's options begin, and the end of the last, shape (contacts + 1,).
    scores, eligible, tie_order, k, caps, pins
        As in `select`, over the options of all contacts.

    Returns
    -------
    Positions of the options chosen, contact by contact, best first; and how many each contact got, shape (contacts,).

    Examples
    --------
    >>> scores, everyone = np.array([0.2, 0.9, 0.5, 0.7]), np.ones(4, bool)
    >>> choose(np.array([0, 3, 4]), scores, everyone, np.arange(4), 2)
    (array([1, 2, 3]), array([2, 1]))

    """
    if len(starts) == 2:
        chosen = select(scores, eligible, tie_order, k, caps=caps, pins=pins)
        return chosen, np.array([len(chosen)])
    if k == 1 and not pins:  # a cap allows one option at least
        return _choose_best(starts, scores, eligible, tie_order)
    if pins or len(caps) > 1:  # an option that is taken decides which others may be
        return _choose_one_by_one(starts, scores, eligible, tie_order, k, caps=caps, pins=pins)
    candidates = np.flatnonzero(eligible & ~np.isnan(scores))
    owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[candidates]
    best_first = np.lexsort((tie_order[candidates], -scores[candidates], owner))
    candidates, owner = candidates[best_first], owner[best_first]
    for cap in caps:
        groups = cap.groups[candidates]
        kept = (groups < 0) | (_place_among_equals(owner, groups) < cap.at_most)
        candidates, owner = candidates[kept], owner[kept]
    first = np.searchsorted(owner, np.arange(len(starts)))
    listed = np.arange(len(owner)) - first[owner] < k
    return candidates[listed], np.minimum(np.diff(first), k)


def _choose_best(starts: Integers, scores: Floats, eligible: Bools, tie_order: Integers) -> tuple[Integers, Integers]:
    """Choose each contact's best option, without sorting."""
    sizes, usable = np.diff(starts), eligible & ~np.isnan(scores)
    values = np.where(usable, scores, -np.inf)
    best = np.maximum.reduceat(values, starts[:-1][sizes > 0]) if len(values) else values
    equals = np.flatnonzero(usable & (values == np.repeat(best, sizes[sizes > 0])))
    owner = starts.searchsorted(equals, "right") - 1
    first_wins = np.lexsort((tie_order[equals], owner))
    equals, owner = equals[first_wins], owner[first_wins]
    is_first = np.diff(owner, prepend=-1) != 0
    return equals[is_first], np.bincount(owner[is_first], minlength=len(sizes))


def _choose_one_by_one(
    starts: Integers,
    scores: Floats,
    eligible: Bools,
    tie_order: Integers,
    k: int,
    *,
    caps: Sequence[GroupCap],
    pins: Sequence[RankPin],
) -> tuple[Integers, Integers]:
    chosen = [np.zeros(0, np.int64)]
    for first, last in pairwise(starts.tolist()):
        own = slice(first, last)
        own_caps = [GroupCap(cap.groups[own], cap.at_most, cap.rule) for cap in caps]
        own_pins = [RankPin(pin.rank, pin.matches[own], pin.rule) for pin in pins]
        chosen.append(first + select(scores[own], eligible[own], tie_order[own], k, caps=own_caps, pins=own_pins))
    return np.concatenate(chosen), np.array([len(places) for places in chosen[1:]], np.int64)


def _place_among_equals(owner: Integers, groups: Integers) -> NDArray[np.int64]:
    """Count the earlier options of the same contact and group, shape (options,)."""
    key = owner * (int(groups.max(initial=0)) + 2) + groups + 1
    together = np.argsort(key, kind="stable")
    is_first = np.diff(key[together], prepend=-1) != 0
    positions = np.arange(len(key))
    place = np.empty(len(key), np.int64)
    place[together] = positions - np.maximum.accumulate(np.where(is_first, positions, 0))
    return place


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
    candidates = np.flatnonzero(eligible & ~np.isnan(scores))
    if not pins:  # usually the best options keep all caps
        best = _best(candidates, scores, tie_order, k)
        if all(cap.allows(best) for cap in caps):
            return best
    kept = _GroupCounts(caps)
    pinned = _serve_pins(candidates, scores, tie_order, [pin for pin in pins if pin.rank <= k], caps, kept)
    rest: list[int] = []
    taken = set(pinned.values())
    for option, groups in _best_first(candidates, scores, tie_order, caps, 4 * k):
        if len(rest) + len(pinned) >= k:
            break
        if option not in taken and kept.admits(groups):
            rest.append(option)
    for rank in sorted(pinned):
        rest.insert(rank - 1, pinned[rank])
    return np.array(rest, dtype=np.int64)


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


class _GroupCounts:
    """Counts of the options chosen so far, by group of each cap."""

    def __init__(self, caps: Sequence[GroupCap]) -> None:
        self._caps = [(defaultdict[int, int](int), cap.at_most) for cap in caps]

    def admits(self, groups: Sequence[int]) -> bool:
        """Count an option, given by its group under each cap, unless it breaks a cap; return whether it was counted."""
        for (counts, at_most), group in zip(self._caps, groups, strict=True):
            if group >= 0 and counts[group] >= at_most:
                return False
        for (counts, _), group in zip(self._caps, groups, strict=True):
            counts[group] += 1
        return True


def _serve_pins(
    candidates: Integers,
    scores: Floats,
    tie_order: Integers,
    pins: Sequence[RankPin],
    caps: Sequence[GroupCap],
    kept: _GroupCounts,
) -> dict[int, int]:
    pinned: dict[int, int] = {}
    for pin in pins:
        if pin.rank in pinned:
            continue
        matching = candidates[pin.matches[candidates]]
        for option, groups in _best_first(matching, scores, tie_order, caps, len(pins)):
            if option not in pinned.values() and kept.admits(groups):
                pinned[pin.rank] = option
                break
    return pinned


def _best_first(
    candidates: Integers, scores: Floats, tie_order: Integers, caps: Sequence[GroupCap], first: int
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield all candidates with their groups, best first; sort all of them only where the first few do not suffice."""
    head = _best(candidates, scores, tie_order, first)
    yield from _with_groups(head, caps)
    if len(head) < len(candidates):
        yield from _with_groups(_best(candidates, scores, tie_order, len(candidates))[len(head) :], caps)


def _with_groups(options: Integers, caps: Sequence[GroupCap]) -> Iterator[tuple[int, tuple[int, ...]]]:
    groups = zip(*(cap.groups[options].tolist() for cap in caps), strict=True) if caps else repeat(())
    return zip(options.tolist(), groups, strict=False)


def _best(candidates: Integers, scores: Floats, tie_order: Integers, count: int) -> Integers:
    if 0 < count < len(candidates):
        values = scores[candidates]
        # keep all that tie with the last one: `tie_order` decides among them
        last = np.partition(values, len(values) - count)[len(values) - count]
        candidates = candidates[values >= last]
    best: Integers = candidates[np.lexsort((tie_order[candidates], -scores[candidates]))][:count]
    return best
