"""Record the events that waited for their names, once these are known; and take waiting events back.

Each is removed after it was recorded. A kill in between leaves it waiting: recorded again it is a duplicate, which
changes nothing.
"""

from collections.abc import Sequence
from functools import partial
from itertools import groupby

from dog.errors import StoreUnavailable
from dog.services.feedback.actor_shares import ActorShares
from dog.services.feedback.enrich_events import enrich_events
from dog.services.feedback.find_unknown_names import find_unknown_names
from dog.services.feedback.named_decisions import NamedDecisions
from dog.services.feedback.record_feedback import MAX_EVENTS, apply_feedback, claim_feedback
from dog.services.lists.stale_contacts import StaleContactCache
from dog.services.runtime import Runtime
from dog.storage.event_log import Event, Status
from dog.storage.quarantine import WaitingEvent, count_waiting, drop_waiting, read_waiting
from dog.storage.sender import FILE
from dog.storage.store import Store
from dog.storage.tenant_settings import read_unknown_setting


def release_quarantine(runtime: Runtime, store: Store) -> int:
    """Record the waiting events whose names are known by now, all with the setting `accept`; return how many."""
    if not count_waiting(store):
        return 0
    every = read_unknown_setting(store) == "accept"
    released = 0
    for group in read_waiting(store):
        events = {place: one.event for place, one in enumerate(group)}
        unknown = {} if every else find_unknown_names(runtime, store, events)
        known = [one for place, one in enumerate(group) if place not in unknown]
        for start in range(0, len(known), MAX_EVENTS):
            some = known[start : start + MAX_EVENTS]
            _record(runtime, store, some)
            released += drop_waiting(store, [one.event.event_id for one in some])
    return released


def _record(runtime: Runtime, store: Store, waiting: Sequence[WaitingEvent]) -> None:
    ordered = sorted(waiting, key=lambda one: repr(one.sender))
    for sender, group in groupby(ordered, key=lambda one: one.sender):
        events = [one.event for one in group]
        batch = claim_feedback(store, events, runtime.clock(), None, lambda event, *_: event)
        annotate = (
            list[Event] if sender == FILE else partial(enrich_events, runtime, store, NamedDecisions(runtime, store))
        )
        results = apply_feedback(store, batch, runtime.clock(), sender=sender, annotate=annotate)
        runtime.shared(StaleContactCache).changed(store, {event.contact_id for event in events})
        if any(result.code == "store_full" for result in results):
            raise StoreUnavailable("Redis is full; events stay in quarantine until there is room", code="store_full")
        new = [result.event for result in results if result.status is Status.ACCEPTED and result.event]
        if sender != FILE:
            runtime.shared(ActorShares).add(store, new, sender.key_id, runtime.clock(), runtime.settings.zone)
