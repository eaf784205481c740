"""The queue: which contacts follow, and what `templates/inbox_queue.html` and `inbox_queue_page.html` show of it.

The template's form `#queue-filters` holds the filters; its fields are given to `find_following`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from dog.console.session import author, runtime, tenant
from dog.console.texts import _
from dog.errors import InvalidInput
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.contact_queue import QueueFilter, next_contacts, read_queue
from dog.services.pairs.rep_tasks import count_progress, list_tasks
from dog.services.pairs.snooze_contacts import list_snoozes
from dog.storage.catalogue import Catalogue
from dog.storage.held_contacts import held_by_others, hold_contacts
from dog.storage.ids import new_id
from dog.storage.tenant_settings import allows_batch_accept

PAGE_ROWS = 50
MOST_TASKS = 50
"""The oldest tasks, which are shown."""


def describe_queue(filters: Mapping[str, str]) -> dict[str, Any]:
    """Return what the page shows of the queue before it is opened."""
    return {"filters": dict(filters), "products": _catalogue().names(), "me": author()}


def describe_queue_page(filters: Mapping[str, str], first: int) -> dict[str, Any]:
    """Return one page of the queue, how far its rep is, what is to do, and what is put off."""
    where = read_filter(filters)
    page = read_queue(runtime(), tenant(), actor_id=author(), where=where, first=first, limit=PAGE_ROWS)
    tasks = list_tasks(runtime(), tenant(), author())
    return {
        "contacts": page.contacts,
        "left": page.left,
        "complete": page.complete,
        "first": first,
        "next_first": first + PAGE_ROWS if len(page.contacts) == PAGE_ROWS else None,
        "progress": count_progress(runtime(), tenant(), author(), where.contacts),
        "tasks": tasks[:MOST_TASKS],
        "task_count": len(tasks),
        "snoozes": list_snoozes(runtime(), tenant(), author()),
        "batch_id": f"batch-{new_id()}",
        "allows_batch": allows_batch_accept(runtime().store(tenant())),
    }


def find_following(
    filters: Mapping[str, str], *, without: Collection[str], count: int, inbox_id: str, shares: bool
) -> list[str]:
    """Return the contacts that follow, at most `count`, the most valuable first, without some; and hold them.

    Contacts that another inbox than `inbox_id` holds are left out, unless this one `shares`, having no other.
    """
    store, now_ms, where = runtime().store(tenant()), runtime().clock(), read_filter(filters)
    held = () if shares else held_by_others(store, inbox_id, now_ms)
    wanted = count + len(held)
    found = next_contacts(runtime(), tenant(), without=without, count=wanted, actor_id=author(), where=where)
    digests = dict(zip(found, store.tenant.contacts(found), strict=True))
    free = [contact for contact, digest in digests.items() if digest not in held][:count]
    hold_contacts(store, [digests[contact] for contact in free], inbox_id, now_ms)
    return free


def read_filter(filters: Mapping[str, str]) -> QueueFilter:
    """Return the filter of the form's fields; the product is given by id or name."""
    given = {name: value.strip() for name, value in filters.items() if value.strip()}
    product = given.get("product")
    return QueueFilter(
        segment=given.get("segment"),
        owner=given.get("owner"),
        product_id=_catalogue().find(product) if product else None,
        least_value=_least_value(given["value"]) if "value" in given else None,
    )


def _catalogue() -> Catalogue:
    return runtime().shared(Snapshots).get(runtime().store(tenant())).catalogue


def _least_value(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidInput(_("value is “%(given)s”; give a number such as 120.50", given=text)) from None
