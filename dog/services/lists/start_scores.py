"""What the model `start` says of contacts: computed with the request, where no other model has a score.

As a fallback it scores all products of a contact that no other model has scored, and of any other contact the cold
products that none has scored yet; with a weight of its own it scores everything.
"""

from dataclasses import dataclass, replace

import numpy as np

from dog.core.learning.expected_wins import PRODUCT_STRENGTH
from dog.core.learning.reinforcement import trust_of
from dog.core.log_odds import clipped_log_odds, expit
from dog.core.policy.policy_settings import START
from dog.core.records import pair_keys
from dog.core.spoken import counted
from dog.models.start.start_model import StartModel
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.snapshot import Snapshot
from dog.services.lists.start_contacts import basis_of, events_of, first_event_ms, scored_before_first_event
from dog.services.lists.stored_scores import StoredScores, is_among, split_keys, starts_of


@dataclass(frozen=True, slots=True)
class StartScores:
    """Scores of pairs, in the order of their keys (`pair_keys`), shape (pairs,) each.

    `order` is added to the log odds that options are ordered by.
    """

    keys: np.ndarray
    scores: np.ndarray
    order: np.ndarray

    def take(self, places: np.ndarray) -> "StartScores":
        """Return some of the scores, by mask or places."""
        return StartScores(self.keys[places], self.scores[places], self.order[places])


NO_START = StartScores(np.zeros(0, np.uint64), np.zeros(0), np.zeros(0))


def add_start(
    snapshot: Snapshot,
    active: ActivePolicy,
    contacts: ContactTable,
    found: StoredScores,
    *,
    offered: np.ndarray,
    product: int | np.ndarray | None = None,
    across: bool = False,
) -> StoredScores:
    """Return the scores of contacts with those of the model start, if the policy has it.

    Scores of products that were made before the contact's first event are left out: they know nothing of it.

    Parameters
    ----------
    snapshot, active, contacts
        The tenant, the policy, and the contacts with their attributes and events.
    found
        The stored scores of the other models.
    offered
        Products that may be options, shape (products,).
    product
        The only product that is wanted, or one of each contact; None for all.
    across
        Whether contacts are ranked beside each other: then their activity counts in the order.

    """
    if not active.starts or not len(snapshot.start):
        return found
    settings = active.policy.models[START]
    outdated = scored_before_first_event(contacts, found.as_of_ms, first_event_ms(snapshot))
    if outdated:
        found = _without(found, np.isin(split_keys(found.keys)[0], outdated))
        as_of_ms = found.as_of_ms.copy()
        as_of_ms[outdated] = 0
        found = replace(found, as_of_ms=as_of_ms)
    is_fallback = settings.is_fallback or not snapshot.start.events  # untrained it has nothing to add to other scores
    scores_cold = snapshot.start.events > 0 and active.plan.consolidator.method != "rrf"  # there some have no rank
    if is_fallback and all(found.as_of_ms.tolist()) and not (scores_cold and _lacks_cold(snapshot, found)):
        return found
    has_scores = (found.as_of_ms > 0) & is_fallback
    wanted = np.arange(len(offered)) if product is None else np.unique(product)
    wanted = wanted[offered[wanted]]
    started = _score(snapshot.start, active, contacts, np.flatnonzero(~has_scores), wanted, across=across)
    if scores_cold and has_scores.any():
        cold = _score_cold(snapshot.start, active, contacts, found, np.flatnonzero(has_scores), wanted, across=across)
        started = _together(started, cold)
    if product is not None:
        owner, products = split_keys(started.keys)
        started = started.take(products == np.broadcast_to(product, len(contacts))[owner])
    if not len(started.keys):
        return found
    owned = found.of_contact_alone & ~is_among(started.keys, found.keys)
    found = _without(found, owned) if owned.any() else found
    merged = _merge(found, _explore(started, snapshot.start, active), place_of(active), len(contacts))
    if len(contacts) > 1 or found.as_of_ms[0]:
        return merged
    return replace(merged, notes=_notes(snapshot, contacts, outdated=bool(outdated)))


def _lacks_cold(snapshot: Snapshot, found: StoredScores) -> bool:
    """Return whether a cold product may be missing: for one contact whether no model has scored it."""
    cold = snapshot.cold_products
    if len(found.as_of_ms) > 1 or not len(cold):
        return len(cold) > 0
    return not is_among(found.products[found.scored], cold).all()


def _score_cold(
    model: StartModel,
    active: ActivePolicy,
    contacts: ContactTable,
    found: StoredScores,
    places: np.ndarray,
    wanted: np.ndarray,
    *,
    across: bool,
) -> StartScores:
    """Score the cold products that no other model scores yet, for the contacts that have scores of others."""
    cold = wanted[is_among(model.cold.products, wanted)]
    keys = pair_keys(np.repeat(places, len(cold)), np.tile(cold, len(places)))
    new = ~is_among(found.keys[found.scored], keys)
    if not new.any():
        return NO_START
    missing = new.reshape(len(places), len(cold))
    some, products = missing.any(axis=1), missing.any(axis=0)
    scored = _score(model, active, contacts, places[some], cold[products], across=across)
    return scored.take(is_among(keys[new], scored.keys))


def _together(one: StartScores, other: StartScores) -> StartScores:
    """Return the scores of both, in the order of their keys."""
    if not len(one.keys) or not len(other.keys):
        return one if len(one.keys) else other
    columns = (np.concatenate([getattr(part, name) for part in (one, other)]) for name in StartScores.__slots__)
    both = StartScores(*columns)
    return both.take(np.argsort(both.keys))


def _explore(started: StartScores, model: StartModel, active: ActivePolicy) -> StartScores:
    """Credit the doubt about cold products that no published week has pitched, in the order alone.

    As z t / sqrt(strength + evidence) of a pair: the product's own trust and strength, without any evidence.
    """
    multipliers = active.multipliers
    if multipliers is None or multipliers.settings.neutral != "expected" or not len(model.cold.products):
        return started
    _, products = split_keys(started.keys)
    ratios = multipliers.priors.product_ratios
    never_pitched = ratios[np.minimum(products, len(ratios) - 1)] == 1.0
    trust = trust_of(multipliers.priors, multipliers.settings)[0]
    doubt = multipliers.settings.explore * trust / np.sqrt(PRODUCT_STRENGTH)
    explored = started.order + doubt * (never_pitched & ~model.warm[products])
    return replace(started, order=explored)


def _without(found: StoredScores, options: np.ndarray) -> StoredScores:
    """Leave out some options, by mask."""
    kept = ~options
    owner, _ = split_keys(found.keys)
    return replace(
        found,
        starts=starts_of(owner[kept], len(found.as_of_ms)),
        products=found.products[kept],
        raw=found.raw[:, kept],
        scored=found.scored[kept],
        of_contact_alone=found.of_contact_alone[kept],
    )


def _merge(found: StoredScores, started: StartScores, row: int, contacts: int) -> StoredScores:
    """Return both; scores of a contact as a whole hold for the new options too."""
    found_keys = found.keys
    keys = np.union1d(found_keys, started.keys)
    owner, products = split_keys(keys)
    raw = np.full((len(found.raw), len(keys)), np.nan)
    for filled, level in zip(raw, found.levels, strict=True):
        filled[:] = level[owner]
    known = keys.searchsorted(found_keys)
    raw[:, known] = found.raw
    new = keys.searchsorted(started.keys)
    raw[row, new] = started.scores
    order = np.zeros(len(keys))
    order[new] = started.order
    scored = np.zeros(len(keys), bool)
    scored[known] = found.scored
    alone = np.zeros(len(keys), bool)
    alone[known] = found.of_contact_alone
    return replace(
        found,
        starts=starts_of(owner, contacts),
        products=products,
        raw=raw,
        scored=scored,
        of_contact_alone=alone,
        order_log_odds=order,
    )


def _notes(snapshot: Snapshot, contacts: ContactTable, *, outdated: bool) -> tuple[str, ...]:
    """Return what the reader of a list that the model start made should know."""
    why = (
        "the models' scores are older than this contact's first event"
        if outdated
        else "no model has scored products for this contact"
    )
    if not snapshot.start.events:
        fix = "load transactions or feedback, and run dog jobs train"
        return (f"{why}, and the model start is not trained: products are ordered by value; {fix}",)
    basis = basis_of(snapshot.start, contacts.records[0], events_of(contacts, 0))
    return (f"{why}: the model start scored them {basis.basis}",)


def _score(
    model: StartModel,
    active: ActivePolicy,
    contacts: ContactTable,
    places: np.ndarray,
    products: np.ndarray,
    *,
    across: bool,
) -> StartScores:
    """Score some products for some contacts."""
    if not len(places) or not len(products):
        return NO_START
    events = [events_of(contacts, place) for place in places.tolist()]
    read = model.read([contacts.records[place] or {} for place in places.tolist()], events)
    log_odds = model.log_odds(read, None if len(products) == len(model) else products)
    scores, order = expit(log_odds).ravel(), np.zeros(log_odds.size)
    if across:
        with_activity = expit(log_odds + model.activity(read)[:, None]).ravel()
        order = _calibrated_log_odds(active, with_activity) - _calibrated_log_odds(active, scores)
    keys = pair_keys(np.repeat(places, len(products)), np.tile(products, len(places)))
    found = StartScores(keys, scores, order)
    if model.repeats:
        return found
    owned = zip(places.tolist(), events, strict=True)
    bought = np.concatenate([pair_keys(np.full(len(own), place), own) for place, own in owned])
    return found.take(~np.isin(found.keys, bought))


def _calibrated_log_odds(active: ActivePolicy, scores: np.ndarray) -> np.ndarray:
    """Return the calibrated log odds of the model's scores, shape (pairs,)."""
    raw = np.full((len(active.plan.models), len(scores)), np.nan)
    raw[place_of(active)] = scores
    return clipped_log_odds(active.plan.consolidator.calibrate(raw)[place_of(active)])


def place_of(active: ActivePolicy) -> int:
    """Return the row of the model start among those of the policy."""
    return list(active.policy.models).index(START)


def fill_candidates(
    snapshot: Snapshot, active: ActivePolicy, contacts: ContactTable, products: np.ndarray, raw: np.ndarray
) -> str | None:
    """Write the model's scores of the candidates of one contact that no model has scored; return a note of it.

    `products` are the numbers of the candidates, shape (options,), `raw` their scores, shape (models, options). None
    where nothing was written. Reciprocal ranks need the ranks of all candidates: there it scores all or none.
    """
    model, unscored = snapshot.start, np.isnan(raw).all(axis=0)
    places = np.flatnonzero(unscored & (products < len(model)))
    if not active.starts or not len(places) or (active.plan.consolidator.method == "rrf" and not unscored.all()):
        return None
    record, events = contacts.records[0], events_of(contacts, 0)
    contact = model.read([record or {}], [events])
    raw[place_of(active), places] = expit(model.log_odds(contact, products[places]))[0]
    basis = basis_of(model, record, events).basis
    return f"{counted(len(places), 'candidate')} without a score of any model: the model start scored them {basis}"
