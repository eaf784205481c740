"""Fit the model `start` to the purchases and wins of a tenant, and make it the active version."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from dog.core.iso_weeks import DAY_MS
from dog.core.log_odds import expit
from dog.core.policy.policy_settings import START
from dog.core.score_axes import Load, describe_load
from dog.models.collaborative import fit_item_factors
from dog.models.start.attribute_encoder import AttributeEncoder
from dog.models.start.bands import BAND_NAMES
from dog.models.start.fit_start import MOST_CONTACTS, StartReport, fit_start
from dog.models.start.histories import Histories
from dog.models.start.learned_memory import write_memory
from dog.models.start.memory_gate import MemoryVerdict
from dog.models.start.start_file import write_start
from dog.models.start.start_model import SEGMENT, StartModel
from dog.models.start.start_parts import TrainingData
from dog.offline.history.read_purchases import PurchaseEvents, read_purchases
from dog.offline.train_memory import train_memory
from dog.services.runtime import Runtime
from dog.services.weekly.describe_loads import describe_loads
from dog.storage.catalogue import Catalogue, read_catalogue, read_models
from dog.storage.start_models import put_start
from dog.storage.store import Store

NO_ATTRIBUTES = ("contact_id", "account_id", "name", "channels")
"""Fields of contacts that are no attributes of a taste."""
NO_PRODUCT_ATTRIBUTES = ("name", "active_from", "active_to")
LEAST_IN_SEGMENT = 30
BOUGHT_AGAIN = 0.02
"""Share of products that contacts bought at two times, from which on products are bought again."""
SAMPLED_CONTACTS, SAMPLED_CELLS = 2_000, 500_000
Report = Callable[[float, str], None]


def train_start(runtime: Runtime, store: Store, report: Report = lambda _share, _text: None) -> StartReport | None:
    """Fit the model, prove it on the tenant's own history, and make it the active version.

    Returns what was proved; None where there is neither a purchase nor a win yet: then products go by their value.
    """
    report(0.0, "reading purchases and wins")
    events, catalogue = read_purchases(store, MOST_CONTACTS), read_catalogue(store)
    if not len(events.product):
        return None
    known_since = _known_since(store, catalogue, runtime.clock())
    data, encoders = training_data(events, catalogue.records, known_since_ms=known_since.by_product(catalogue))
    with threadpool_limits(1, "blas"):  # sums are in one order, so the result is reproducible
        model, proved = fit_start(data, encoders, fit_item_factors, lambda share, text: report(0.1 + 0.8 * share, text))
        report(0.92, "remembering past cases")
        memory = train_memory(store, model, catalogue, runtime.clock())
    proved = replace(proved, memory=memory[1] if memory else None)
    load = describe_start(model, events)
    record = {
        "quality": {},
        "baseline": {},
        "proof": proved.to_document(),
        "load": load.to_document(),
        "known_since": known_since.steps,
        "events": len(events.product),
    }
    packed_memory = write_memory(memory[0]) if memory else b""
    put_start(store, write_start(model), record, runtime.clock(), packed_memory)
    describe_loads(store, runtime.clock())
    report(1.0, "done")
    return proved


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
    order = np.lexsort((events.at_ms, events.contact))
    bounds = np.searchsorted(events.contact[order], np.arange(count + 1)).tolist()
    own = [events.product[order[first:last]] for first, last in pairwise(bounds)]
    latest = [products[::-1][np.sort(np.unique(products[::-1], return_index=True)[1])][::-1] for products in own]
    return describe_load(expit(model.log_odds(model.read(events.records[:count], latest))).ravel())


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


def _known_since(store: Store, catalogue: Catalogue, now_ms: int) -> KnownSince:
    known = [(int(first), int(at_ms)) for first, at_ms in read_models(store).get(START, {}).get("known_since", [])]
    count = known[-1][0] if known else 0
    return KnownSince([*known, (len(catalogue), now_ms)] if len(catalogue) > count or not known else known)


def describe_proof(proved: StartReport | None) -> str:
    """Return what was proved, in a sentence."""
    if proved is None:
        return "start: no purchase and no win yet; products are ordered by value"
    if all(verdict is None for verdict in proved.bands):
        return f"start: popularity alone, since {proved.contacts:,} contacts are too few to prove more"
    on = [name for name, verdict in zip(BAND_NAMES, proved.bands, strict=True) if verdict and verdict.on]
    taste = f"tastes proved after {', '.join(on)} events" if on else "tastes not proved, popularity counts alone"
    cold = "; cold products find their buyers" if proved.cold and proved.cold.on else ""
    return f"start: {proved.contacts:,} contacts, {taste}{cold}{_describe_memory(proved.memory)}"


def _describe_memory(verdict: MemoryVerdict | None) -> str:
    if verdict is None:
        return ""
    found = f"proved, with a trust of {verdict.trust:.2f}" if verdict.on else "not proved, and not used"
    return f"; the memory of past cases is {found}"
