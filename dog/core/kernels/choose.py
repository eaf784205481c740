"""Choose the best options of a contact: order, caps with back-fill, pins."""

import math

import numpy as np
from numba import types

from dog.core.kernels.compiled import compiled


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
def _admits(option: int, groups: np.ndarray, at_most: np.ndarray, held: np.ndarray) -> bool:
    """Return whether an option breaks no cap, given how many of each group a list holds."""
    for cap in range(len(at_most)):
        group = groups[cap, option]
        if group >= 0 and held[cap, group] >= at_most[cap]:
            return False
    return True


@compiled()
def _hold(option: int, groups: np.ndarray, held: np.ndarray, count: int) -> None:
    for cap in range(len(held)):
        if groups[cap, option] >= 0:
            held[cap, groups[cap, option]] += count


@compiled()
def _serve_pins(
    heap: np.ndarray,
    scores: np.ndarray,
    ties: np.ndarray,
    groups: np.ndarray,
    at_most: np.ndarray,
    held: np.ndarray,
    pin_ranks: np.ndarray,
    pinned_by: np.ndarray,
    by_rank: np.ndarray,
) -> int:
    """Write the option of each pinned rank into `by_rank`, -1 where there is none; return how many there are."""
    by_rank[:] = -1
    served = 0
    for pin in range(len(pin_ranks)):
        rank = pin_ranks[pin]
        if rank > len(by_rank) or by_rank[rank - 1] >= 0:
            continue
        best = -1
        for option in heap:
            if not pinned_by[pin, option] or (best >= 0 and not _comes_first(option, best, scores, ties)):
                continue
            if _admits(option, groups, at_most, held) and not (by_rank == option).any():
                best = option
        if best >= 0:
            by_rank[rank - 1] = best
            _hold(best, groups, held, 1)
            served += 1
    return served


@compiled()
def choose(
    heap: np.ndarray,
    scores: np.ndarray,
    ties: np.ndarray,
    groups: np.ndarray,
    at_most: np.ndarray,
    held: np.ndarray,
    pin_ranks: np.ndarray,
    pinned_by: np.ndarray,
    chosen: np.ndarray,
) -> int:
    """Write the best options into `chosen`, in their order; return how many there are.

    Parameters
    ----------
    heap
        The options that may be chosen, each with a score; their order is changed.
    scores, ties
        What all options are ordered by: the higher score first, of equal ones the lower in `ties`, shape (options,).
    groups
        Group of each option by cap, -1 where a cap does not apply, shape (caps, options).
    at_most
        Options of one group that a list may hold, shape (caps,). An option that would be one too many is skipped for
        the next.
    held
        Zeros, which it leaves as zeros, shape (caps, groups).
    pin_ranks
        Rank that each pin keeps for the best of its options, from 1, shape (pins,). Pins are served in this order; one
        beyond the list, or without an option that keeps the caps, is skipped. In a shorter list it comes last.
    pinned_by
        The options of each pin, shape (pins, options).
    chosen
        As long as the list may be.

    """
    by_rank = np.empty(len(chosen), np.int64)
    pinned = 0
    if len(pin_ranks):
        pinned = _serve_pins(heap, scores, ties, groups, at_most, held, pin_ranks, pinned_by, by_rank)
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
        if _admits(option, groups, at_most, held):
            _hold(option, groups, held, 1)
            chosen[count] = option
            count += 1
    for rank in range(len(chosen) if pinned else 0):
        if by_rank[rank] >= 0:
            place = min(rank, count)
            chosen[place + 1 : count + 1] = chosen[place:count].copy()
            chosen[place] = by_rank[rank]
            count += 1
    for option in chosen[:count]:
        _hold(option, groups, held, -1)
    return count


@compiled()
def candidates_of(begin: int, end: int, eligible: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return a contact's options that are eligible and have a score."""
    found, count = np.empty(end - begin, np.int64), 0
    for option in range(begin, end):
        if eligible[option] and not math.isnan(scores[option]):
            found[count] = option
            count += 1
    return found[:count]


_NUMBERS = types.Array(types.int64, 1, "C", readonly=True)


@compiled(
    (
        types.Array(types.float64, 1, "C", readonly=True),
        types.Array(types.boolean, 1, "C", readonly=True),
        _NUMBERS,
        types.int64,
        types.Array(types.int64, 2, "C", readonly=True),
        _NUMBERS,
        _NUMBERS,
        types.Array(types.boolean, 2, "C", readonly=True),
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
    """Return the k best options of one contact, in their order; arguments as in `choose`."""
    heap = candidates_of(0, len(scores), eligible, scores)
    held = np.zeros((len(at_most), groups.max() + 1 if groups.size else 0), np.int64)
    chosen = np.empty(k, np.int64)
    count = choose(heap, scores, ties, groups, at_most, held, pin_ranks, pinned_by, chosen)
    return chosen[:count].copy()
