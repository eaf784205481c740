"""The model `start` as requests use it: what it says of contacts, given their attributes and events.

attributes and events -> taste, factors, likeness (`read`) -> log odds of the products (`log_odds`)

Everything is given for one contact or many; one contact and 1,500 products take less than 100 microseconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

import numpy as np

from dog.models.start.attribute_encoder import AttributeEncoder, finite_number
from dog.models.start.bands import Band, band_of
from dog.models.start.cold_products import ColdPrior
from dog.models.start.cold_terms import ColdTerms, ColdWeights, ContactTerms, activity_of
from dog.models.start.fold_in import FoldIn
from dog.models.start.offset_prior import OffsetPrior
from dog.models.start.taste import MOST_EVENTS, Floats, TasteUpdate

SEGMENT = "segment"
LEAST_LIKENESS = 0.3
"""Cosine from which on a product is named as like another."""
VALUE_STEP = 1e-6
"""Log odds by which products of equal popularity are ordered by value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartContacts:
    """Contacts as the model sees them."""

    event_counts: np.ndarray  # shape (contacts,)
    levels: np.ndarray  # row of the offsets: 0 for all contacts, else that of the segment, shape (contacts,)
    terms: ContactTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class StartModel:
    """Everything that scores contacts; arrays over products are in the order of product numbers.

    Parameters
    ----------
    vectors
        Shape (products, dimension); 0 of cold products.
    warm
        Which products have vectors of their own.
    update
        Adapts tastes.
    fold_in
        Factors of the products.
    offsets
        Log odds of popularity: of all contacts, then of each segment, shape (levels, products).
    segments
        Names of the segments with a level of their own.
    bands, segment_bands
        Calibration by number of events: of contacts without, and with a segment that has a level.
    cold
        What speaks for cold products.
    weights, cold_prior, offset_prior
        What makes a cold product of a new row of the catalogue.
    average
        Taste, factors and likeness of the average contact.
    activity_mean
        Mean activity of the contacts.
    contact_encoder, product_encoder
        Attributes as numbers.
    encoded_products
        Shape (products, columns).
    repeats
        Whether products are bought again; else a contact is not offered what it has.
    events
        Number of events that the model was fitted to; 0: popularity is not known.

    """

    vectors: Floats
    warm: np.ndarray
    update: TasteUpdate
    fold_in: FoldIn
    offsets: Floats
    segments: tuple[str, ...]
    bands: tuple[Band, ...]
    segment_bands: tuple[Band, ...]
    cold: ColdTerms
    weights: ColdWeights
    cold_prior: ColdPrior
    offset_prior: OffsetPrior
    average: ContactTerms
    activity_mean: float
    contact_encoder: AttributeEncoder
    product_encoder: AttributeEncoder
    encoded_products: Floats
    repeats: bool
    events: int
    level_of: Mapping[str, int] = field(init=False, repr=False, compare=False)
    columns: Floats = field(init=False, repr=False, compare=False)  # vectors and factors side by side: one product
    calibrations: tuple[Band, ...] = field(init=False, repr=False, compare=False)  # `bands`, then `segment_bands`
    cold_weights: Floats = field(init=False, repr=False, compare=False)  # those of each, shape (calibrations, 3)

    def __post_init__(self) -> None:
        every = (*self.bands, *self.segment_bands)
        weights = np.array([(band.intercept, band.popularity, band.cold) for band in every])
        object.__setattr__(self, "calibrations", every)
        object.__setattr__(self, "cold_weights", weights)
        object.__setattr__(self, "columns", np.concatenate([self.vectors, self.fold_in.factors], axis=1))
        object.__setattr__(self, "level_of", {name: level for level, name in enumerate(self.segments, 1)})

    def __len__(self) -> int:
        return len(self.warm)

    def read(self, records: Sequence[Mapping[str, Any]], events: Sequence[np.ndarray]) -> StartContacts:
        """Return contacts as the model sees them.

        `records` are their attributes; `events` the numbers of the products that each bought, once each, the latest
        last, shape (events,). Products that are not in the model are left out.
        """
        known = [own[own < len(self)][-MOST_EVENTS:] for own in events]
        means = self.update.prior.means(self.contact_encoder.encode_all(records))
        tastes, folded = np.empty(means.shape), np.zeros((len(known), self.fold_in.factors.shape[1]))
        likeness = np.zeros((len(known), self.encoded_products.shape[1]))
        for place, own in enumerate(known):
            tastes[place] = self._taste(means[place], own)
            if len(own):
                folded[place] = self.fold_in.fold(own)
            if len(own) and len(self.cold.products):
                likeness[place] = self.encoded_products[own].sum(axis=0) / len(own)
        return StartContacts(
            event_counts=np.array([len(own) for own in known], np.int64),
            levels=np.array([self.level_of.get(str(record.get(SEGMENT) or ""), 0) for record in records], np.int64),
            terms=ContactTerms(tastes=tastes, folded=folded, likeness=likeness),
        )

    def tastes(self, encoded: Floats, events: Sequence[np.ndarray]) -> Floats:
        """Return the tastes of contacts alone, given their encoded attributes; `events` are as in `read`."""
        known = [own[own < len(self)][-MOST_EVENTS:] for own in events]
        means = self.update.prior.means(encoded)
        return np.array([self._taste(*pair) for pair in zip(means, known, strict=True)]).reshape(means.shape)

    def _taste(self, mean: Floats, own: np.ndarray) -> Floats:
        """Return the taste after some events, given what is expected before them."""
        # The vectors of cold products are 0: they add nothing to the sum.
        warm_count, vector_sum = int(np.count_nonzero(self.warm[own])), self.vectors[own].sum(axis=0)
        return self.update.adapt(mean, warm_count, vector_sum)

    def log_odds(self, contacts: StartContacts, products: np.ndarray | None = None) -> Floats:
        """Return the log odds that each contact buys each product among its next ten, shape (contacts, products).

        `products` are numbers of products, None for all.
        """
        chosen = slice(None) if products is None else products
        columns, offsets = self.columns[chosen], self.offsets[:, chosen]
        bands = self._bands_of(contacts)
        found = np.empty((len(bands), len(columns)))
        numbers = set(bands.tolist())
        for number in numbers:
            band = self.calibrations[number]
            own = slice(None) if len(numbers) == 1 else np.flatnonzero(bands == number)  # a slice copies nothing
            found[own] = band.intercept + band.popularity * offsets[contacts.levels[own]]
            if band.taste or band.fold_in:
                found[own] += band.weigh(contacts.terms.tastes[own], contacts.terms.folded[own]) @ columns.T
        if len(self.cold.products):
            self._write_cold(found, contacts, products, bands)
        return found

    def _bands_of(self, contacts: StartContacts) -> np.ndarray:
        """Return the place of each contact's calibration, shape (contacts,)."""
        numbers = np.array([band_of(count) for count in contacts.event_counts.tolist()], np.int64)
        return numbers + len(self.bands) * (contacts.levels > 0)

    def _write_cold(
        self, found: Floats, contacts: StartContacts, products: np.ndarray | None, bands: np.ndarray
    ) -> None:
        """Write the log odds of the cold products, or of those among some."""
        places: np.ndarray | slice = slice(None)
        written = self.cold.products
        if products is not None:
            nearest = np.minimum(self.cold.products.searchsorted(products), len(self.cold.products) - 1)
            written = np.flatnonzero(self.cold.products[nearest] == products)
            places = nearest[written]
        weights = self.cold_weights[bands]
        offsets = self.offsets[contacts.levels[:, None], self.cold.products[places]]
        terms = self.cold.log_odds(contacts.terms, contacts.event_counts > 0, places)
        found[:, written] = weights[:, :1] + weights[:, 1:2] * offsets + weights[:, 2:] * terms

    def activity(self, contacts: StartContacts) -> Floats:
        """Return what the number of a contact's products adds to log odds where contacts are ranked, shape (contacts,).

        Those that bought more buy more. Inside the list of one contact it changes nothing, and it does not say how
        likely somebody new is to buy: so it is not part of a score.
        """
        return np.asarray(self.weights.activity * (activity_of(contacts.event_counts) - self.activity_mean))

    def with_products(self, records: Sequence[Mapping[str, Any]]) -> "StartModel":
        """Return the model of a catalogue with more products, given the records of all in the order of their numbers.

        New products get what their attributes say. Products of equal popularity are ordered by their `value`.
        """
        encoded = self.product_encoder.encode_all(records[len(self) :])
        count, levels = len(encoded), len(self.offsets)
        nobody = np.zeros(count)
        offsets = np.tile(self.offset_prior.offsets(encoded, nobody, nobody), (levels, 1))
        rows = (self.cold_prior.means(encoded), np.zeros((count, self.fold_in.factors.shape[1])), encoded)
        numbers = np.arange(len(self), len(self) + count)
        cold = ColdTerms.of(numbers, rows, self.average, self.weights, nobody)
        found = [finite_number(record.get("value")) for record in records]
        values = np.array([-inf if value is None else value for value in found])
        ranks = np.searchsorted(np.sort(values), values) / max(1, len(values) - 1)
        return replace(
            self,
            vectors=np.concatenate([self.vectors, np.zeros((count, self.vectors.shape[1]))]),
            warm=np.concatenate([self.warm, np.zeros(count, bool)]),
            fold_in=FoldIn(np.concatenate([self.fold_in.factors, rows[1]])),
            offsets=np.concatenate([self.offsets, offsets], axis=1) + VALUE_STEP * ranks,
            cold=self.cold.joined(cold),
            encoded_products=np.concatenate([self.encoded_products, encoded]),
        )

    def knows_segment(self, segment: str) -> bool:
        """Return whether a segment makes a difference: it has a level of its own, or is an encoded attribute."""
        names = {column.text for column in self.contact_encoder.columns if column.name == SEGMENT}
        return segment in self.level_of or (segment in names and self.bands[0].on)

    def nearest(self, product: int, bought: np.ndarray, most: int = 2) -> list[int]:
        """Return the products, of those bought, that are most like a product, the nearest first; none if unlike."""
        own = bought[(bought < len(self)) & (bought != product)]
        if not len(own) or not self.warm[product]:
            return []
        one, others = self.vectors[product], self.vectors[own]
        norms = np.linalg.norm(others, axis=1) * np.linalg.norm(one)
        alike = np.divide(others @ one, norms, out=np.zeros(len(own)), where=norms > 0)
        best = np.argsort(-alike, kind="stable")[:most]
        return [int(own[place]) for place in best.tolist() if alike[place] > LEAST_LIKENESS]
