"""Choose the best options of a contact: order, caps with back-fill, pins."""

import math
from typing import NamedTuple

import numpy as np
from numba import types

from dog.core.kernels.array_types import FLAG_TABLE, FLAGS, FLOATS, INTEGER_TABLE, INTEGERS
from dog.core.kernels.compiled import compiled


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
    return scores[one] > scores[other] or (scores[one] == scores[other] and ties[one] < ties[other])


@compiled()
def _sift_down(heap: np.ndarray, size: int, place: int, scores: np.ndarray, ties: np.ndarray) -> None:
    """Move an option down a heap until both below it come after it."""
    option = heap[place]
    while 2 * place + 1 < size:
        below = 2 * place + 1
        if below + 1 < size and _comes_first(heap[below + 1], heap[below], scores, ties):
            below += 1
        if not _comes_first(heap[below], option, scores, ties):
            break
        heap[place] = heap[below]
        place = below
    heap[place] = option


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
    heap: np.ndarray, scores: np.ndarray, ties: np.ndarray, caps: Caps, pins: Pins, by_rank: np.ndarray
) -> int:
    """Write the option of each pinned rank into `by_rank`, -1 where there is none; return how many there are."""
    by_rank[:] = -1
    served = 0
    for pin in range(len(pins.ranks)):
        rank = pins.ranks[pin]
        if rank > len(by_rank) or by_rank[rank - 1] >= 0:
            continue
        best = -1
        for option in heap:
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
def choose(heap: np.ndarray, scores: np.ndarray, ties: np.ndarray, caps: Caps, pins: Pins, chosen: np.ndarray) -> int:
    """Write the best options into `chosen`, in their order; return how many there are.

    Parameters
    ----------
    heap
        The options that may be chosen, each with a score; their order is changed.
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
    pinned = _serve_pins(heap, scores, ties, caps, pins, by_rank) if len(pins.ranks) else 0
    size, count = len(heap), 0
    for place in range(size // 2 - 1, -1, -1):
        _sift_down(heap, size, place, scores, ties)
    while size and count + pinned < len(chosen):
        option = heap[0]
        size -= 1
        heap[0] = heap[size]
        _sift_down(heap, size, 0, scores, ties)
        if pinned and (by_rank == option).any():
            continue
        if _admits(option, caps):
            _hold(option, caps, 1)
            chosen[count] = option
            count += 1
    for rank in range(len(chosen) if pinned else 0):
        if by_rank[rank] >= 0:
            place = min(rank, count)
            chosen[place + 1 : count + 1] = chosen[place:count].copy()
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
    found, count = np.empty(end - begin, np.int64), 0
    for option in range(begin, end):
        if eligible[option] and not math.isnan(scores[option]):
            found[count] = option
            count += 1
    return found[:count]


@compiled(
    (
        FLOATS,
        FLAGS,
        INTEGERS,
        types.int64,
        INTEGER_TABLE,
        INTEGERS,
        INTEGERS,
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
    """Return the k best options of one contact, in their order; arguments as in `choose`, `Caps` and `Pins`."""
    heap, chosen = candidates_of(0, len(scores), eligible, scores), np.empty(k, np.int64)
    caps = Caps(groups, at_most, no_groups(groups))
    return chosen[: choose(heap, scores, ties, caps, Pins(pin_ranks, pinned_by), chosen)].copy()
