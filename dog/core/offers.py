"""Count what a contact was offered and what came of it, from its outcomes; for words, not for arithmetic.

The weekly job settles every pitch; here a pitch without an outcome is open, whatever its age.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.events import EventType
from dog.core.records import CARRIED


@dataclass(slots=True, kw_only=True)
class OfferCounts:
    """Pitches, wins and losses of one pair; an outcome without a pitch implies one."""

    pitched: int = 0
    wins: int = 0
    losses: int = 0
    last_ms: int = 0  # time of the last pitch, milliseconds since 1970; 0 where it is not known

    @property
    def pitches(self) -> int:
        """All pitches, implied ones included."""
        return max(self.pitched, self.wins + self.losses)

    def add_carried(self, record: np.ndarray) -> None:
        """Add what archived weeks come to: one record of `dog.core.records.CARRIED`."""
        wins, losses = int(record["wins"][0]), int(record["losses"][0])
        self.pitched += wins + losses
        self.wins += wins
        self.losses += losses


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


PITCH, WIN, LOSS = int(EventType.PITCH), int(EventType.WIN), int(EventType.LOSS)


def count_offers(ledger: np.ndarray, products: Sequence[int]) -> dict[int, OfferCounts]:
    """Count one contact's outcomes by product.

    Parameters
    ----------
    ledger
        Records of `dog.core.records.OUTCOME`, shape (events,), in the order of time.
    products
        Numbers of the products that are counted, at least one.

    """
    if not len(ledger):
        return {}
    wanted = np.zeros(max(int(ledger["product"].max()), *products) + 1, bool)  # a table: faster than np.isin
    wanted[products] = True
    places = np.flatnonzero(wanted[ledger["product"]])
    if not len(places):
        return {}
    rows = ledger.take(places)
    found: dict[int, OfferCounts] = {}
    columns = (rows[name].tolist() for name in ("product", "type", "at"))
    for place, (product, kind, at_ms) in enumerate(zip(*columns, strict=True)):
        counts = found.get(product)
        if counts is None:
            counts = found[product] = OfferCounts()
        if kind == PITCH:
            counts.pitched += 1
            counts.last_ms = at_ms
        elif kind == WIN:
            counts.wins += 1
        elif kind == LOSS:
            counts.losses += 1
        else:
            counts.add_carried(rows[place : place + 1].view(CARRIED))
    return found
