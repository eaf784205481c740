"""The inbox page and what its script asks: contacts with their lists, a search, today's actions, actions to be kept.

The script keeps every action in the browser until it is answered here (static/outbox.js): 2xx: it is kept; 4xx: it is
refused, and the text says why; else it is sent again. So each action may come twice and counts once.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import PreconditionFailed

from dog.console.inbox.contact_list import describe_list
from dog.console.inbox.inbox_texts import KEY_NAMES, script_texts
from dog.console.inbox.keep_actions import end_snooze_now, keep_decision, keep_event, keep_snooze, take_back
from dog.console.inbox.queue_view import describe_queue, find_following
from dog.console.inbox.today_view import describe_today
from dog.console.session import person, require, runtime, tenant
from dog.services.pairs.worklist import find_contacts, find_products

KEEP: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "decision": keep_decision,
    "event": keep_event,
    "retract": take_back,
    "snooze": keep_snooze,
    "unsnooze": end_snooze_now,
}
"""What keeps each kind of action."""

routes = Blueprint("inbox", __name__)


@routes.get("/")
def show() -> str:
    """Show the page; its script asks for the first contact."""
    require("feedback")
    queue = describe_queue(request.args)
    return render_template("inbox.html", queue=queue, texts=script_texts(), key_names=KEY_NAMES)


@routes.post("/inbox/next")
def show_following() -> ResponseReturnValue:
    """Show the lists of the contacts that follow, one for each decision id; 204 where none is left."""
    require("feedback")
    asked = request.get_json()
    decision_ids = asked["decision_ids"]
    how = {name: asked[name] for name in ("without", "inbox_id", "shares")}
    contacts = find_following(asked["filters"], count=len(decision_ids), **how)
    if not contacts:
        return "", 204
    named = zip(contacts, decision_ids, strict=False)
    lists = [describe_list(contact_id, decision_id=decision_id) for contact_id, decision_id in named]
    return render_template("inbox_lists.html", lists=lists)


@routes.get("/inbox/contact")
def show_contact() -> str:
    """Show one contact's list, without some products."""
    require("feedback")
    asked = request.args
    shown = describe_list(asked["contact_id"], decision_id=asked["decision_id"], exclude=asked.getlist("exclude"))
    return render_template("inbox_lists.html", lists=[shown])


@routes.get("/inbox/search")
def search() -> dict[str, Any]:
    """Find contacts and products by name or id; `complete` unless there are too many contacts to search them all."""
    require("feedback")
    text = request.args.get("text", "")
    found, complete = find_contacts(runtime(), tenant(), text)
    return {
        "contacts": _named(found),
        "products": _named(find_products(runtime(), tenant(), text)),
        "complete": complete,
    }


@routes.get("/inbox/today")
def read_today() -> list[dict[str, Any]]:
    """Return what the user did today."""
    require("feedback")
    return describe_today()


@routes.post(f"/inbox/<any({', '.join(KEEP)}):kind>")
def post_action(kind: str) -> dict[str, Any]:
    """Keep an action, if the session is of the person who did it."""
    require("feedback")
    if request.headers.get("X-Person") != person():
        raise PreconditionFailed
    return KEEP[kind](request.get_json())


def _named(names: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"id": one, "name": name} for one, name in names.items()]
