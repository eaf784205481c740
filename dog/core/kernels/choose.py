"""Choose the best options of a contact: order, caps with back-fill, pins."""

import math
from typing import NamedTuple

import numpy as np
from numba import types

from dog.core.kernels.array_types import FLAG_TABLE, FLAGS, FLOATS, INTEGER_TABLE, INTEGERS
from dog.core.kernels.compiled import compiled

SPARE = 8
"""Options that are sorted beyond the list where caps may take some out; where they do not suffice, the next follow."""


COLUMN = types.Array(types.int64, 1, "A", readonly=True)
"""One column of a table, whose numbers lie apart; other arrays of whole numbers are taken too."""


class Caps(NamedTuple):
    """Limits to the options of one group in a list."""

    groups: np.ndarray  # group of each option by cap, -1 where a cap does not apply, shape (caps, options)
    at_most: np.ndarray  # options of one group that a list may hold, shape (caps,)
    held: np.ndarray  # how many of each group a list holds: zeros before and after a choice, shape (caps, groups)


class Pins(NamedTuple):
    """Ranks that are kept for the best of some options."""

    ranks: np.ndarray  # from 1, shape (pins,)
    matches: np.ndarray  # the options of each pin, shape (pins, options)


@compiled()
def _comes_first(one: int, other: int, scores: np.ndarray, ties: np.ndarray) -> bool:
    """Return whether an option comes before another: by score, of equal ones the lower in `ties`."""
    if scores[one] != scores[other]:
        return scores[one] > scores[other]
    return ties[one] < ties[other]


@compiled()
def _admits(option: int, caps: Caps) -> bool:
    """Return whether an option breaks no cap, given how many of each group a list holds."""
    for cap in range(len(caps.at_most)):
        group = caps.groups[cap, option]
        if group >= 0 and caps.held[cap, group] >= caps.at_most[cap]:
            return False
    return True


@compiled()
def _hold(option: int, caps: Caps, count: int) -> None:
    for cap in range(len(caps.held)):
        if caps.groups[cap, option] >= 0:
            caps.held[cap, caps.groups[cap, option]] += count


@compiled()
def _serve_pins(
    candidates: np.ndarray, scores: np.ndarray, ties: np.ndarray, caps: Caps, pins: Pins, by_rank: np.ndarray
) -> int:
    """Write the option of each pinned rank into `by_rank`, -1 where there is none; return how many there are."""
    by_rank[:] = -1
    served = 0
    for pin in range(len(pins.ranks)):
        rank = pins.ranks[pin]
        if rank > len(by_rank) or by_rank[rank - 1] >= 0:
            continue
        best = -1
        for option in candidates:
            if not pins.matches[pin, option] or (best >= 0 and not _comes_first(option, best, scores, ties)):
                continue
            if _admits(option, caps) and not (by_rank == option).any():
                best = option
        if best >= 0:
            by_rank[rank - 1] = best
            _hold(best, caps, 1)
            served += 1
    return served


@compiled()
def _next_best(
    candidates: np.ndarray, scores: np.ndarray, ties: np.ndarray, caps: Caps, last: int, best: np.ndarray
) -> int:
    """Write the best candidates that come after `last` and break no cap into `best`, in order; return their number.

    `last` is -1 for the first ones, of which caps are not tested here. Most candidates cost one comparison: they come
    after the last of `best`.
    """
    count, lowest = 0, -math.inf
    for option in candidates:
        if scores[option] < lowest:
            continue
        if count == len(best) and not _comes_first(option, best[count - 1], scores, ties):
            continue
        if last >= 0 and not (_comes_first(last, option, scores, ties) and _admits(option, caps)):
            continue
        count = min(count + 1, len(best))
        place = count - 1
        while place > 0 and _comes_first(option, best[place - 1], scores, ties):
            best[place] = best[place - 1]
            place -= 1
        best[place] = option
        if count == len(best):
            lowest = scores[best[count - 1]]
    return count


@compiled()
def choose(
    candidates: np.ndarray, scores: np.ndarray, ties: np.ndarray, caps: Caps, pins: Pins, chosen: np.ndarray
) -> int:
    """Write the best options into `chosen`, in their order; return how many there are.

    Parameters
    ----------
    candidates
        The options that may be chosen, each with a score.
    scores, ties
        What all options are ordered by: the higher score first, of equal ones the lower in `ties`, shape (options,).
    caps
        An option that would be one too many of a group is skipped for the next.
    pins
        They are served in this order; one beyond the list, or without an option that keeps the caps, is skipped. In a
        shorter list it comes last.
    chosen
        As long as the list may be.

    """
    by_rank = np.empty(len(chosen), np.int64)
    pinned = _serve_pins(candidates, scores, ties, caps, pins, by_rank) if len(pins.ranks) else 0
    spare = SPARE if pinned or len(caps.at_most) else 0
    best = np.empty(min(len(chosen) + spare, len(candidates)), np.int64)
    count, found, last = 0, len(best), -1
    while found == len(best) and len(best) and count + pinned < len(chosen):
        found = _next_best(candidates, scores, ties, caps, last, best)
        for option in best[:found]:
            last = option
            if count + pinned < len(chosen) and not (pinned and (by_rank == option).any()) and _admits(option, caps):
                _hold(option, caps, 1)
                chosen[count] = option
                count += 1
    for rank in range(len(chosen) if pinned else 0):
        if by_rank[rank] >= 0:
            place = min(rank, count)
            for later in range(count, place, -1):  # as a slice it takes a second to compile
                chosen[later] = chosen[later - 1]
            chosen[place] = by_rank[rank]
            count += 1
    for option in chosen[:count]:
        _hold(option, caps, -1)
    return count


@compiled()
def no_groups(groups: np.ndarray) -> np.ndarray:
    """Return how many options of each group an empty list holds, shape (caps, groups)."""
    return np.zeros((len(groups), groups.max() + 1 if groups.size else 0), np.int64)


@compiled()
def candidates_of(begin: int, end: int, eligible: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return a contact's options that are eligible and have a score."""
    found, count = np.empty(end - begin + 1, np.int64), np.uint64(0)
    own_eligible, own_scores = eligible[begin:end], scores[begin:end]
    for number in range(len(own_scores)):
        found[count] = begin + number
        count += np.uint64(own_eligible[number] and not math.isnan(own_scores[number]))
    return found[: np.int64(count)]


@compiled(
    (
        FLOATS,
        FLAGS,
        INTEGERS,
        types.int64,
        INTEGER_TABLE,
        COLUMN,
        COLUMN,
        FLAG_TABLE,
    )
)
def select_best(
    scores: np.ndarray,
    eligible: np.ndarray,
    ties: np.ndarray,
    k: int,
    groups: np.ndarray,
    at_most: np.ndarray,
    pin_ranks: np.ndarray,
    pinned_by: np.ndarray,
) -> np.ndarray:
    """Return the k best options of one contact, in their order; arguments as in `choose`, `Caps` and `Pins`.

    The arrays have the types that `rank_options` gives to `choose`, which is compiled once for both.
    """
    candidates, chosen = candidates_of(0, len(scores), eligible, scores), np.empty(k, np.int64)
    caps = Caps(groups.copy(), at_most, no_groups(groups))
    return chosen[: choose(candidates, scores, ties, caps, Pins(pin_ranks, pinned_by.copy()), chosen)].copy()
