"""What the inbox's queue asks: its page, the end of a snooze, and accepting several contacts' first items at once."""

from flask import Blueprint, render_template, request

from dog.console.inbox.actions import session_sender
from dog.console.inbox.queue_view import describe_queue_page
from dog.console.session import author, require, runtime, tenant
from dog.console.texts import _
from dog.console.whole_number import whole_number
from dog.errors import InvalidInput
from dog.services.feedback.batch_accept import batch_accept
from dog.services.pairs.snooze_contacts import end_snooze

routes = Blueprint("queue", __name__)


@routes.get("/inbox/queue")
def show_queue() -> str:
    """Show one page of the queue, with progress, tasks and snoozes."""
    require("feedback")
    return render_template("inbox_queue_page.html", page=describe_queue_page(request.args, _first()))


@routes.post("/inbox/snooze/end")
def wake() -> str:
    """End a snooze; answer with what takes the place of its line."""
    require("feedback")
    asked = request.form
    end_snooze(runtime(), tenant(), asked["contact_id"], actor_id=author(), product_id=asked.get("product_id") or None)
    return render_template("inbox_awake.html", name=asked["name"])


@routes.post("/inbox/batch-accept")
def accept_several() -> str:
    """Accept the first item of the chosen contacts; answer with what became of each."""
    require("feedback")
    asked = request.form
    results = batch_accept(
        runtime(),
        tenant(),
        asked.getlist("contact_id"),
        batch_id=asked["batch_id"],
        actor_id=author(),
        sender=session_sender(),
    )
    return render_template("inbox_batch.html", results=results)


def _first() -> int:
    text = request.args.get("first", "0")
    first = whole_number(text)
    if first is None:
        raise InvalidInput(_("first is “%(given)s”; give a whole number", given=text[:20]))
    return first
