"""What each reason of a discard would do, on its button: from the state that the list was made from."""

from collections.abc import Mapping
from typing import Any

from dog.console.inbox.actions import Choice, session_sender
from dog.console.inbox.verdict_words import preview_words
from dog.console.session import author, runtime, tenant
from dog.console.texts import _
from dog.core.events import Attribute, Trigger
from dog.core.receipt import strongest_model
from dog.services.feedback.preview_scopes import BeforeDiscard
from dog.services.lists.read_contact import read_contact
from dog.services.lists.snapshot import Snapshots


def read_before(contact_id: str) -> BeforeDiscard:
    """Read a contact once for all previews of its list."""
    store = runtime().store(tenant())
    snapshot = runtime().shared(Snapshots).get(store)
    return BeforeDiscard(
        snapshot=snapshot,
        contact=read_contact(store, snapshot, contact_id)[1],
        tenant=store.tenant,
        sender=session_sender(),
        actor_id=author(),
        now_ms=runtime().clock(),
    )


def preview_discard(before: BeforeDiscard, item: Mapping[str, Any], choice: Choice) -> str:
    """Return what the discard of an item for some reason would do."""
    reason = choice.reason or {}
    scopes = before.scopes(
        Trigger[reason.get("trigger", "none").upper()],
        Attribute[reason.get("attribute", "none").upper()],
        item["product_id"],
        strongest_model(item["factors"]["models"]),
    )
    record, attributes = before.contact.record or {}, item["attributes"]
    contact = str(record.get("name") or attributes["contact"])
    pair = _("%(product)s for %(contact)s", product=attributes["product"], contact=contact)
    return preview_words(pair, contact, reason, scopes, before.actor_id)
