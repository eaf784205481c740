"""Votes beyond contacts: how many there are in each scope, and the multipliers that they come to."""

import math

import numpy as np
from numba import types

from dog.core.iso_weeks import DAY_MS
from dog.core.kernels.array_types import FLOAT_TABLE, INTEGERS, WORDS
from dog.core.kernels.compiled import compiled
from dog.core.kernels.run_multipliers import streak_of

SEGMENT, TENANT, ACTOR, ADMIN, ACCOUNT = SCOPES = tuple(range(5))
"""Numbers of the scopes."""
LASTS_MS, NEEDED, HALF_LIFE_DAYS = range(3)
"""Columns of `limits`: how long a vote counts, from how many votes on a scope acts, and how fast it fades."""
MARKET, BUSINESS = range(2)
"""Rows of the multipliers of options."""
MIX = np.uint64(0x9E3779B97F4A7C15)
"""What one digest is multiplied by to join it with another."""
SLOTS = 256
"""Categories whose multipliers are known, by the lowest bits of their digests."""

_TABLES = (WORDS, INTEGERS, INTEGERS, INTEGERS, INTEGERS, FLOAT_TABLE)


@compiled((types.int64, types.int64, INTEGERS, INTEGERS, types.int64, types.float64))
def net_votes(begin: int, end: int, at_ms: np.ndarray, weight: np.ndarray, now_ms: int, lasts_ms: float) -> int:
    """Return the votes for less those against at a time, of the rows from `begin` to `end`."""
    net = 0
    for vote in range(begin, end):
        if at_ms[vote] + lasts_ms > now_ms:
            net += weight[vote]
    return net


@compiled()
def _last_ms(
    begin: int, end: int, at_ms: np.ndarray, weight: np.ndarray, now_ms: int, lasts_ms: float, net: int
) -> int:
    """Return the time of the last vote on the winning side; 0 where no side wins."""
    last = 0
    for vote in range(begin, end):
        if weight[vote] * net > 0 and at_ms[vote] + lasts_ms > now_ms:
            last = max(last, at_ms[vote])
    return last


@compiled((types.int64, types.int64, INTEGERS, INTEGERS, types.int64, *[types.float64] * 5))
def vote_multiplier(
    begin: int,
    end: int,
    at_ms: np.ndarray,
    weight: np.ndarray,
    now_ms: int,
    lasts_ms: float,
    needed: float,
    half_life_days: float,
    accept: float,
    discard: float,
) -> float:
    """Return the multiplier of the votes from `begin` to `end` at a time; 1 where there are none.

    `accept` and `discard` are the multipliers that endless runs tend to.
    """
    net = net_votes(begin, end, at_ms, weight, now_ms, lasts_ms)
    last_ms = _last_ms(begin, end, at_ms, weight, now_ms, lasts_ms, net)
    days = max(now_ms - last_ms, 0) / DAY_MS
    return streak_of(net, days, int(needed) - 1, half_life_days, accept, discard)


@compiled()
def _key_of(scope: int, category: np.uint64, segment: np.uint64, actor: np.uint64) -> np.uint64:
    """Return what votes on a category are about in a scope, as `dog.core.verdicts.cross_contact.scope_keys`."""
    if scope == SEGMENT:
        return (category * MIX) ^ segment
    return (actor * MIX) ^ category if scope == ACTOR else category


@compiled()
def _rows_of(scope: int, key: np.uint64, keys: np.ndarray, bounds: np.ndarray, starts: np.ndarray) -> tuple[int, int]:
    """Return where the votes on a key begin and end; zeros where it has none."""
    low, high = bounds[scope], bounds[scope + 1]
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    if low < bounds[scope + 1] and keys[low] == key:
        return starts[low], starts[low + 1]
    return 0, 0


@compiled((WORDS, types.uint64, types.uint64, types.uint64, types.int64, *_TABLES))
def net_of_options(
    categories: np.ndarray,
    segment: int,
    account: int,
    actor: int,
    now_ms: int,
    keys: np.ndarray,
    bounds: np.ndarray,
    starts: np.ndarray,
    at_ms: np.ndarray,
    weight: np.ndarray,
    limits: np.ndarray,
) -> np.ndarray:
    """Return the votes for each option of a contact less those against it by scope, shape (options, 5).

    Parameters
    ----------
    categories, segment, account, actor
        Digests; of each option's category, shape (options,).
    now_ms
        Milliseconds since 1970.
    keys, bounds, starts, at_ms, weight, limits
        As in `dog.core.verdicts.cross_contact.VoteTables`.

    """
    found = np.zeros((len(categories), len(SCOPES)), np.int64)
    for option in range(len(categories)):
        for scope in SCOPES:
            key = np.uint64(account)
            if scope != ACCOUNT:
                key = _key_of(scope, categories[option], np.uint64(segment), np.uint64(actor))
            begin, end = _rows_of(scope, key, keys, bounds, starts)
            found[option, scope] = net_votes(begin, end, at_ms, weight, now_ms, limits[scope, LASTS_MS])
    return found


@compiled((WORDS, types.uint64, types.uint64, types.boolean, types.int64, types.float64, types.float64, *_TABLES))
def multiply_by_votes(
    categories: np.ndarray,
    segment: int,
    actor: int,
    business_counts: bool,
    now_ms: int,
    accept: float,
    discard: float,
    keys: np.ndarray,
    bounds: np.ndarray,
    starts: np.ndarray,
    at_ms: np.ndarray,
    weight: np.ndarray,
    limits: np.ndarray,
) -> np.ndarray:
    """Return the multipliers of each option of a contact by market and by business needs, shape (2, options).

    Of the segment's votes and the tenant's those count whose multiplier is farther from 1, so that a vote never counts
    twice.

    Parameters
    ----------
    categories, segment, actor
        Digests; of each option's category, shape (options,); an actor of 0 is not known.
    business_counts
        Whether votes for business needs still act.
    now_ms
        Milliseconds since 1970.
    accept, discard
        The multipliers that endless runs tend to.
    keys, bounds, starts, at_ms, weight, limits
        As in `dog.core.verdicts.cross_contact.VoteTables`.

    """
    found, latest = np.ones((2, len(categories))), np.full(SLOTS, -1)
    for option in range(len(categories)):
        category = categories[option]
        slot = np.int64(category % np.uint64(SLOTS))
        same, latest[slot] = latest[slot], option
        if same >= 0 and categories[same] == category:
            found[MARKET, option], found[BUSINESS, option] = found[MARKET, same], found[BUSINESS, same]
            continue
        for scope in (SEGMENT, TENANT, ACTOR, ADMIN):
            if (scope in (ACTOR, ADMIN) and not business_counts) or (scope == ACTOR and actor == 0):
                continue
            key = _key_of(scope, category, np.uint64(segment), np.uint64(actor))
            begin, end = _rows_of(scope, key, keys, bounds, starts)
            if begin == end:
                continue
            multiplier = vote_multiplier(
                begin,
                end,
                at_ms,
                weight,
                now_ms,
                limits[scope, LASTS_MS],
                limits[scope, NEEDED],
                limits[scope, HALF_LIFE_DAYS],
                accept,
                discard,
            )
            if scope in (ACTOR, ADMIN):
                found[BUSINESS, option] *= multiplier
            elif abs(math.log(found[MARKET, option])) < abs(math.log(multiplier)):
                found[MARKET, option] = multiplier
    return found
