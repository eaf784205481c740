"""What the model `start` learns from: histories, attributes, segments, and since when each product is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from dog.core.describe_load import describe_load
from dog.core.iso_weeks import DAY_MS
from dog.core.log_odds import expit
from dog.core.policy.policy_settings import START
from dog.core.score_axes import Load
from dog.models.collaborative import fit_item_factors
from dog.models.start.attribute_encoder import AttributeEncoder
from dog.models.start.fit_start import Progress, StartReport, fit_start
from dog.models.start.histories import Histories
from dog.models.start.start_model import SEGMENT, StartModel
from dog.models.start.start_parts import TrainingData
from dog.offline.history.read_purchases import PurchaseEvents
from dog.storage.catalogue import Catalogue, read_models
from dog.storage.store import Store

NO_ATTRIBUTES = ("contact_id", "account_id", "name", "channels")
"""Fields of contacts that are not attributes of a taste."""
NO_PRODUCT_ATTRIBUTES = ("name", "active_from", "active_to")
LEAST_IN_SEGMENT = 30
BOUGHT_AGAIN = 0.02
"""Share of products that contacts bought at two times, from which on products are bought again."""
SAMPLED_CONTACTS, SAMPLED_CELLS = 2_000, 500_000


def fit_to_purchases(
    events: PurchaseEvents,
    catalogue: Catalogue,
    known_since: "KnownSince",
    progress: Progress = lambda _share, _text: None,
) -> tuple[StartModel, StartReport]:
    """Fit the model to purchases and wins, at least one; return it with what was proved."""
    since = known_since.by_product(catalogue)
    data, encoders = training_data(events, catalogue.records, known_since_ms=since)
    with threadpool_limits(1, "blas"):  # sums are in one order, so the result is reproducible
        return fit_start(data, encoders, fit_item_factors, progress)


def training_data(
    events: PurchaseEvents, products: Sequence[Mapping[str, Any]], *, known_since_ms: np.ndarray | None = None
) -> tuple[TrainingData, tuple[AttributeEncoder, AttributeEncoder]]:
    """Return what the model learns from, and the encoders of contacts and products.

    `products` are the records of the catalogue; `known_since_ms` says since when each is known, shape (products,).
    """
    counts = (len(events.records), len(products))
    histories = Histories.of(events.contact, events.product, events.at_ms, counts)
    encoders = (
        AttributeEncoder.fit(events.records, NO_ATTRIBUTES),
        AttributeEncoder.fit(products, NO_PRODUCT_ATTRIBUTES),
    )
    names, segments = _segments(events.records)
    since = np.zeros(counts[1]) if known_since_ms is None else known_since_ms
    times = np.sort(events.at_ms)
    data = TrainingData(
        histories=histories,
        encoded=encoders[0].encode_all(events.records),
        segments=segments,
        segment_names=names,
        encoded_products=encoders[1].encode_all(products),
        exposure=1.0 - np.searchsorted(times, since) / max(1, len(times)),
        repeats=_are_bought_again(events, counts[1]),
    )
    return data.select(histories.sizes > 0), encoders


def _segments(records: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the segments with enough contacts, and the number of each contact's segment, -1 for none of them."""
    own = np.array([str(record.get(SEGMENT) or "") for record in records], dtype=object)
    names, counts = np.unique(own[own != ""].astype(str), return_counts=True)
    frequent = names[counts >= LEAST_IN_SEGMENT].tolist()
    places = {name: place for place, name in enumerate(frequent)}
    return tuple(frequent), np.array([places.get(name, -1) for name in own], np.int64)


def _are_bought_again(events: PurchaseEvents, product_count: int) -> bool:
    """Return whether contacts buy a product at more than one time, in some share of the pairs."""
    pairs = np.unique(np.stack([events.contact * product_count + events.product, events.at_ms]), axis=1)[0]
    _, times = np.unique(pairs, return_counts=True)
    return bool((times > 1).mean() >= BOUGHT_AGAIN)


def describe_start(model: StartModel, events: PurchaseEvents) -> Load:
    """Return how the model's scores of a sample of contacts are spread."""
    count = min(len(events.records), SAMPLED_CONTACTS, max(1, SAMPLED_CELLS // max(1, len(model))))
    return describe_load(expit(model.log_odds(model.read(events.records[:count], events.by_contact()[:count]))).ravel())


@dataclass(frozen=True, slots=True)
class KnownSince:
    """Since when products are known: the number of the first product that each training added, and its time."""

    steps: list[tuple[int, int]]

    def by_product(self, catalogue: Catalogue) -> np.ndarray:
        """Return the time of each product, milliseconds since 1970; 0 where it was known at the first training."""
        since = np.zeros(len(catalogue))
        for first, at_ms in self.steps:
            since[first:] = at_ms
        for number, record in enumerate(catalogue.records):
            if record.get("active_from"):
                since[number] = np.datetime64(record["active_from"], "D").astype(np.int64) * DAY_MS
        return since


def read_known_since(store: Store, catalogue: Catalogue, now_ms: int) -> KnownSince:
    """Return since when products are known: since the last training without them, if there was one."""
    known = [(int(first), int(at_ms)) for first, at_ms in read_models(store).get(START, {}).get("known_since", [])]
    count = known[-1][0] if known else 0
    return KnownSince([*known, (len(catalogue), now_ms)] if len(catalogue) > count or not known else known)
