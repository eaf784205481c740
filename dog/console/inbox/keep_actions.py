"""Keep what a rep did: the decision of a list that was opened, events, snoozes, and what takes either back.

Each may be sent again by a browser that got no answer, and counts once.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from dog.console.inbox.actions import describe_effect, session_sender
from dog.console.inbox.contact_list import make_list, write_end_day
from dog.console.inbox.verdict_words import substitute_words
from dog.console.session import author, runtime, tenant
from dog.console.texts import _, day
from dog.errors import InvalidInput, NotFound, StoreUnavailable
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.complete_outcome import complete_outcome
from dog.services.feedback.record_feedback import retract_feedback
from dog.services.pairs.snooze_contacts import end_snooze, snooze_contact
from dog.services.pairs.worklist import describe_contact

WITH_SUBSTITUTE = ("discard", "restructure")
FULL = "store_full"


def keep_decision(action: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the list of a contact that was opened as a decision: it counts one lap."""
    contact_id, decision_id = action["contact_id"], action["decision_id"]
    made = make_list(contact_id, decision_id=decision_id, dry_run=False, exclude=action["exclude"])
    if made.degraded is not None:
        raise StoreUnavailable(made.degraded)
    return {}


def keep_event(action: Mapping[str, Any]) -> dict[str, Any]:
    """Record an event of the session's user; return what it did in words.

    Parameters
    ----------
    action
        The `event`, as the API takes it, without its actor; the names of `product` and `contact`; the products of the
        contact that are `done`, which no substitute is offered from.

    Raises
    ------
    InvalidInput
        The event was refused; the message says why.
    StoreUnavailable
        Redis is full.

    """
    event = {**complete_outcome(runtime().store(tenant()), action["event"]), "actor_id": author()}
    answer = answer_feedback(
        runtime(), tenant(), [event], substitute=event["type"] in WITH_SUBSTITUTE, sender=session_sender()
    )
    result = answer["results"][0]
    names = {"product": action["product"], "contact": action["contact"]}
    if result.get("code") == FULL:
        raise StoreUnavailable(result["message"])
    said = describe_effect(event["type"], result, **names, reader=author(), day=write_end_day)
    if result["status"] == "rejected":
        raise InvalidInput(said, code=result["code"])
    return {"said": said + _instead(result.get("substitute"), event["contact_id"], action["done"])}


def _instead(substitute: Mapping[str, Any] | None, contact_id: str, done: Collection[str]) -> str:
    """Return the sentence that offers a substitute; empty where there is none, or its verdict is given already."""
    if substitute is None:
        return ""
    other = substitute["attributes"].get("contact") or contact_id
    if other != contact_id:
        return f" {substitute_words(substitute, _name_of(other))}"
    return "" if substitute["product_id"] in done else f" {substitute_words(substitute)}"


def _name_of(contact_id: str) -> str:
    return str(describe_contact(runtime(), tenant(), contact_id).get("name") or contact_id)


def keep_snooze(action: Mapping[str, Any]) -> dict[str, Any]:
    """Leave a contact, or one of its products, out of the user's work until a day."""
    until, product_id = date.fromisoformat(action["until"]), action["product_id"] or None
    snooze_contact(runtime(), tenant(), action["contact_id"], actor_id=author(), until=until, product_id=product_id)
    return {"said": _("%(what)s comes back on %(day)s.", what=action["product"] or action["contact"], day=day(until))}


def end_snooze_now(action: Mapping[str, Any]) -> dict[str, Any]:
    """Take a contact, or one of its products, back into the user's work."""
    end_snooze(runtime(), tenant(), action["contact_id"], actor_id=author(), product_id=action["product_id"] or None)
    return {"said": _("%(what)s is back.", what=action["product"] or action["contact"])}


def take_back(action: Mapping[str, Any]) -> dict[str, Any]:
    """Take an event back; one that was refused, and so is not known, is taken back already."""
    with suppress(NotFound):
        retract_feedback(runtime().store(tenant()), action["event_id"])
    return {"said": _("Taken back: %(product)s for %(contact)s.", product=action["product"], contact=action["contact"])}
