"""Count what a contact was offered and the result, from its outcomes; for words, not for arithmetic.

The weekly job settles every pitch; here a pitch without an outcome is open, whatever its age.
"""

from math import isnan
from typing import NamedTuple

import numpy as np

from dog.core.events import EventType
from dog.core.kernels.offers_of_pairs import EVENT, count_offers_of
from dog.core.records import CARRIED, OUTCOME


class OfferCounts(NamedTuple):
    """Pitches, wins and losses of one pair; an outcome without a pitch implies one."""

    pitches: int
    wins: int
    losses: int
    last_ms: int  # time of the last pitch, milliseconds since 1970; 0 where it is not known
    expected: float | None  # wins that the models expected of these pitches; None where not known


def latest_last(products: np.ndarray) -> np.ndarray:
    """Return products in the order of time, each once, at the place of its last event.

    >>> latest_last(np.array([1, 2, 1, 3])).tolist()
    [2, 1, 3]

    """
    latest_first = products[::-1]
    _, places = np.unique(latest_first, return_index=True)
    return np.asarray(latest_first[np.sort(places)][::-1])


def is_won(ledger: np.ndarray) -> np.ndarray:
    """Mark the wins among records of `dog.core.records.OUTCOME`, those of archived weeks too, shape (events,)."""
    carried = ledger["type"] == EventType.CARRIED
    return np.asarray((ledger["type"] == EventType.WIN) | (carried & (ledger.view(CARRIED)["wins"] > 0)))


def count_offers(
    ledger: np.ndarray, products: np.ndarray, pairs: np.ndarray, places: np.ndarray
) -> list[OfferCounts | None]:
    """Count one contact's outcomes of some options; None where the product was never offered.

    Parameters
    ----------
    ledger
        Records of `dog.core.records.OUTCOME`, shape (events,), in the order of time.
    products
        Number of each option's product.
    pairs, places
        Records of `dog.core.records.PAIRS`, and the place of each option's, -1 where it has none.

    """
    if not len(ledger):
        return [None] * len(products)
    counts, expected = count_offers_of(np.ascontiguousarray(ledger, OUTCOME).view(EVENT), products, pairs, places)
    columns = (*counts.tolist(), expected.tolist())
    return [
        OfferCounts(pitches, wins, losses, last_ms, None if isnan(wanted) else wanted) if pitches else None
        for pitches, wins, losses, last_ms, wanted in zip(*columns, strict=True)
    ]
