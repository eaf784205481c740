"""Simulated worlds: contacts with tastes buy products of kinds; or buy at random."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dog.models.start.attribute_encoder import AttributeEncoder
from dog.models.start.histories import Histories
from dog.models.start.start_parts import TrainingData
from dog.models.start.taste import Floats

KINDS = ("bread", "fruit", "wine", "tools")
LEAST_SEGMENT_CONTACTS = 30


@dataclass(frozen=True, kw_only=True)
class World:
    """Data with the records that it was encoded from."""

    data: TrainingData
    contact_records: list[dict[str, Any]]
    product_records: list[dict[str, Any]]
    contact_encoder: AttributeEncoder
    product_encoder: AttributeEncoder

    @property
    def encoders(self) -> tuple[AttributeEncoder, AttributeEncoder]:
        return self.contact_encoder, self.product_encoder


def factorise(bought: Any) -> Floats:
    """Return factors of products by singular values: quick, and the same each time."""
    dense = np.asarray(bought.todense(), np.float64)
    _, values, right = np.linalg.svd(dense, full_matrices=False)
    return np.asarray(right[:8].T * np.sqrt(values[:8]))


def world_of(
    histories: Histories, contact_records: list[dict[str, Any]], product_records: list[dict[str, Any]]
) -> World:
    contacts, products = AttributeEncoder.fit(contact_records), AttributeEncoder.fit(product_records)
    segments = [record.get("segment") for record in contact_records]
    names = tuple(
        name for name in sorted({name for name in segments if name}) if segments.count(name) >= LEAST_SEGMENT_CONTACTS
    )
    return World(
        data=TrainingData(
            histories=histories,
            encoded=contacts.encode_all(contact_records),
            segments=np.array([names.index(name) if name in names else -1 for name in segments], np.int64),
            segment_names=names,
            encoded_products=products.encode_all(product_records),
            exposure=np.ones(histories.product_count),
            repeats=True,
        ),
        contact_records=contact_records,
        product_records=product_records,
        contact_encoder=contacts,
        product_encoder=products,
    )


def simulate(
    contact_count: int = 400,
    product_count: int = 60,
    *,
    strength: float = 2.0,
    event_counts: tuple[int, int] = (4, 16),
    seed: int = 0,
) -> World:
    """Return contacts that each like one kind of product by `strength`; segments and kinds go together, mostly."""
    chance = np.random.default_rng(seed)
    kind_of = np.arange(product_count) % len(KINDS)
    popularity = chance.normal(0.0, 0.7, product_count)
    favourite = chance.integers(0, len(KINDS), contact_count)
    told = np.where(chance.random(contact_count) < 0.7, favourite, chance.integers(0, len(KINDS), contact_count))
    lists = []
    for kind in favourite.tolist():
        utility = popularity + strength * (kind_of == kind) + chance.gumbel(size=product_count)
        lists.append(np.argsort(-utility)[: chance.integers(*event_counts)].tolist())
    return world_of(
        Histories.of_lists(lists, product_count),
        [{"segment": f"likes {KINDS[kind]}", "age": float(chance.integers(18, 80))} for kind in told.tolist()],
        [{"category": KINDS[kind], "value": float(place % 7)} for place, kind in enumerate(kind_of.tolist())],
    )


def noise(contact_count: int = 400, product_count: int = 40, seed: int = 0) -> World:
    """Return contacts whose purchases have nothing to do with their attributes or with one another."""
    return simulate(contact_count, product_count, strength=0.0, seed=seed)
