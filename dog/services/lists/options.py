"""The options of one or more contacts: which products, the models' scores of them, their multipliers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dog.core.kernels.look_up_pairs import NO_RECORD
from dog.core.policy.policy_settings import START
from dog.core.records import PAIRS
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.contact_table import ContactTable, bounds_of, joined
from dog.services.lists.recall import Recalled, recall
from dog.services.lists.snapshot import Snapshot
from dog.services.lists.start_scores import add_start, fill_candidates
from dog.services.lists.stored_scores import stored_scores


@dataclass(slots=True, kw_only=True)  # not frozen: one is made for each list, and takes a fifth of the time
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
        Factor on the odds that options are ordered by, for exploration and, where contacts are ranked, by what the
        model start knows of their activity, shape (options,); None where all are 1.
    pairs, pair_places
        Records of `PAIRS` of all contacts, and the place of each option's record among them, -1 where the pair has no
        evidence and takes its product's multiplier.
    notes
        Notes for the reader of the list: models without scores, scores that are too old.
    recalled
        What the memory of past cases made of `performance`; None where the policy does not use it, or it is not proved.

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
    recalled: Recalled | None = None

    def without_multipliers(self) -> "Options":
        """Return the options as if no multiplier version had been published."""
        count = len(self.products)
        nothing = np.full(count, -1)
        return replace(self, performance=np.ones(count), order_odds=None, pair_places=nothing, recalled=None)

    def with_memory(self, snapshot: Snapshot, active: ActivePolicy, contacts: ContactTable) -> "Options":
        """Return the options with what contacts like these did, if the policy uses it and it is proved."""
        memory, multipliers = snapshot.memory, active.multipliers
        if memory is None or multipliers is None or not active.remembers:
            return self
        recalled = recall(snapshot, memory, multipliers, contacts, self.starts, self.products, self.performance)
        return replace(self, performance=self.performance * recalled.factor, recalled=recalled)


def stored_options(
    snapshot: Snapshot,
    active: ActivePolicy,
    contacts: ContactTable,
    now_ms: int,
    product: int | np.ndarray | None = None,
    *,
    across: bool = False,
) -> Options:
    """Return the products with a score of any model, or one of them (`product`, the same or one each), by contact.

    A product that was never loaded is left out, unless the tenant has loaded none at all.
    """
    offered = snapshot.offered
    found = stored_scores(active, contacts, now_ms, offered=offered, product=product)
    found = add_start(snapshot, active, contacts, found, offered=offered, product=product, across=across)
    notes = [*found.notes, *([_unloaded_note(snapshot, found.dropped)] if len(found.dropped) else [])]
    product_ids = IdsOfProducts(snapshot.catalogue.ids, found.products)
    options = _with_multipliers(active, contacts, found.starts, product_ids, found.products, found.raw, notes)
    if found.order_log_odds is None:
        return options
    explored = 1.0 if options.order_odds is None else options.order_odds
    return replace(options, order_odds=explored * np.exp(found.order_log_odds))


def _unloaded_note(snapshot: Snapshot, products: np.ndarray) -> str:
    first = snapshot.catalogue.ids[int(products[0])]
    return (
        f"{len(products)} scored product(s) have no row in products and are not offered, such as '{first}'; load them: "
        "dog load products FILE"
    )


class IdsOfProducts(Sequence[str]):
    """The product id of each option, looked up when it is read: most options of many contacts are never shown."""

    __slots__ = ("_ids", "_products")

    def __init__(self, ids: Sequence[str], products: np.ndarray) -> None:
        self._ids = ids
        self._products = products

    def __len__(self) -> int:
        return len(self._products)

    def __getitem__(self, place: Any) -> Any:
        """Return the id of one option; a list of ids for a slice."""
        numbers = self._products[place]
        return [self._ids[number] for number in numbers] if isinstance(place, slice) else self._ids[numbers]

    def __iter__(self) -> Iterator[str]:
        """Iterate over all ids."""
        return map(self._ids.__getitem__, self._products.tolist())


def candidate_options(
    snapshot: Snapshot, active: ActivePolicy, contacts: ContactTable, candidates: Sequence[Mapping[str, Any]]
) -> Options:
    """Return the candidates of a request."""
    numbers = snapshot.catalogue.numbers
    unknown = len(snapshot.catalogue)
    names, product_ids = list(active.policy.models), [candidate["product_id"] for candidate in candidates]
    products = np.array([numbers.get(product_id, unknown) for product_id in product_ids], np.int64)
    raw = np.array(
        [[candidate["scores"].get(name, np.nan) for candidate in candidates] for name in names],
        dtype=np.float64,
    ).reshape(len(names), len(candidates))
    raw[[name == START for name in names]] = np.nan  # computed here
    falls_back = active.fallbacks
    scored = ~np.isnan(raw[~falls_back]).all(axis=0)
    raw[np.ix_(falls_back, scored)] = np.nan
    notes = [
        f"model '{name}' has no score for any candidate; the others were used"
        for name, row in zip(names, raw, strict=True)
        if len(row) and np.isnan(row).all() and name != START
    ]
    given = {name for candidate in candidates for name in candidate["scores"]}
    notes += [
        f"model '{name}' is not part of the policy; its scores were ignored" for name in sorted(given - {*names, START})
    ]
    if START in given:
        notes.append("model 'start' is computed by the service; its scores were ignored")
    if (note := fill_candidates(snapshot, active, contacts, products, raw)) is not None:
        notes = [note] if not scored.any() else [*notes, note]
    starts = np.array([0, len(products)])
    return _with_multipliers(active, contacts, starts, product_ids, products, raw, notes)


def _with_multipliers(
    active: ActivePolicy,
    contacts: ContactTable,
    starts: np.ndarray,
    product_ids: Sequence[str],
    products: np.ndarray,
    raw: np.ndarray,
    notes: Sequence[str],
) -> Options:
    """Look up each option's multiplier: the pair's own, else its product's."""
    pairs, multipliers = joined(contacts.pairs, PAIRS), active.multipliers
    if multipliers is None:
        performance, order_odds, places = np.ones(len(products)), None, np.full(len(products), NO_RECORD)
    else:
        performance, order_odds, places = multipliers.look_up(
            starts, products, bounds_of(contacts.pairs, len(contacts)), pairs
        )
    return Options(
        starts=starts,
        product_ids=product_ids,
        products=products,
        raw=raw,
        performance=performance,
        order_odds=order_odds,
        pairs=pairs,
        pair_places=places,
        notes=tuple(notes),
    )
