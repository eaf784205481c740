"""Add to pitches the channel and the time that they went by: those of the decision that they name.

A pitch that names no kept decision has neither. A channel that a restructure replaced before the pitch is not looked
up: the pitch counts for the channel that was offered. Times are labels: the hour of `occurred_at` is not used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dog.core.events import EventType
from dog.core.records import ATTRIBUTES
from dog.services.feedback.named_decisions import NamedDecisions
from dog.storage.contacts import read_records
from dog.storage.event_log import Event
from dog.storage.store import Store
from dog.storage.value_numbers import NUMBERED, number_values


def add_pitched_values(store: Store, events: Sequence[Event], decisions: NamedDecisions) -> list[Event]:
    """Return the events, pitches with channel, time and segment of their contact; `decisions` are those they name."""
    found = {
        place: values
        for place, event in enumerate(events)
        if event.decision_id and event.type is EventType.PITCH and any(values := _offered(decisions.item_of(event)))
    }
    if not found:
        return list(events)
    records = read_records(store, [events[place].contact_id for place in found])
    named = {
        place: list(zip(NUMBERED, [*values, _segment(records, events[place])], strict=True))
        for place, values in found.items()
    }
    numbers = iter(number_values(store, [one for own in named.values() for one in own]))
    pitched_by = {place: [(value, next(numbers)) for _, value in own] for place, own in named.items()}
    return [
        replace(event, pitched_by=pitched_by[place]) if place in pitched_by else event
        for place, event in enumerate(events)
    ]


def _offered(item: Mapping[str, Any]) -> list[str]:
    """Return channel and time of a decision's item, '' where it has none."""
    return [str(item.get("attributes", {}).get(name) or "") for name in ATTRIBUTES]


def _segment(records: Mapping[str, Mapping[str, Any]], event: Event) -> str:
    return str(records.get(event.contact_id, {}).get("segment") or "")
