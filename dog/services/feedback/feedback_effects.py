"""Record feedback over HTTP: results with each event's effect, and a fitting substitute when asked for."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from dog import metrics
from dog.core.events import VERDICTS, Attribute, EventType, Trigger
from dog.core.pipeline import STREAK_BOUNDS
from dog.core.verdicts.cross_contact import read_wide
from dog.core.verdicts.triggers import read_verdicts
from dog.core.verdicts.verdict_multipliers import Setting, influence
from dog.errors import NotFound
from dog.services.feedback.actor_shares import ActorShares
from dog.services.feedback.enrich_events import annotate
from dog.services.feedback.record_feedback import EventResult, record_feedback
from dog.services.lists.options import performance_of
from dog.services.lists.rank_request import consider, request_of
from dog.services.lists.read_contact import ContactState, read_contact
from dog.services.lists.recommend import MAX_K
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.lists.stale_contacts import StaleContactCache
from dog.services.lists.write_receipts import write_items
from dog.services.policies.policy_store import DEFAULT_POLICY
from dog.services.runtime import Runtime
from dog.storage.cross_contact_ledger import is_cross_contact, read_cross_contact_ledger
from dog.storage.event_log import Event, Status
from dog.storage.store import Store

MOST_EFFECTS = 100
"""Events in a call up to which each is told its effect; larger calls are imports, whose sender does not look."""
SAME_PRODUCT = (Attribute.CHANNEL, Attribute.TIME, Attribute.RATIONALE)


def record_with_effects(
    runtime: Runtime, tenant: str, documents: Sequence[Any], *, substitute: bool, by_admin: bool, key_id: str = "local"
) -> dict[str, Any]:
    """Record events and tell, for each, what became of it and what it did.

    Parameters
    ----------
    runtime
        What bootstrap built.
    tenant
        Whose feedback.
    documents
        The events as sent, at most 1,000.
    substitute
        Whether to offer something fitting in the place of what was refused.
    by_admin
        Whether the sender may speak for the whole tenant.
    key_id
        Of the key it came with.

    Returns
    -------
    The answer's JSON: counts, and one result an event in the order sent.

    """
    store = runtime.store(tenant)
    results = record_feedback(
        store, documents, runtime.clock(), by_admin=by_admin, annotate=lambda events: annotate(runtime, store, events)
    )
    runtime.shared(StaleContactCache).changed(
        store, {result.event.contact_id for result in results if result.event is not None}
    )
    _count(results)
    new = [result.event for result in results if result.event is not None and result.status is Status.ACCEPTED]
    runtime.shared(ActorShares).add(store, new, key_id, runtime.clock(), runtime.settings.zone)
    effects = _effects(runtime, store, results) if len(results) <= MOST_EFFECTS else {}
    shown = []
    for place, result in enumerate(results):
        row: dict[str, Any] = {"event_id": result.event_id, "status": result.status}
        if result.code is not None:
            row |= {"code": result.code, "message": result.message}
        if place in effects:
            row["effect"] = effects[place]
        if substitute and result.event is not None and (found := find_substitute(runtime, store, result.event)):
            row["substitute"] = found
        shown.append(row)
    statuses = [result.status for result in results]
    return {
        "accepted": statuses.count(Status.ACCEPTED),
        "duplicates": statuses.count(Status.DUPLICATE),
        "rejected": statuses.count(Status.REJECTED),
        "results": shown,
    }


def _count(results: Sequence[EventResult]) -> None:
    kinds = Counter((result.event.type.name.lower() if result.event else "unread", result.status) for result in results)
    for (kind, status), count in kinds.items():
        metrics.feedback.labels(kind, status).inc(count)


def _effects(runtime: Runtime, store: Store, results: Sequence[EventResult]) -> dict[int, dict[str, float]]:
    """Compute each accepted event's multiplier before and after, as if the call's events came one by one."""
    accepted = {
        place: result.event
        for place, result in enumerate(results)
        if result.status is Status.ACCEPTED and result.event is not None and result.event.product_id is not None
    }
    if not accepted:
        return {}
    snapshot = runtime.shared(Snapshots).current(store)
    states: dict[str, ContactState] = {}
    effects = {}
    for place, event in accepted.items():
        if event.contact_id not in states:
            states[event.contact_id] = read_contact(store, snapshot, event.contact_id, DEFAULT_POLICY)[1]
        state = states[event.contact_id]
        later = [store.tenant.number(other.event_id) for spot, other in accepted.items() if spot > place]
        after = _multiplier(runtime, store, snapshot, state, event, later)
        without = [*later, store.tenant.number(event.event_id)]
        before = _multiplier(runtime, store, snapshot, state, event, without) if event.type in VERDICTS else after
        effects[place] = {"multiplier_before": before, "multiplier_after": after}
    return effects


def _multiplier(
    runtime: Runtime, store: Store, snapshot: Snapshot, state: ContactState, event: Event, without: Sequence[int]
) -> float:
    """Compute a pair's multiplier from all verdicts but some: performance x streak (clamped) x the reasons."""
    active = snapshot.policies.get(DEFAULT_POLICY) or next(iter(snapshot.policies.values()))
    product = np.array([snapshot.catalogue.numbers[event.product_id or ""]])
    left_out = np.array(without, np.uint64)
    ledger = state.verdict_ledger[~np.isin(state.verdict_ledger["event"], left_out)]
    wide = snapshot.wide
    if is_cross_contact(event):
        said = read_cross_contact_ledger(store)
        wide = read_wide(said[~np.isin(said["event"], left_out)])
    record = state.record or {}
    setting = Setting(
        runtime.clock(),
        snapshot.categories[product],
        store.tenant.number(str(record.get("segment") or "")),
        store.tenant.number(str(record["account_id"])) if record.get("account_id") else 0,
        store.tenant.number(event.actor_id) if event.actor_id else 0,
        business_counts=True,
    )
    verdicts = read_verdicts(ledger) if len(ledger) else None
    found = influence(product, verdicts, wide, setting, active.policy.reinforcement.streak)
    performance, _ = performance_of(active, product, state.pairs)
    together = np.clip(performance * found.streak, *STREAK_BOUNDS)
    return float((together * found.discomfort * found.market * found.business)[0])


def find_substitute(runtime: Runtime, store: Store, event: Event) -> dict[str, Any] | None:
    """Find what fits in the place of what was refused; nothing that a rule excludes, None if nothing fits.

    The same product by another channel or time where one of those was refused or replaced; another product
    where the product was refused.
    """
    refused = event.type is EventType.RESTRUCTURE or event.type is EventType.DISCARD
    if not refused or event.product_id is None:
        return None
    about_choice = event.attribute in SAME_PRODUCT and (
        event.type is EventType.RESTRUCTURE or event.trigger is Trigger.DISCOMFORT
    )
    context: dict[str, Any] = {}
    wanted = None
    if event.type is EventType.RESTRUCTURE and event.replacement:
        if event.attribute in (Attribute.CHANNEL, Attribute.TIME):
            context[event.attribute.name.lower()] = event.replacement
        elif event.attribute is Attribute.PRODUCT:
            wanted = event.replacement
    if about_choice:
        wanted = event.product_id
    request = request_of(event.contact_id, k=MAX_K if wanted else 1, context=context, dry_run=True)
    if wanted != event.product_id:
        request["exclude"] = [event.product_id]
    try:
        considered = consider(runtime, store, request)
    except NotFound:
        return None
    items = write_items(store, considered, event.contact_id, context)
    found = [item for item in items if wanted is None or item["product_id"] == wanted]
    if not found or (about_choice and _same(event, found[0])):
        return None
    return found[0]


def _same(event: Event, item: dict[str, Any]) -> bool:
    """Tell whether the item still carries the very value that was refused."""
    if event.attribute not in (Attribute.CHANNEL, Attribute.TIME):
        return False
    return bool(item["attributes"][event.attribute.name.lower()] == event.attribute_value)
