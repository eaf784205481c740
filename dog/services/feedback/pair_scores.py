"""What the stored scores say now of the pairs that a call pitches: all pairs at once, each product alone.

records of the contacts -> their scores and multipliers of the products -> one consolidated score a pair
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import orjson

from dog.core.records import PAIRS, pair_keys
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.options import Options, stored_options
from dog.services.lists.read_contacts import read_to_rank
from dog.services.lists.snapshot import Snapshots
from dog.services.lists.stored_scores import is_among
from dog.services.runtime import Runtime
from dog.storage.contacts import read_arrays
from dog.storage.store import Store

Pair = tuple[str, str]
"""Ids of a contact and a product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairScore:
    """What a pitch of a pair has recorded with it."""

    score: float  # consolidated, without any multiplier
    raw: tuple[int, dict[str, float]] | None  # number of the loads, and the score of each model that has one
    log_ratios: tuple[float, float] | None  # ln of product and pair ratio; None by policies without expected wins


def score_pairs(runtime: Runtime, store: Store, pairs: Collection[Pair]) -> dict[Pair, PairScore]:
    """Return what the stored scores say of pairs by the default policy, without those that have no score."""
    snapshot = runtime.shared(Snapshots).current(store, votes=False)
    active, numbers = snapshot.find_policy(None), snapshot.catalogue.numbers
    pages = _pages(store, [pair for pair in dict.fromkeys(pairs) if pair[1] in numbers])
    if active is None or not pages:
        return {}
    ordered = [pair for _, page in pages for pair, _ in page.values()]
    products = np.array([numbers[product_id] for _, product_id in ordered])
    parts = [(partition, {digest: record for digest, (_, record) in page.items()}) for partition, page in pages]
    # ranks of an option are among all options
    wanted = None if active.plan.consolidator.method == "rrf" else products
    table = read_to_rank(store, snapshot, active, parts, wanted, verdicts=False)
    options = stored_options(snapshot, active, table, runtime.clock(), wanted)
    places = np.repeat(np.arange(len(table)), np.diff(options.starts))
    keys, own = pair_keys(places, options.products), pair_keys(np.arange(len(table)), products)
    scored = np.flatnonzero(is_among(keys, own))
    found = _describe(active, options, keys.searchsorted(own[scored]), snapshot.consolidations.loads.number)
    return {ordered[place]: score for place, score in zip(scored.tolist(), found, strict=True)}


def _pages(store: Store, pairs: Collection[Pair]) -> list[tuple[int, dict[bytes, tuple[Pair, Any]]]]:
    """Return the pairs of loaded contacts with the contacts' records, by digest; a contact once on a page."""
    contact_ids = list(dict.fromkeys(contact_id for contact_id, _ in pairs))
    digests = store.tenant.contacts(contact_ids)
    known = zip(contact_ids, digests, read_arrays(store, "contacts", "", digests), strict=True)
    contacts = {contact_id: (digest, orjson.loads(record)) for contact_id, digest, record in known if record}
    pages: dict[tuple[int, int], dict[bytes, tuple[Pair, Any]]] = {}
    turns = Counter[str]()
    for pair in pairs:
        if pair[0] in contacts:
            digest, record = contacts[pair[0]]
            page = pages.setdefault((store.tenant.partition_number(digest), turns[pair[0]]), {})
            page[digest] = pair, record
            turns[pair[0]] += 1
    return [(partition, page) for (partition, _), page in pages.items()]


def _describe(active: ActivePolicy, options: Options, places: np.ndarray, load: int) -> Iterator[PairScore]:
    """Yield what a pitch of each of some options records."""
    consolidator = active.plan.consolidator
    plain = consolidator.consolidate(consolidator.calibrate(options.raw), options.starts)[places].tolist()
    names, raw = active.plan.names, options.raw[:, places].T.tolist()
    ratios = _log_ratios(active, options, places)
    for score, scores, log_ratios in zip(plain, raw, ratios, strict=True):
        given = {name: own for name, own in zip(names, scores, strict=True) if not math.isnan(own)}
        yield PairScore(score=score, raw=(load, given) if load and given else None, log_ratios=log_ratios)


def _log_ratios(active: ActivePolicy, options: Options, places: np.ndarray) -> Iterable[tuple[float, float] | None]:
    """Return ln of product and pair ratio of some options."""
    if active.multipliers is None:
        return repeat(None, len(places))
    pairs, own = np.zeros(len(places), PAIRS), options.pair_places[places]
    pairs[own >= 0] = options.pairs[own[own >= 0]]
    found = active.multipliers.ratios(options.products[places], pairs)
    return repeat(None, len(places)) if found is None else map(log_ratios, *(ratio.tolist() for ratio in found))


def log_ratios(product_ratio: float, pair_ratio: float) -> tuple[float, float]:
    """Return ln of product and pair ratio, as an event records them."""
    return round(math.log(product_ratio), 6), round(math.log(pair_ratio), 6)
