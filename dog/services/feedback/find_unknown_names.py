"""Which names of events are unknown: products, contacts, and the values of attributes.

The usual event, whose names are all known, costs a look into the process's snapshot and the contacts found before.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dog.core.events import Attribute
from dog.services.feedback.named_decisions import NamedDecisions
from dog.services.lists.item_choices import LISTS, split_values
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.lists.unknown_names import (
    LoadedContacts,
    NearestProducts,
    UnknownName,
    find_unloaded_products,
    has_contact_rows,
    with_nearest,
)
from dog.services.runtime import Runtime
from dog.storage.contacts import read_records
from dog.storage.event_log import Event
from dog.storage.store import Store

CHOICES = {attribute: LISTS[attribute.name.lower()] for attribute in (Attribute.CHANNEL, Attribute.TIME)}
"""Attributes whose values policies, products and contacts list, and the name of the list."""


def find_unknown_names(
    runtime: Runtime, store: Store, events: Mapping[int, Event], decisions: NamedDecisions | None = None
) -> dict[int, UnknownName]:
    """Return the first unknown name of each event that has one, by place.

    Product, contact and attributes are known where the kept decision that an event names has them.
    `decisions` are those that the call has read already.
    """
    snapshot = runtime.shared(Snapshots).get(store)  # may be outdated: what it lacks is looked up
    suspects = _find_suspects(runtime, store, snapshot, events)
    if not suspects:
        return {}
    return _without_decided(events, suspects, decisions or NamedDecisions(runtime, store))


def suggest_products(runtime: Runtime, store: Store, unknown: Mapping[int, UnknownName]) -> dict[int, UnknownName]:
    """Return the names with the nearest known product of each unknown one."""
    catalogue = runtime.shared(Snapshots).get(store).catalogue
    products = dict.fromkeys(one.name for one in unknown.values() if one.kind == "product")
    near = runtime.shared(NearestProducts).suggest(store.tenant.name, catalogue, products) if products else {}
    return {place: replace(one, near=near.get(one.name, one.near)) for place, one in unknown.items()}


def _find_suspects(
    runtime: Runtime, store: Store, snapshot: Snapshot, events: Mapping[int, Event]
) -> dict[int, list[UnknownName]]:
    about_values = {place: event for place, event in events.items() if event.attribute is not Attribute.NONE}
    products = {event.product_id for event in events.values() if event.product_id is not None}
    products |= _values_about(Attribute.PRODUCT, about_values.values())
    unloaded, unknown = find_unloaded_products(store, snapshot.catalogue, products), set[str]()
    if snapshot.schema.contact or has_contact_rows(store):
        contacts = {event.contact_id for event in events.values()}
        contacts |= _values_about(Attribute.CONTACT, about_values.values())
        unknown = runtime.shared(LoadedContacts).find_unloaded(store, contacts)
    found: dict[int, list[UnknownName]] = {}
    for place, event in events.items() if unloaded or unknown else ():
        if event.product_id in unloaded:
            found.setdefault(place, []).append(UnknownName("product", str(event.product_id)))
        if event.contact_id in unknown:
            found.setdefault(place, []).append(UnknownName("contact", event.contact_id))
    if about_values:
        for place, names in _ValueCheck(store, snapshot, unloaded, unknown).unknown(about_values).items():
            found.setdefault(place, []).extend(names)
    return found


def _values_about(attribute: Attribute, events: Iterable[Event]) -> set[str]:
    return {value for event in events if event.attribute is attribute for value in _values(event)}


def _values(event: Event) -> list[str]:
    return [value for value in (event.attribute_value, event.replacement) if value]


class _ValueCheck:
    """The values of attributes that verdicts refuse or replace, compared with what the tenant knows."""

    def __init__(self, store: Store, snapshot: Snapshot, products: Collection[str], contacts: Collection[str]) -> None:
        self._store, self._snapshot = store, snapshot
        self._products, self._contacts = products, contacts
        policies = [active.policy for active in snapshot.policies.values()]
        self._models = {*snapshot.models, *(name for policy in policies for name in policy.models)}
        self._listed: dict[str, set[str]] = {}

    def unknown(self, events: Mapping[int, Event]) -> dict[int, list[UnknownName]]:
        """Return the unknown values of each event that has some."""
        open_places = {place: event for place, event in events.items() if self._needs_contact(event)}
        ids = list({event.contact_id for event in open_places.values()})
        records = read_records(self._store, ids) if ids else {}
        found = {place: self._of_event(event, records.get(event.contact_id, {})) for place, event in events.items()}
        return {place: names for place, names in found.items() if names}

    def _needs_contact(self, event: Event) -> bool:
        if event.attribute in CHOICES:
            return not set(_values(event)) <= self._choices(CHOICES[event.attribute])
        return event.attribute is Attribute.ACCOUNT and event.attribute_value is not None

    def _of_event(self, event: Event, contact: Mapping[str, Any]) -> list[UnknownName]:
        kind = event.attribute.name.lower()
        if event.attribute in CHOICES:
            name = CHOICES[event.attribute]
            return _missing(kind, _values(event), self._choices(name) | set(split_values(contact.get(name))))
        if event.attribute is Attribute.RATIONALE:
            return _missing("model", _values(event), self._models)
        if event.attribute is Attribute.ACCOUNT:
            own, value = contact.get("account_id"), event.attribute_value
            return [UnknownName("attribute_value", value)] if own and value and value != own else []
        unknown = self._products if event.attribute is Attribute.PRODUCT else self._contacts
        names = [value for value in _values(event) if value in unknown]
        if event.attribute is Attribute.PRODUCT and names:
            spoken = {str(record.get("name")) for record in self._snapshot.catalogue.records}
            names = [value for value in names if value == event.replacement or value not in spoken]
        return [UnknownName(kind, value) for value in names]

    def _choices(self, name: str) -> set[str]:
        """Return the channels or times that active policies and products list."""
        if name not in self._listed:
            policies = [getattr(active.policy, name) for active in self._snapshot.policies.values()]
            found = {value for values in policies for value in values}
            if name in (self._snapshot.schema.product or ()):
                found |= {
                    value for record in self._snapshot.catalogue.records for value in split_values(record.get(name))
                }
            self._listed[name] = found
        return self._listed[name]


def _missing(kind: str, values: Sequence[str], known: Collection[str]) -> list[UnknownName]:
    """Return the values that are not known; none where nothing is known of their kind."""
    if not known:
        return []
    return [with_nearest(UnknownName(kind, value), known) for value in values if value and value not in known]


def _without_decided(
    events: Mapping[int, Event], suspects: Mapping[int, Sequence[UnknownName]], decisions: NamedDecisions
) -> dict[int, UnknownName]:
    """Return the first name of each event that its kept decision does not have either."""
    decisions.read(events[place].decision_id for place in suspects)
    found = {}
    for place, names in suspects.items():
        decided = _names_of(decisions.get(events[place].decision_id))
        left = [one for one in names if one.name not in decided]
        if left:
            found[place] = left[0]
    return found


def _names_of(decision: Mapping[str, Any]) -> set[str]:
    items: Sequence[Mapping[str, Any]] = decision.get("items", ())
    names = {str(decision.get("contact_id"))}
    for item in items:
        names |= {item["product_id"], *(str(value) for value in item.get("attributes", {}).values() if value)}
    return names
