"""The options of one or more contacts: which products, the models' scores of them, their multipliers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dog.core.records import CONTACT_LEVEL, pair_keys
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.read_contact import ContactState
from dog.services.lists.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What may be offered, before any rule; contacts end to end.

    Parameters
    ----------
    starts
        Where each contact's options begin, and the end of the last, shape (contacts + 1,).
    product_ids
        Id of each option's product.
    products
        Its number, or the one past the catalogue where it was never loaded, shape (options,).
    raw
        The models' scores, shape (models, options), NaN where there is none.
    performance
        Reinforcement multiplier of each option, 1 before the first multiplier version, shape (options,).
    order_odds
        Factor on the odds that options are ordered by, for exploration, shape (options,); None where all are 1.
    pairs, pair_places
        Records of `PAIRS` of all contacts, and the place of each option's record among them, -1 where the pair has no
        evidence and takes its product's multiplier.
    notes
        Notes for the reader of the list: models without scores, scores that are too old.

    """

    starts: np.ndarray
    product_ids: Sequence[str]
    products: np.ndarray
    raw: np.ndarray
    performance: np.ndarray
    order_odds: np.ndarray | None
    pairs: np.ndarray
    pair_places: np.ndarray
    notes: tuple[str, ...]

    def without_multipliers(self) -> "Options":
        """Return the options as if no multiplier version had been published."""
        count = len(self.products)
        return replace(self, performance=np.ones(count), order_odds=None, pair_places=np.full(count, -1))


def stored_options(snapshot: Snapshot, active: ActivePolicy, contacts: Sequence[ContactState], now_ms: int) -> Options:
    """Return the products with a stored score of any model, for each contact; notes for one contact only.

    A product that was never loaded is left out, unless the tenant has loaded none at all.
    """
    parts = [_stored_scores(snapshot, active, contact, now_ms) for contact in contacts]
    products, raw, notes = parts[0]
    starts = np.array([0, len(products)])
    if len(parts) > 1:
        starts, notes = np.cumsum([0, *(len(part[0]) for part in parts)]), []
        products, raw = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts], axis=1)
    product_ids = list(map(snapshot.catalogue.ids.__getitem__, products.tolist()))
    return _with_multipliers(active, contacts, starts, product_ids, products, raw, notes)


def _stored_scores(
    snapshot: Snapshot, active: ActivePolicy, contact: ContactState, now_ms: int
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return a contact's products, the models' scores of them, shape (models, products), and notes."""
    models = active.plan.models
    notes = []
    levels = []
    by_product: list[tuple[int, np.ndarray, np.ndarray]] = []
    for row, (model, max_age_ms) in enumerate(zip(models, active.max_age_ms, strict=True)):
        as_of_ms, scores = contact.scores.get(model.name, (0, None))
        if scores is None:
            notes.append(f"model '{model.name}' has no score for this contact; the others were used")
        elif now_ms - as_of_ms > max_age_ms:
            notes.append(f"the scores of model '{model.name}' are older than its max_age_days; the others were used")
        elif len(scores) and scores["product"][0] == CONTACT_LEVEL:
            levels.append((row, float(scores["score"][0])))
        else:
            by_product.append((row, scores["product"].astype(np.int64), scores["score"]))
    if snapshot.offered is not None:
        by_product, dropped = _loaded_only(by_product, snapshot.offered)
        if len(dropped):
            notes.append(_unloaded_note(snapshot, dropped))
    products = _union([products for _, products, _ in by_product])
    if levels and not len(products):  # only contact-level scores: every product is an option
        every = np.arange(len(snapshot.catalogue))
        products = every if snapshot.offered is None else every[snapshot.offered]
    raw = np.full((len(models), len(products)), np.nan)
    for row, own, scores in by_product:
        raw[row, slice(None) if len(own) == len(products) else products.searchsorted(own)] = scores
    for row, score in levels:
        raw[row] = score
    return products, raw, notes


def _loaded_only(
    by_product: Sequence[tuple[int, np.ndarray, np.ndarray]], offered: np.ndarray
) -> tuple[list[tuple[int, np.ndarray, np.ndarray]], np.ndarray]:
    """Return the scores of products that have a row, and the products that have none."""
    kept = [
        (row, own, scores) if (known := offered[own]).all() else (row, own[known], scores[known])
        for row, own, scores in by_product
    ]
    return kept, _union([own[~offered[own]] for _, own, _ in by_product])


def _unloaded_note(snapshot: Snapshot, products: np.ndarray) -> str:
    first = snapshot.catalogue.ids[int(products[0])]
    return (
        f"{len(products)} scored product(s) have no row in products and are not offered, such as '{first}'; load them: "
        "python -m dog load products FILE"
    )


def _union(lists: Sequence[np.ndarray]) -> np.ndarray:
    """Merge ascending lists of products; usually all models score the same ones."""
    if not lists:
        return np.zeros(0, np.int64)
    first, *others = lists
    if all(np.array_equal(first, other) for other in others):
        return first
    return np.unique(np.concatenate(lists), return_counts=True)[0]  # return_counts as in core/verdicts/cross_contact


def candidate_options(
    snapshot: Snapshot, active: ActivePolicy, contact: ContactState, candidates: Sequence[Mapping[str, Any]]
) -> Options:
    """Return the candidates of a request."""
    numbers = snapshot.catalogue.numbers
    unknown = len(snapshot.catalogue)
    names = [model.name for model in active.plan.models]
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
    products = np.array([numbers.get(product_id, unknown) for product_id in product_ids], np.int64)
    starts = np.array([0, len(products)])
    return _with_multipliers(active, [contact], starts, product_ids, products, raw, notes)


def _with_multipliers(
    active: ActivePolicy,
    contacts: Sequence[ContactState],
    starts: np.ndarray,
    product_ids: Sequence[str],
    products: np.ndarray,
    raw: np.ndarray,
    notes: Sequence[str],
) -> Options:
    """Look up each option's multiplier: the pair's own, else its product's."""
    pairs, keys, wanted = contacts[0].pairs, contacts[0].pairs["product"], products
    if len(contacts) > 1:
        pairs = np.concatenate([contact.pairs for contact in contacts])
        owners = np.arange(len(contacts))
        keys = pair_keys(np.repeat(owners, [len(contact.pairs) for contact in contacts]), pairs["product"])
        wanted = pair_keys(np.repeat(owners, np.diff(starts)), products)
    multipliers, order_odds = active.multipliers, None
    performance, pair_places = np.ones(len(products)), np.full(len(products), -1)
    if multipliers is not None:
        performance = multipliers.baseline[np.minimum(products, len(multipliers.baseline) - 1)]
        own = np.zeros(len(products), bool)
        if len(pairs):
            places = np.minimum(keys.searchsorted(wanted), len(pairs) - 1)
            own = keys[places] == wanted
            performance = np.where(own, pairs["multiplier"][places], performance)
            pair_places = np.where(own, places, -1)
        if multipliers.unpitched_order_odds != 1.0:
            order_odds = np.full(len(products), multipliers.unpitched_order_odds)
            if own.any():
                order_odds[own] = multipliers.order_odds(pairs[pair_places[own]])
    return Options(
        starts=starts,
        product_ids=product_ids,
        products=products,
        raw=raw,
        performance=performance,
        order_odds=order_odds,
        pairs=pairs,
        pair_places=pair_places,
        notes=tuple(notes),
    )
