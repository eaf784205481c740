"""Which events are votes: verdicts about market, business or account, which act beyond their contact."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dog.core.verdicts.cross_contact import VoteKind, vote_kind
from dog.storage.catalogue import read_products
from dog.storage.contacts import read_records
from dog.storage.event_log import Event
from dog.storage.sender import Sender
from dog.storage.store import Store


def cast_votes(store: Store, events: Sequence[Event], sender: Sender) -> list[Event]:
    """Return the events, those that act beyond their contact with their votes.

    A verdict on market or business votes on its product's category, in its contact's segment or for its actor; it is
    not a vote where the product has no category, or a business need names no actor. A verdict on an account votes on
    the contact's account.
    """
    kinds = {place: kind for place, event in enumerate(events) if (kind := _kind_of(event, sender)) is not None}
    if not kinds:
        return list(events)
    contacts = read_records(store, list({events[place].contact_id for place in kinds}))
    products = read_products(store, {product for place in kinds if (product := events[place].product_id)})
    found = list(events)
    for place, kind in kinds.items():
        event = events[place]
        of_contact, of_product = contacts.get(event.contact_id, {}), products.get(event.product_id or "", {})
        found[place] = replace(event, vote=vote_of(kind, of_contact, of_product, event.actor_id, sender))
    return found


def _kind_of(event: Event, sender: Sender) -> VoteKind | None:
    by_admin = sender.speaks_as_admin(event.actor_id)
    return vote_kind(event.type, event.trigger, event.attribute, by_admin=by_admin)


def vote_of(
    kind: VoteKind, contact: Mapping[str, Any], product: Mapping[str, Any], actor_id: str | None, sender: Sender
) -> tuple[int, str, str, str] | None:
    """Return kind, subject, within and voter of a verdict's vote, given the records of its contact and product."""
    subject = str((contact.get("account_id") if kind is VoteKind.ACCOUNT else product.get("category")) or "")
    if not subject or (kind is VoteKind.ACTOR and not actor_id):
        return None
    if kind is VoteKind.MARKET:
        return int(kind), subject, str(contact.get("segment") or ""), sender.voter(actor_id)
    if kind is VoteKind.ACTOR:
        return int(kind), subject, str(actor_id), str(actor_id)
    return int(kind), subject, "", sender.voter(actor_id)
