"""Record feedback: each event exactly once, each with its own result.

parse -> claim ids -> refuse conflicts, archived weeks, erased contacts -> enrich -> cast votes
    -> log, ledgers and votes, atomically per contact
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import tzinfo
from typing import Any

import numpy as np
import orjson

from dog.core.events import OUTCOMES, Attribute
from dog.core.iso_weeks import DAY_MS
from dog.errors import Conflict, InvalidInput, NotFound
from dog.services.feedback.cast_votes import cast_votes
from dog.services.feedback.parse_event import parse_event, read_plain
from dog.services.feedback.refused_pitches import PITCH_REFUSED, RefusedPitches, describe_refused_pitch, id_of
from dog.storage.apply_events import FULL, apply_events
from dog.storage.catalogue import number_products, read_catalogue, read_numbers
from dog.storage.claims import (
    Claims,
    claim_ids,
    end_call,
    find_event_contact,
    find_event_contacts,
    forget_noted,
    release_ids,
    release_unlogged,
)
from dog.storage.contacts import record_snoozed_contacts
from dog.storage.erasure import ERASED
from dog.storage.event_log import Event, Status
from dog.storage.quarantine import drop_waiting
from dog.storage.retract import read_event, retract_event
from dog.storage.sender import FILE, Sender
from dog.storage.store import Store
from dog.storage.week_archive import closed_until
from dog.storage.worked_contacts import record_worked_contacts

MAX_EVENTS = 1000
WEEK_CLOSED = ("week_closed", "its week is archived and takes no more events; the counts of that week are final")
ID_CONFLICT = (
    "event_id_conflict",
    "this event_id was used before with another body; give the new event an id of its own",
)
"""Codes and messages that refuse events."""
FIRST_MONDAY_DAY = 4  # 1970-01-05, from which weeks are counted

Annotate = Callable[[Sequence[Event]], list[Event]]
Read = Callable[[Any, int, tzinfo | None], Event]
Screen = Callable[[dict[int, Event]], Mapping[int, "EventResult"]]


@dataclass(slots=True)
class EventResult:
    """Result of one event; not frozen for the same reason as `Event`."""

    event_id: str | None
    status: Status
    _: KW_ONLY
    code: str | None = None
    message: str | None = None
    event: Event | None = None
    in_published_week: bool = False  # an outcome that was accepted, and occurred in a week that is published


def record_feedback(
    store: Store,
    documents: Sequence[Any],
    now_ms: int,
    *,
    zone: tzinfo | None = None,
    sender: Sender = FILE,
    annotate: Annotate = list,
    screen: Screen = lambda _: {},
) -> list[EventResult]:
    """Record events; one bad event never fails the others.

    Parameters
    ----------
    documents
        The events as they were sent, at most 1,000.
    now_ms
        Current time, milliseconds since 1970.
    zone
        Time zone of times without offset (files); None where an offset is required (HTTP).
    sender
        Who sends them: whose votes they are.
    annotate
        Adds what only the service knows now (`enrich_events`); history from files is recorded as it is.
    screen
        Returns the results of events that are not to be recorded, by place (`screen_names.py`).

    Returns
    -------
    One result per event, in the order sent. `accepted` means: logged, counted once, and durable.

    Raises
    ------
    InvalidInput
        There are more events than a call may have.
    StoreUnavailable
        Redis is away, or was full before the first event was written; nothing was answered as accepted, and the same
        call may be repeated. Where it became full after that, the other events are rejected with code `store_full`.

    """
    if len(documents) > MAX_EVENTS:
        raise InvalidInput(f"{len(documents)} events in one call; the most is {MAX_EVENTS}", code="too_many_events")
    batch = claim_feedback(store, documents, now_ms, zone, screen=screen)
    return apply_feedback(store, batch, now_ms, sender=sender, annotate=annotate)


@dataclass(frozen=True, slots=True)
class ClaimedBatch:
    """Events whose ids are claimed: results so far (None where there is none), events by place, claims of all."""

    results: list[EventResult | None]
    events: dict[int, Event]  # those that are to be recorded
    claims: Claims


def claim_feedback(
    store: Store,
    documents: Sequence[Any],
    now_ms: int,
    zone: tzinfo | None,
    read: Read = parse_event,
    screen: Screen = lambda _: {},
    refused: RefusedPitches | None = None,
) -> ClaimedBatch:
    """Read events, claim their ids and refuse what cannot be recorded: the first half of `record_feedback`.

    With `refused`, of a file, events that name a refused pitch are refused with it.
    """
    results: list[EventResult | None] = [None] * len(documents)
    parsed: dict[int, Event] = {}
    for place, document in enumerate(documents):
        try:
            parsed[place] = read_plain(document, now_ms, zone) or read(document, now_ms, zone)
        except InvalidInput as error:
            event_id = document.get("event_id") if isinstance(document, Mapping) else None
            shown = event_id if isinstance(event_id, str) else None
            results[place] = EventResult(shown, Status.REJECTED, code=error.code, message=error.message)
            if refused is not None:
                refused.add(id_of(document))
    _take_dependents(parsed, results, refused)
    if store.load:
        for event in parsed.values():
            event.load = store.load
    for place, result in screen(parsed).items():
        parsed.pop(place, None)
        results[place] = result
        if refused is not None and result.status is Status.REJECTED:
            refused.add(result.event_id)
    _take_dependents(parsed, results, refused)
    events = list(parsed.values())
    weeks = weeks_of(np.array([event.occurred_at_ms for event in events], np.int64))
    batch = ClaimedBatch(results, parsed, claim_ids(store, events, weeks))
    _refuse_claimed(store, batch, refused)
    return batch


def weeks_of(at_ms: np.ndarray) -> np.ndarray:
    """Return the UTC weeks that ids are claimed for, which are forgotten when their week is archived."""
    return np.maximum((at_ms // DAY_MS - FIRST_MONDAY_DAY) // 7, 0)


def _take_dependents(
    events: dict[int, Event], results: list[EventResult | None], refused: RefusedPitches | None
) -> list[Event]:
    """Take out the events that name a refused pitch, and return them."""
    if refused is None:
        return []
    places = refused.dependents(events)
    for place in places:
        pitch_id = str(events[place].pitch_id)
        results[place] = _rejected(events[place], PITCH_REFUSED, describe_refused_pitch(pitch_id))
    return [events.pop(place) for place in places]


def _refuse_claimed(store: Store, batch: ClaimedBatch, refused: RefusedPitches | None) -> None:
    """Take out the events that cannot be recorded, and release the ids that they claimed."""
    events, claims = batch.events, batch.claims
    if not (claims.erased or claims.closed_until_ms or -1 in claims.answers):
        return
    own, conflicts = [], []
    for (place, event), claim in zip(list(events.items()), claims.answers, strict=True):
        if (refusal := _refusal(event, claim, claims)) is not None:
            batch.results[place] = _rejected(events.pop(place), *refusal)
            if claim > 0 or (claim == 0 and event.contact_id in claims.erased):
                own.append(event)
            if claim < 0:
                conflicts.append(event)
    release_ids(store, own)
    forget_noted(store, claims, claims.erased)
    if refused is not None:
        recorded = find_event_contacts(store, [event.event_id for event in conflicts])
        for event, contact in zip(conflicts, recorded, strict=True):
            if contact != claims.contacts[event.contact_id]:  # else the id is that of a recorded pitch of the contact
                refused.add(event.event_id)
        release_unlogged(store, _take_dependents(events, batch.results, refused))


def apply_feedback(
    store: Store, batch: ClaimedBatch, now_ms: int, *, sender: Sender = FILE, annotate: Annotate = list
) -> list[EventResult]:
    """Write events whose ids are claimed: the second half of `record_feedback`."""
    results, parsed, claims = batch.results, batch.events, batch.claims
    taken = list(parsed)
    events = cast_votes(store, annotate([parsed[place] for place in taken]), sender)
    numbers = number_named(store, events)
    record_snoozed_contacts(store, events, now_ms)
    new = apply_events(store, events, numbers, now_ms, claims.contacts)
    statuses = (Status.DUPLICATE, Status.ACCEPTED)
    for place, event, applied in zip(taken, events, new, strict=True):
        if applied == FULL:
            results[place] = _rejected(event, "store_full", "Redis was full; send this event again, it counts once")
        elif applied < 0:  # erased between the two round trips
            release_ids(store, [event])
            forget_noted(store, claims, [event.contact_id])
            results[place] = _rejected(event, *ERASED)
        else:
            late = applied > 0 and event.occurred_at_ms < claims.published_until_ms and event.type in OUTCOMES
            results[place] = EventResult(event.event_id, statuses[applied], event=event, in_published_week=late)
    if FULL not in new:
        end_call(store, claims)
    record_worked_contacts(store, [event for event, applied in zip(events, new, strict=True) if applied >= 0], now_ms)
    return [result for result in results if result is not None]


def _rejected(event: Event, code: str, message: str) -> EventResult:
    return EventResult(event.event_id, Status.REJECTED, code=code, message=message)


def _refusal(event: Event, claim: int, claims: Claims) -> tuple[str, str] | None:
    """Return code and message of a refusal; None where the event is accepted."""
    if event.contact_id in claims.erased:
        return ERASED
    if event.occurred_at_ms < claims.closed_until_ms:
        return WEEK_CLOSED
    return ID_CONFLICT if claim < 0 else None


def retract_feedback(store: Store, event_id: str) -> bool:
    """Retract an event as if it had never been sent; return False where it was retracted before.

    Raises
    ------
    NotFound
        No event has that id.
    Conflict
        Its week is archived.

    """
    if drop_waiting(store, [event_id]):
        return True  # it waited in quarantine: nothing was recorded, no id was claimed
    contact = find_event_contact(store, event_id)
    entry = read_event(store, contact, event_id)
    if entry is None:  # only its id was claimed, or its week is archived
        raise NotFound(f"event '{event_id}' is not known; check the id", code="unknown_event")
    if orjson.loads(entry)[2] < closed_until(store):
        raise Conflict(f"event '{event_id}' belongs to an archived week; its counts are final", code="week_closed")
    return retract_event(store, contact, event_id, entry, read_catalogue(store).numbers)


def number_named(store: Store, events: Sequence[Event]) -> Mapping[str, int]:
    """Return the products' numbers; a product that was never loaded gets one, so that no feedback is lost."""
    named = {event.product_id for event in events if event.product_id}
    named |= {event.replacement for event in events if event.replacement and event.attribute is Attribute.PRODUCT}
    numbers = read_numbers(store, named)
    unknown = sorted(named - numbers.keys())
    return numbers | dict(zip(unknown, number_products(store, unknown), strict=True)) if unknown else numbers
