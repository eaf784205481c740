"""Accept the first item of several contacts' lists at once, where the tenant allows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from dog.errors import Forbidden, InvalidInput, NotFound
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.runtime import Runtime
from dog.storage.contacts import name_of_contact, read_records
from dog.storage.ids import clean_id
from dog.storage.sender import Sender
from dog.storage.store import Store
from dog.storage.tenant_settings import allows_batch_accept

MOST_CONTACTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAccepted:
    """What became of one contact of a batch; without an event, `message` says why."""

    contact_id: str
    name: str
    product: str | None = None
    event_id: str | None = None
    message: str = ""


def batch_accept(
    runtime: Runtime, tenant: str, contact_ids: Sequence[str], *, batch_id: str, actor_id: str, sender: Sender
) -> list[BatchAccepted]:
    """Make a list of each contact and accept its first item; return one result a contact, in their order.

    Each list counts a lap and each accept is an event of its own. The same `batch_id` sent again changes nothing.

    Raises
    ------
    Forbidden
        The tenant does not allow it.
    InvalidInput
        There are too many contacts.

    """
    store = runtime.store(tenant)
    if not allows_batch_accept(store):
        raise Forbidden("this tenant does not allow it; an admin can: PUT /v1/settings with batch_accept true")
    if len(contact_ids) > MOST_CONTACTS:
        raise InvalidInput(f"{len(contact_ids)} contacts in one batch; the most is {MOST_CONTACTS}")
    records = read_records(store, list(dict.fromkeys(contact_ids)))
    batch_id = clean_id(batch_id, "batch_id")
    first = {
        contact_id: item
        for contact_id in records
        if (item := _first_item(runtime, store, contact_id, batch_id=batch_id, actor_id=actor_id))
    }
    documents = [
        {"type": "accept", "decision_id": item["decision_id"], "rank": 1, "actor_id": actor_id}
        for item in first.values()
    ]
    answer = answer_feedback(runtime, tenant, documents, substitute=False, sender=sender, tells_effects=False)
    results = dict(zip(first, answer["results"], strict=True))
    return [
        _result(contact_id, name_of_contact(record), first.get(contact_id), results.get(contact_id))
        for contact_id, record in records.items()
    ]


def _first_item(
    runtime: Runtime, store: Store, contact_id: str, *, batch_id: str, actor_id: str
) -> dict[str, Any] | None:
    """Return the first item of a contact's list with its decision; None where the list is empty."""
    decision_id = f"{batch_id}:{store.tenant.digest64(contact_id):016x}"
    context = {"actor_id": actor_id}
    request = ListRequest(contact_id, k=1, explain="none", context=context, decision_id=decision_id)
    try:
        body = orjson.loads(recommend(runtime, store.tenant.name, request).body)
    except NotFound:
        return None
    return {**body["items"][0], "decision_id": decision_id} if body["items"] else None


def _result(contact_id: str, name: str, item: dict[str, Any] | None, answered: dict[str, Any] | None) -> BatchAccepted:
    if item is None or answered is None:
        return BatchAccepted(contact_id=contact_id, name=name, message="nothing is on offer")
    product = str(item["attributes"]["product"])
    if answered["status"] == "rejected":
        return BatchAccepted(contact_id=contact_id, name=name, product=product, message=answered["message"])
    return BatchAccepted(contact_id=contact_id, name=name, product=product, event_id=answered["event_id"])
