"""The parts of the model `start`, fitted to some contacts: vectors, tastes, factors, popularity."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from dog.models.start.cold_products import ColdPrior
from dog.models.start.cold_terms import ColdTerms, ColdWeights, ContactTerms
from dog.models.start.fit_cold_prior import buyers_of, fit_cold_prior
from dog.models.start.fit_taste import event_moments, fit_prior
from dog.models.start.fold_in import FoldIn
from dog.models.start.histories import Histories
from dog.models.start.popularity import BuyCounts, Popularity, count_purchases_of
from dog.models.start.product_vectors import DIMENSION, product_vectors
from dog.models.start.taste import FIRST_EVENTS, MOST_EVENTS, Floats, TasteUpdate

MOST_VECTORS = 2_000
"""Products with a vector of their own: the eigenvectors of more would take minutes."""
LEAST_BUYERS = 10
"""Buyers from which on a product has a vector of its own; with fewer it is a cold product."""

Factorise = Callable[[sparse.csr_matrix], Floats]
"""From who bought what, shape (contacts, products), to the factors of the products, shape (products, factors)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """What the model learns from.

    Parameters
    ----------
    histories
        Of contacts with at least one event.
    encoded
        Their encoded attributes, shape (contacts, columns).
    segments
        Number of each contact's segment, -1 for none, shape (contacts,).
    segment_names
        By number.
    encoded_products
        Encoded attributes of the products, shape (products, columns).
    exposure
        Share of all events that occurred since each product is known, in [0, 1], shape (products,).
    repeats
        Whether contacts buy products again.

    """

    histories: Histories
    encoded: Floats
    segments: np.ndarray
    segment_names: tuple[str, ...]
    encoded_products: Floats
    exposure: Floats
    repeats: bool

    def select(self, contacts: np.ndarray) -> "TrainingData":
        """Return the data of some contacts."""
        return replace(
            self,
            histories=self.histories.select(contacts),
            encoded=self.encoded[contacts],
            segments=self.segments[contacts],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StartParts:
    """What is fitted before any calibration."""

    vectors: Floats  # shape (products, dimension); 0 of cold products
    warm: np.ndarray  # which products have vectors of their own, shape (products,)
    update: TasteUpdate
    fold_in: FoldIn
    cold: ColdPrior
    counts: BuyCounts
    segment_counts: tuple[BuyCounts, ...]
    tastes: Floats  # of the contacts, shape (contacts, dimension)
    folded: Floats  # their factors, shape (contacts, factors)

    def offsets(self, popularity: Popularity, *, by_segment: bool) -> Floats:
        """Return the log odds of popularity: of all contacts, then of each segment, shape (levels, products)."""
        segments = self.segment_counts if by_segment else ()
        levels = [self.counts.log_odds(), *(counts.log_odds(towards=self.counts) for counts in segments)]
        return np.stack([popularity.combine(level) for level in levels])

    def adapt(self, encoded: Floats, events: np.ndarray) -> Floats:
        """Return the tastes of contacts after events, rows of products with -1 behind the last."""
        warm_only = np.where(np.append(self.warm, False)[events], events, -1)
        return self.update.adapt_all(self.update.prior.means(encoded), warm_only, self.vectors)


def fit_parts(data: TrainingData, factorise: Factorise, warm: np.ndarray | None = None) -> StartParts:
    """Fit vectors, tastes, factors and popularity to contacts.

    `warm` says which products have vectors of their own, shape (products,); by default those with enough buyers.
    """
    histories, counts = data.histories, count_purchases_of(data.histories)
    warm = find_warm(counts.buyers) if warm is None else warm
    bought = histories.matrix()
    vectors = np.zeros((histories.product_count, min(DIMENSION, max(1, int(warm.sum())))))
    if warm.any():
        vectors[warm] = product_vectors(bought[:, np.flatnonzero(warm)])
    events = histories.between(0, MOST_EVENTS)
    warm_only = np.where(np.append(warm, False)[events], events, -1)
    moments = event_moments(vectors, warm_only[:, :FIRST_EVENTS])
    prior = fit_prior(moments, vectors, warm_only[:, :FIRST_EVENTS], data.encoded)
    update = TasteUpdate(moments.extended(MOST_EVENTS), prior)
    tastes = update.adapt_all(prior.means(data.encoded), warm_only, vectors)
    fold_in = FoldIn(factorise(bought) if len(histories) else np.zeros((histories.product_count, 1)))
    segments = (histories.select(data.segments == number) for number in range(len(data.segment_names)))
    return StartParts(
        vectors=vectors,
        warm=warm,
        update=update,
        fold_in=fold_in,
        cold=fit_cold_prior(histories, tastes, data.encoded_products, warm),
        counts=counts,
        segment_counts=tuple(map(count_purchases_of, segments)),
        tastes=tastes,
        folded=fold_in.fold_all(events),
    )


def find_warm(buyers: Floats) -> np.ndarray:
    """Return which products have enough buyers for a vector of their own, shape (products,)."""
    most = np.argsort(-buyers, kind="stable")[:MOST_VECTORS]
    warm = np.zeros(len(buyers), bool)
    warm[most] = buyers[most] >= LEAST_BUYERS
    return warm


def cold_terms(parts: StartParts, data: TrainingData, weights: ColdWeights) -> ColdTerms:
    """Return the terms of the products without vectors of their own, adapted to their buyers."""
    products = np.flatnonzero(~parts.warm)
    buyers = buyers_of(data.histories)[products]
    encoded = data.encoded_products[products]
    columns = (
        parts.cold.update.adapt_all(parts.cold.means(encoded), buyers, parts.tastes),
        FoldIn(parts.folded).fold_all(buyers),
        encoded,
    )
    return ColdTerms.of(products, columns, average_of(parts, data), weights, (buyers >= 0).sum(axis=1))


def average_of(parts: StartParts, data: TrainingData) -> ContactTerms:
    """Return taste, factors and likeness of the average contact."""
    likeness = likeness_of(data.histories, data.encoded_products)
    return ContactTerms(tastes=parts.tastes, folded=parts.folded, likeness=likeness).average()


def likeness_of(histories: Histories, encoded_products: Floats) -> Floats:
    """Return the mean encoded attributes of each contact's products, shape (contacts, columns)."""
    return np.asarray(histories.matrix() @ encoded_products / np.maximum(histories.sizes, 1)[:, None])
