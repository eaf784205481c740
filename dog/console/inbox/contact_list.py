"""One contact's list: the request that makes it, and what `templates/inbox_lists.html` shows."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from dog.console.inbox.card_view import describe_card
from dog.console.inbox.contact_view import describe_header
from dog.console.inbox.discard_previews import preview_discard, read_before
from dog.console.inbox.verdict_words import rest_words
from dog.console.session import author, runtime, tenant
from dog.console.texts import day
from dog.services.lists.list_request import ListRequest
from dog.services.lists.pair_facts import usual_chance
from dog.services.lists.recommend import Recommendation, recommend
from dog.services.pairs.rep_tasks import tasks_of_contact
from dog.services.pairs.snooze_contacts import snoozed_products
from dog.services.pairs.worklist import list_choices

SHOWN = 8
SPARE = 4
"""Cards of a list that are seen at first, and those that take the place of cards with a verdict."""
REPLACEMENTS = 4


def make_list(contact_id: str, *, decision_id: str, dry_run: bool, exclude: Sequence[str] = ()) -> Recommendation:
    """Make a contact's list: dry to show it, else as the decision that counts one lap.

    The same `decision_id` draws the same list.
    """
    request = ListRequest(
        contact_id=contact_id,
        k=SHOWN + SPARE,
        explain="full",
        context={"actor_id": author()},
        dry_run=dry_run,
        decision_id=decision_id,
        exclude=exclude,
    )
    return recommend(runtime(), tenant(), request)


def describe_list(contact_id: str, *, decision_id: str, exclude: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the page shows of a contact and its list; nothing is stored."""
    snoozed = snoozed_products(runtime(), tenant(), contact_id, actor_id=author())
    made = make_list(contact_id, decision_id=decision_id, dry_run=True, exclude=[*exclude, *snoozed])
    body = orjson.loads(made.body)
    before, items = read_before(contact_id), body["items"]
    record = dict(before.contact.record or {})
    offered = {
        "channels": list_choices(runtime(), tenant(), record, "channels"),
        "times": list_choices(runtime(), tenant(), record, "times"),
        "products": [(item["product_id"], str(item["attributes"]["product"])) for item in items[:REPLACEMENTS]],
    }
    header, active = describe_header(contact_id, record), before.snapshot.find_policy(None)
    usual = usual_chance(before.snapshot, active) if active else None
    return {
        "contact_id": contact_id,
        "decision_id": decision_id,
        "snoozed": snoozed,
        "now_ms": runtime().clock(),
        "contact": header,
        "todo": tasks_of_contact(runtime(), tenant(), contact_id, actor_id=author(), name=header["name"]),
        "cards": [describe_card(item, offered, partial(preview_discard, before, item), usual) for item in items],
        "shown": SHOWN,
        "rests": rest_words(body["notes"], write_end_day),
    }


def write_end_day(until: str) -> str:
    """Write the day of an end in the service's time zone."""
    return day(datetime.fromisoformat(until).astimezone(runtime().settings.zone).date())
