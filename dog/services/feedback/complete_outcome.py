"""Name the decision and the pitch of an outcome that lacks them: those of the pair's last accept and pitch."""

from collections.abc import Mapping, Sequence
from typing import Any

from dog.core.events import EventType
from dog.storage.event_log import Event
from dog.storage.newest_events import read_newest_events
from dog.storage.store import Store

SETTLES = ("win", "loss")


def complete_outcome(store: Store, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of a pitch, win or loss with `decision_id` and, of a win or loss, `pitch_id`, where known.

    An event that was recorded before gets what was recorded, so that the same document is the same event.
    """
    kind, contact_id = document.get("type"), document.get("contact_id")
    if kind not in ("pitch", *SETTLES) or not isinstance(contact_id, str):
        return dict(document)  # a faulty one is refused where it is recorded
    found = read_newest_events(store, {contact_id: store.tenant.contact(contact_id)})[contact_id]
    events = [event for event in found if event.product_id == document.get("product_id")]
    recorded = next((event for event in events if event.event_id == document.get("event_id")), None)
    pitch = _open_pitch(events) if kind in SETTLES else None
    accepted = next((event for event in events if event.type is EventType.ACCEPT), None)
    known = {"decision_id": accepted and accepted.decision_id, "pitch_id": pitch and pitch.event_id}
    if recorded:
        known = {"decision_id": recorded.decision_id, "pitch_id": recorded.pitch_id}
    return {**{name: value for name, value in known.items() if value}, **document}


def _open_pitch(events: Sequence[Event]) -> Event | None:
    """Return the last pitch of a pair, given its events, newest first; None where it is settled."""
    for event in events:
        if event.type in (EventType.WIN, EventType.LOSS):
            return None
        if event.type is EventType.PITCH:
            return event
    return None
