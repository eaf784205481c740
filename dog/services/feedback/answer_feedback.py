"""Answer a call with feedback, in order: record each event once, then its effect and a substitute.

parse, claim ids, append to log and ledger (record_feedback.py) -> count by actor -> effect (feedback_effects.py)
    -> substitute (find_substitute.py) -> answer
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import tzinfo
from functools import partial
from typing import Any

from dog import metrics
from dog.core.events import Attribute, EventType, Trigger
from dog.core.iso_weeks import DAY_MS
from dog.core.verdicts.cross_contact import REST_DAYS
from dog.services.feedback.actor_shares import ActorShares
from dog.services.feedback.enrich_events import enrich_events
from dog.services.feedback.feedback_effects import effects_of
from dog.services.feedback.feedback_intake import FeedbackIntake
from dog.services.feedback.find_substitute import find_substitute
from dog.services.feedback.named_decisions import NamedDecisions
from dog.services.feedback.record_feedback import EventResult, record_feedback
from dog.services.lists.stale_contacts import StaleContactCache
from dog.services.runtime import Runtime
from dog.storage.event_log import Event, Status
from dog.storage.sender import Sender

MAX_EFFECTS = 100
"""Events in a call up to which effects are answered; larger calls are imports."""


def answer_feedback(
    runtime: Runtime,
    tenant: str,
    documents: Sequence[Any],
    *,
    substitute: bool,
    sender: Sender,
    zone: tzinfo | None = None,
    undated: Collection[int] = (),
    tells_effects: bool = True,
) -> dict[str, Any]:
    """Record events, at most 1,000, and return the answer's JSON: counts, and one result per event in the order sent.

    Parameters
    ----------
    documents
        The events as sent.
    substitute
        Whether to offer something fitting in place of what was refused.
    sender
        The API key that sent them.
    zone
        Time zone of times without offset; None where an offset is required.
    undated
        Places of the events whose time is the present one, as their sender has left it out.
    tells_effects
        Whether to state the effect of each event.

    """
    store = runtime.store(tenant)
    decisions = NamedDecisions(runtime, store)
    enrich = partial(enrich_events, runtime, store, decisions)
    intake = FeedbackIntake.read(runtime, store, documents, sender=sender, decisions=decisions, undated=undated)
    results = record_feedback(
        store, intake.documents, runtime.clock(), zone=zone, sender=sender, annotate=enrich, screen=intake.screen
    )
    events = {place: result.event for place, result in enumerate(results) if result.event is not None}
    accepted = {place: event for place, event in events.items() if results[place].status is Status.ACCEPTED}
    runtime.shared(StaleContactCache).changed(store, {event.contact_id for event in events.values()})
    _count(results)
    new = list(accepted.values())
    runtime.shared(ActorShares).add(store, new, sender.key_id, runtime.clock(), runtime.settings.zone)
    effects = {}
    if tells_effects and len(results) <= MAX_EFFECTS:
        effects = effects_of(runtime, store, accepted, decisions)
    shown = []
    for place, result in enumerate(results):
        row: dict[str, Any] = {"event_id": result.event_id, "status": result.status}
        if result.code is not None:
            row |= {"code": result.code, "message": result.message}
        row |= intake.warning(place, result.status)
        if place in effects:
            row["effect"] = effects[place]
            if warning := _warn(events[place], runtime.clock()):
                row.setdefault("warning", warning)
        if substitute and place in events and (found := find_substitute(runtime, store, events[place], decisions)):
            row["substitute"] = found
        shown.append(row)
    statuses = [result.status for result in results]
    return {
        "accepted": statuses.count(Status.ACCEPTED),
        "duplicates": statuses.count(Status.DUPLICATE),
        "rejected": statuses.count(Status.REJECTED),
        **intake.count_held(statuses),
        "in_published_weeks": sum(result.in_published_week for result in results),
        "results": shown,
    }


def _warn(event: Event, now_ms: int) -> dict[str, str] | None:
    """Return the warning of a verdict that does less than its author may expect; None of others."""
    if event.type is not EventType.DISCARD:
        return None
    code = message = None
    if event.occurred_at_ms + REST_DAYS * DAY_MS <= now_ms:
        code = "rest_over"
        message = f"it occurred more than {REST_DAYS} days ago, so nothing rests because of it"
    elif event.vote is None and event.trigger is Trigger.BUSINESS and event.actor_id is None:
        code = "no_actor"
        message = "a business need acts beyond its contact for its actor only; send actor_id"
    elif event.vote is None and event.trigger in (Trigger.MARKET, Trigger.BUSINESS):
        code = "no_category"
        message = f"product '{event.product_id}' has no category, so the verdict acts on this contact alone"
    elif event.vote is None and event.trigger is Trigger.DISCOMFORT and event.attribute is Attribute.ACCOUNT:
        code = "no_account"
        message = f"contact '{event.contact_id}' has no account_id, so no account rests"
    return {"code": code, "message": message} if code and message else None


def _count(results: Sequence[EventResult]) -> None:
    kinds = Counter((result.event.type.name.lower() if result.event else "unread", result.status) for result in results)
    for (kind, status), count in kinds.items():
        metrics.feedback.labels(kind, status).inc(count)
