"""The inbox page and what its script asks: the following contacts, one contact, a search, and deeds to be kept.

The script keeps every deed in the browser until it is answered here (static/outbox.js): 2xx: it is kept; 4xx: it is
refused, and the text says why; else it is sent again. So each deed may come twice and counts once.
"""

from flask import Blueprint, render_template, request

from dog.console.inbox.contact_list import describe_list
from dog.console.inbox.queue_view import describe_queue, find_following
from dog.console.session import require

routes = Blueprint("inbox", __name__)


@routes.get("/")
def show() -> str:
    """Show the page; its script asks for the first contact."""
    require("feedback")
    return render_template("inbox.html", queue=describe_queue(request.args))


@routes.post("/inbox/next")
def show_following() -> str:
    """Show the lists of the contacts that follow, one for each decision id."""
    require("feedback")
    asked = request.get_json()
    contacts = find_following(asked["filters"], without=asked["without"], count=len(asked["decision_ids"]))
    named = zip(contacts, asked["decision_ids"], strict=False)
    lists = [describe_list(contact_id, decision_id=decision_id) for contact_id, decision_id in named]
    return render_template("inbox_lists.html", lists=lists)


@routes.get("/inbox/contact")
def show_contact() -> str:
    """Show one contact's list, without some products."""
    require("feedback")
    asked = request.args
    shown = describe_list(asked["contact_id"], decision_id=asked["decision_id"], exclude=asked.getlist("exclude"))
    return render_template("inbox_lists.html", lists=[shown])
