"""How often contacts buy each product next, all contacts alike: the starting point of every score.

Two figures of a product: its share, of contacts that bought it; and its hazard, of contacts that had not bought it and
then did so among their next ten. One logistic regression makes one log odds of both.
"""

from dataclasses import dataclass

import numpy as np

from dog.core.log_odds import logit
from dog.models.start.episodes import WANTED
from dog.models.start.histories import Histories
from dog.models.start.taste import Floats

CUTS = (0, 1, 3, 10)
"""Events after which the hazard is counted."""
SEGMENT_STRENGTH = 50.0
"""Contacts by which the figures of a segment are shrunk towards those of all."""
NOTHING = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyCounts:
    """Counts of some contacts by product, shape (products,) each, and the number of contacts."""

    buyers: Floats
    bought_next: Floats  # episodes in which the product was among the next ten
    at_risk: Floats  # episodes in which it had not been bought before
    contacts: float

    def log_odds(self, towards: "BuyCounts | None" = None) -> Floats:
        """Return the log odds of hazard and share of each product, shape (2, products); shrunk towards others'."""
        if towards is None:
            hazard = (self.bought_next + NOTHING) / (self.at_risk + 2 * NOTHING)
            share = (self.buyers + NOTHING) / (self.contacts + 2 * NOTHING)
        else:
            episodes = SEGMENT_STRENGTH * len(CUTS)
            above_hazard, above_share = (1 / (1 + np.exp(-row)) for row in towards.log_odds())
            hazard = (self.bought_next + episodes * above_hazard) / (self.at_risk + episodes)
            share = (self.buyers + SEGMENT_STRENGTH * above_share) / (self.contacts + SEGMENT_STRENGTH)
        return np.stack([logit(hazard), logit(share)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Popularity:
    """How hazard and share of a product become one log odds."""

    intercept: float = 0.0
    hazard: float = 1.0
    share: float = 0.0

    def combine(self, log_odds: Floats) -> Floats:
        """Return one log odds of those of hazard and share, shape (2, products)."""
        return np.asarray(self.intercept + self.hazard * log_odds[0] + self.share * log_odds[1])


def count_purchases_of(histories: Histories) -> BuyCounts:
    """Count the contacts and episodes of histories by product."""
    size = histories.product_count
    bought_next, at_risk = np.zeros(size), np.zeros(size)
    for event_count in CUTS:
        own = histories.select(histories.sizes > event_count)
        bought_next += _count(own.between(event_count, event_count + WANTED), size)
        at_risk += len(own) - _count(own.between(0, event_count), size)
    return BuyCounts(
        buyers=histories.buyers,
        bought_next=bought_next,
        at_risk=at_risk,
        contacts=float(len(histories)),
    )


def _count(products: np.ndarray, size: int) -> Floats:
    return np.bincount(products[products >= 0], minlength=size).astype(np.float64)
