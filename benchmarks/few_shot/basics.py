"""What every method starts from: vectors of products, and how popular each is, fitted to contacts to train on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.few_shot.tasks import People
from dog.models.start.episodes import Episodes
from dog.models.start.popularity import BuyCounts, count_purchases_of
from dog.models.start.product_vectors import product_vectors
from dog.models.start.taste import FIRST_EVENTS, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a method may know of contacts: first products, shape (contacts, k), attributes, segments."""

    known: np.ndarray
    records: tuple[Mapping[str, Any], ...]
    encoded: Floats
    segments: np.ndarray

    @classmethod
    def of(cls, people: People, episodes: Episodes, events: int | None = None) -> "Seen":
        """Return the contacts of episodes and their known products, or the first ones of these."""
        own = people.select(episodes.contacts)
        known = episodes.known[:, :events]
        return cls(known=known, records=own.records, encoded=own.encoded, segments=own.segments)

    def only(self, contact: int) -> "Seen":
        """Return one contact."""
        one = slice(contact, contact + 1)
        return Seen(
            known=self.known[one], records=self.records[one], encoded=self.encoded[one], segments=self.segments[one]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Basics:
    """What is fitted once for all methods.

    Parameters
    ----------
    vectors
        Of the products, shape (products, 16).
    first_shares
        Share of each product among the first 20 events, shape (products,).
    of_all
        How often contacts buy each product.
    hazard, share
        Log odds of both sides of popularity, shape (products,).

    """

    vectors: Floats
    first_shares: Floats
    of_all: BuyCounts
    hazard: Floats
    share: Floats


Scorer = Callable[[Seen], list[Floats]]
"""Features of contacts, each of shape (contacts, products), that calibration adds to popularity."""
Fit = Callable[[People, Basics], Scorer]


@dataclass(frozen=True, slots=True)
class Method:
    """How a method is fitted; `is_whole` where it gives the final score, calibrated by itself."""

    fit: Fit
    is_whole: bool = False


def fit_basics(people: People) -> Basics:
    """Fit vectors and popularity."""
    bought = people.histories.matrix()
    first = people.histories.between(0, FIRST_EVENTS)
    counts = np.bincount(first[first >= 0], minlength=people.histories.product_count) + 0.5
    of_all = count_purchases_of(people.histories)
    hazard, share = of_all.log_odds()
    return Basics(
        vectors=product_vectors(bought),
        first_shares=counts / counts.sum(),
        of_all=of_all,
        hazard=hazard,
        share=share,
    )
