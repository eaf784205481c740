"""Settlement, event by event: which pitch a win or loss settles, and what that comes to for each pair."""

import math

import numpy as np

from dog.core.events import EventType
from dog.core.kernels.compiled import compiled

PITCH, WIN, LOSS = int(EventType.PITCH), int(EventType.WIN), int(EventType.LOSS)
WON, LOST, OPEN, NOTHING = 0, 1, 2, 3
"""What became of a pitch, or of one that an outcome implies; of all other events nothing did."""


@compiled("void(i8[::1], u1[::1], u8[::1], u8[::1], b1[::1], i1[::1], i8[::1])")
def settle_events(
    pair: np.ndarray,
    kind: np.ndarray,
    event: np.ndarray,
    named: np.ndarray,
    seen: np.ndarray,
    state: np.ndarray,
    settled_by: np.ndarray,
) -> None:
    """Write into `state` what became of each event, into `settled_by` by which; all arrays have shape (events,).

    Events are grouped by `pair`, inside a pair in their order; those that are not `seen` do not count. A win or loss
    settles the pitch whose digest `event` it has `named`, if that is open, else the oldest open one; without one it
    implies a pitch. `settled_by` is written for pitches that are won or lost alone.
    """
    oldest = 0  # no pitch of the pair before this row is open
    for row in range(len(pair)):
        state[row] = NOTHING
        if row == 0 or pair[row] != pair[row - 1]:
            oldest = row
        if not seen[row]:
            continue
        if kind[row] == PITCH:
            state[row] = OPEN
        elif kind[row] in (WIN, LOSS):
            while oldest < row and state[oldest] != OPEN:
                oldest += 1
            settled = oldest
            if named[row] != 0:
                for earlier in range(oldest, row):
                    if state[earlier] == OPEN and event[earlier] == named[row]:
                        settled = earlier
                        break
            state[settled] = WON if kind[row] == WIN else LOST
            settled_by[settled] = row


@compiled("void(i8[::1], i8[::1], u1[::1], f4[::1], i1[::1], i8, i8, i8[:, ::1], f8[:, ::1])")
def count_settled(
    pair: np.ndarray,
    at_ms: np.ndarray,
    kind: np.ndarray,
    score: np.ndarray,
    state: np.ndarray,
    as_of_ms: int,
    matured_ms: int,
    counts: np.ndarray,
    scores: np.ndarray,
) -> None:
    """Count for each pair wins, losses and pending pitches; sum and count the scores of resolved pitches.

    `state` is that of `settle_events` at `as_of_ms`; a pitch that is still open and was made until `matured_ms` counts
    as lost. `counts` has shape (3, pairs), `scores` (2, pairs), all 0 before.
    """
    for row in range(len(pair)):
        owner = pair[row]
        if at_ms[row] >= as_of_ms:
            continue
        if kind[row] == WIN:
            counts[0, owner] += 1
        elif kind[row] == LOSS:
            counts[1, owner] += 1
        elif kind[row] == PITCH:
            if state[row] == OPEN and at_ms[row] > matured_ms:
                counts[2, owner] += 1
                continue
            if state[row] == OPEN:
                counts[1, owner] += 1
            if not math.isnan(score[row]):
                scores[0, owner] += score[row]
                scores[1, owner] += 1.0


@compiled("void(u8[:, ::1], u8[::1], u8[::1])")
def hash_records(words: np.ndarray, weights: np.ndarray, hashed: np.ndarray) -> None:
    """Write the weighted sum of each record's words, shape (records, words), modulo 2^64."""
    for row in range(len(words)):
        total = weights[0] * words[row, 0]
        for column in range(1, len(weights)):
            total += weights[column] * words[row, column]
        hashed[row] = total
