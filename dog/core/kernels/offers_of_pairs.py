"""What a contact was offered of each option and the result, from its outcomes and the records of its pairs."""

from typing import Any

import numpy as np

from dog.core.events import EventType
from dog.core.kernels.array_types import INTEGERS, array_of
from dog.core.kernels.compiled import compiled
from dog.core.kernels.look_up_pairs import NO_RECORD
from dog.core.records import OUTCOME, PAIRS

PITCHED, WON, LOST, LAST_MS = range(4)
"""Rows of the counts; the time of the last pitch is in milliseconds since 1970, 0 where there is none."""
PITCH, WIN, LOSS = int(EventType.PITCH), int(EventType.WIN), int(EventType.LOSS)
_FORMATS = {"at": "<u8", "event": "<u8", "product": "<u4", "type": "u1"}
_FIELDS: Any = OUTCOME.fields
EVENT: np.dtype = np.dtype(
    {
        "names": list(_FORMATS),
        "formats": list(_FORMATS.values()),
        "offsets": [_FIELDS[name][1] for name in _FORMATS],
        "itemsize": OUTCOME.itemsize,
    }
)
"""A record of `OUTCOME` as kernels read it: its time with the bytes reversed. Of archived weeks `event` has wins in its
lower half, losses above."""
BYTE, BITS = np.uint64(0xFF), np.uint64(8)
HALF, HALF_BITS = np.uint64(0xFFFFFFFF), np.uint64(32)


@compiled()
def _reversed(word: np.uint64) -> np.uint64:
    """Return eight bytes in the reverse order."""
    found = np.uint64(0)
    for _ in range(8):
        found = (found << BITS) | (word & BYTE)
        word = word >> BITS
    return found


@compiled()
def _add(counts: np.ndarray, event: np.void) -> None:
    """Add an event to the counts of an option, shape (4,)."""
    if event["type"] == PITCH:
        counts[PITCHED] += 1
        counts[LAST_MS] = np.int64(_reversed(event["at"]))
    elif event["type"] == WIN:
        counts[WON] += 1
    elif event["type"] == LOSS:
        counts[LOST] += 1
    else:
        won, lost = np.int64(event["event"] & HALF), np.int64(event["event"] >> HALF_BITS)
        counts[WON] += won
        counts[LOST] += lost
        counts[PITCHED] += won + lost


@compiled((array_of(EVENT), INTEGERS, array_of(PAIRS), INTEGERS))
def count_offers_of(
    events: np.ndarray, products: np.ndarray, pairs: np.ndarray, places: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts of each option, shape (4, options), and the wins that the models expected, shape (options,).

    An outcome without a pitch implies one. A pair's record of the last week counts only while nothing has come since:
    its losses have the matured pitches too. Wins are expected, else NaN, where all pitches are settled and scored.

    Parameters
    ----------
    events
        Records of `EVENT` of one contact, in the order of time.
    products
        Product number of each option.
    pairs, places
        Records of `PAIRS`, and the place of each option's, `NO_RECORD` where it has none.

    """
    counts, expected = np.zeros((4, len(products)), np.int64), np.full(len(products), np.nan)
    for row in range(len(events)):
        product = np.int64(events[row]["product"])
        for option in range(len(products)):
            if products[option] == product:
                _add(counts[:, option], events[row])
    for option in range(len(products)):
        counts[PITCHED, option] = max(counts[PITCHED, option], counts[WON, option] + counts[LOST, option])
        if places[option] == NO_RECORD:
            continue
        pair, pitched = pairs[places[option]], counts[PITCHED, option]
        settled = np.int64(pair["wins"]) + np.int64(pair["losses"])
        if np.int64(pair["wins"]) == counts[WON, option] and settled + np.int64(pair["pending"]) == pitched:
            counts[LOST, option] = pair["losses"]
            if np.int64(pair["scored"]) == settled and settled == pitched:
                expected[option] = pair["expected"]
    return counts, expected
