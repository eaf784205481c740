"""The options of a request: which products, and what each model says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dog.core.records import CONTACT_LEVEL
from dog.services.lists.read_contact import ContactState
from dog.services.lists.snapshot import ActivePolicy, Snapshot


@dataclass(frozen=True, slots=True)
class Options:
    """What may be offered, before any rule.

    Parameters
    ----------
    product_ids
        Id of each option's product.
    products
        Its number, or the place one past the catalogue where it was never loaded, shape (options,).
    raw
        The models' scores, shape (models, options), NaN where there is none.
    notes
        What the reader of the list should know: models without scores, scores too old.

    """

    product_ids: Sequence[str]
    products: np.ndarray
    raw: np.ndarray
    notes: tuple[str, ...]


def stored_options(snapshot: Snapshot, active: ActivePolicy, state: ContactState, now_ms: int) -> Options:
    """Take the products that any model has a stored score of, for this contact."""
    ids = snapshot.catalogue.ids
    notes = []
    levels = []
    by_product: list[tuple[int, np.ndarray, np.ndarray]] = []
    for row, (model, max_age_ms) in enumerate(zip(active.models, active.max_age_ms, strict=True)):
        as_of_ms, scores = state.scores.get(model.name, (0, None))
        if scores is None:
            notes.append(f"model '{model.name}' has no score for this contact; the others were used")
        elif now_ms - as_of_ms > max_age_ms:
            notes.append(f"the scores of model '{model.name}' are older than its max_age_days; the others were used")
        elif len(scores) and scores["product"][0] == CONTACT_LEVEL:
            levels.append((row, float(scores["score"][0])))
        else:
            by_product.append((row, scores["product"].astype(np.int64), scores["score"]))
    products = _union([products for _, products, _ in by_product])
    if levels and not len(products):
        products = np.arange(len(ids))  # contact-level scores alone: every product is an option
    raw = np.full((len(active.models), len(products)), np.nan)
    for row, own, scored in by_product:
        raw[row, slice(None) if len(own) == len(products) else products.searchsorted(own)] = scored
    for row, score in levels:
        raw[row] = score
    return Options(list(map(ids.__getitem__, products.tolist())), products, raw, tuple(notes))


def _union(lists: Sequence[np.ndarray]) -> np.ndarray:
    """Join ascending lists of products; as a rule all models score the same ones."""
    if not lists:
        return np.zeros(0, np.int64)
    first, *others = lists
    if all(np.array_equal(first, other) for other in others):
        return first
    return np.unique(np.concatenate(lists), return_counts=True)[0]  # counted, as in dog.core.verdicts.cross_contact


def inline_options(snapshot: Snapshot, active: ActivePolicy, candidates: Sequence[Mapping[str, Any]]) -> Options:
    """Take the candidates that came with the request."""
    numbers = snapshot.catalogue.numbers
    unknown = len(snapshot.catalogue)
    names = [model.name for model in active.models]
    raw = np.array(
        [[candidate["scores"].get(name, np.nan) for candidate in candidates] for name in names],
        dtype=np.float64,
    ).reshape(len(names), len(candidates))
    notes = [
        f"model '{name}' has no score for any candidate; the others were used"
        for name, row in zip(names, raw, strict=True)
        if len(row) and np.isnan(row).all()
    ]
    given = {name for candidate in candidates for name in candidate["scores"]} - set(names)
    notes += [f"model '{name}' is not part of the policy; its scores were left aside" for name in sorted(given)]
    product_ids = [candidate["product_id"] for candidate in candidates]
    return Options(product_ids, np.array([numbers.get(p, unknown) for p in product_ids], np.int64), raw, tuple(notes))


def performance_of(active: ActivePolicy, products: np.ndarray, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Read each option's reinforcement multiplier off the active version.

    Returns
    -------
    Multipliers, shape (options,), 1 where no version was published; and the place of each option's record in
    `pairs`, -1 where the pair has no evidence and takes its product's multiplier.

    """
    if active.multiplied is None:
        return np.ones(len(products)), np.full(len(products), -1)
    baseline = active.multiplied.baseline
    values = baseline[np.minimum(products, len(baseline) - 1)]
    if not len(pairs):
        return values, np.full(len(products), -1)
    places = np.minimum(pairs["product"].searchsorted(products), len(pairs) - 1)
    own = pairs["product"][places] == products
    return np.where(own, pairs["multiplier"][places], values), np.where(own, places, -1)
