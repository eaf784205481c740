"""Who a contact is, and what happened with it: what `templates/inbox_contact.html` shows above the contact's list."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from dog.console.inbox.actions import VERBS, discard_reasons
from dog.console.session import runtime, tenant
from dog.console.texts import N_, _, number
from dog.services.lists.item_choices import split_values
from dog.services.pairs.contact_timeline import PURCHASE, TimelineEntry, read_timeline
from dog.storage.tenant_settings import read_contact_attributes

KINDS = {**VERBS, PURCHASE: N_("Bought")}
ALWAYS = ("contact_id", "name", "owner", "email", "phone")
"""Columns of a contact that have a place of their own in the header."""
FIRST = ("account_id", "segment")
SHOWN = 6
"""Attributes that are shown where the tenant has chosen none: account, segment and the first others."""
LONGEST = 80
EMAIL = re.compile(r"[^\s@<>,;:]+@[^\s@<>,;:]+")
NOT_OF_NUMBER = re.compile(r"[^0-9+]")
LEAST_DIGITS = 3


def describe_header(contact_id: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the header shows of a contact; `record` is empty where it was never loaded."""
    chosen = read_contact_attributes(runtime().store(tenant()))
    return {
        "contact_id": contact_id,
        "name": str(record.get("name") or contact_id),
        "attributes": describe_attributes(record, chosen),
        "owner": _text(record.get("owner")),
        "links": contact_links(record),
        "timeline": [_line(entry) for entry in read_timeline(runtime(), tenant(), contact_id)],
    }


def describe_attributes(record: Mapping[str, Any], chosen: list[str]) -> list[tuple[str, str]]:
    """Return names and values of the chosen attributes; of account, segment and the first others where none are."""
    names = chosen or [*FIRST, *(name for name in record if name not in (*ALWAYS, *FIRST))]
    shown = [(name, text) for name in names if (text := _text(record.get(name)))]
    return shown if chosen else shown[:SHOWN]


def _text(value: Any) -> str:
    """Return the value of an attribute as a line of text."""
    if value is None or value == "":
        return ""
    text = ", ".join(split_values(value)) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def contact_links(record: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return links to write to or call a contact; none where the record has no such address or number."""
    email, phone, links = str(record.get("email") or ""), str(record.get("phone") or ""), []
    if EMAIL.fullmatch(email):
        links.append({"href": f"mailto:{quote(email, safe='@')}", "text": email})
    dialled = NOT_OF_NUMBER.sub("", phone)
    if sum(map(str.isdigit, dialled)) >= LEAST_DIGITS:
        links.append({"href": f"tel:{dialled}", "text": phone})
    return links


def _line(entry: TimelineEntry) -> dict[str, Any]:
    """Return one line of the timeline."""
    return {
        "at_ms": entry.at_ms,
        "kind": entry.kind,
        "verb": _(KINDS[entry.kind]),
        "product": entry.product or "",
        "value": "" if entry.value is None else number(entry.value),
        "why": _why(entry),
        "by": entry.actor_id or "",
        "note": entry.note or "",
    }


def _why(entry: TimelineEntry) -> str:
    """Return the reason of a discard, or what a change put in place."""
    if entry.replacement:
        return _("to %(value)s", value=entry.replacement)
    if entry.trigger is None:
        return ""
    for choice in discard_reasons({entry.attribute: entry.attribute_value} if entry.attribute else {}):
        reason = choice.reason or {}
        if (reason.get("trigger"), reason.get("attribute")) == (entry.trigger, entry.attribute):
            return choice.label
    return entry.trigger
