"""What every method starts from: vectors of products, and how popular each is, fitted to contacts to train on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.few_shot.tasks import People
from dog.models.start.episodes import Episodes, cut
from dog.models.start.histories import Histories
from dog.models.start.product_vectors import product_vectors
from dog.models.start.taste import MOST_EVENTS, Floats

HAZARD_CUTS = (0, 1, 3, 10)
"""Numbers of events after which the hazard of a product is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a method may know of contacts: first products, shape (contacts, k), attributes, segments."""

    known: np.ndarray
    encoded: Floats
    segments: np.ndarray

    @classmethod
    def of(cls, people: People, episodes: Episodes) -> "Seen":
        """Return the contacts of episodes and their known products."""
        own = people.select(episodes.contacts)
        return cls(known=episodes.known, encoded=own.encoded, segments=own.segments)

    def only(self, contact: int) -> "Seen":
        """Return one contact."""
        one = slice(contact, contact + 1)
        return Seen(known=self.known[one], encoded=self.encoded[one], segments=self.segments[one])


@dataclass(frozen=True, slots=True, kw_only=True)
class Basics:
    """What is fitted once for all methods.

    Parameters
    ----------
    vectors
        Of the products, shape (products, 16).
    first_shares
        Share of each product among the first 20 events, shape (products,).
    hazard, share
        Logits of the two sides of popularity, shape (products,).

    """

    vectors: Floats
    first_shares: Floats
    hazard: Floats
    share: Floats


Scorer = Callable[[Seen], list[Floats]]
"""Features of contacts, each of shape (contacts, products), that calibration adds to popularity."""
Fit = Callable[[People, Basics], Scorer]


def fit_basics(people: People) -> Basics:
    """Fit vectors and popularity."""
    bought = people.histories.matrix()
    first = people.histories.between(0, MOST_EVENTS)
    counts = np.bincount(first[first >= 0], minlength=people.histories.product_count) + 0.5
    buyers = np.asarray(bought.sum(axis=0)).ravel()
    wanted, open_ = episode_counts(people.histories)
    return Basics(
        vectors=product_vectors(bought),
        first_shares=counts / counts.sum(),
        hazard=logit((wanted + 0.5) / (open_ + 1)),
        share=logit((buyers + 0.5) / (len(people) + 1)),
    )


def episode_counts(histories: Histories) -> tuple[Floats, Floats]:
    """Count, for each product, the episodes in which it is among the next ten, and those in which it is open."""
    wanted = np.zeros((2, histories.product_count))
    for event_count in HAZARD_CUTS:
        episodes = cut(histories, event_count)
        wanted += np.stack([episodes.wanted.sum(axis=0), episodes.open.sum(axis=0)])
    return wanted[0], wanted[1]


def logit(probability: Floats) -> Floats:
    return np.asarray(np.log(probability) - np.log1p(-probability))
