"""Answer which contacts come first: for a product, within an account, or of all."""

from dataclasses import dataclass, replace
from typing import Any

import orjson

from dog.core.iso_weeks import utc_time
from dog.errors import NotFound
from dog.services.lists.contact_filter import ContactFilter, has_account, has_contact
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.rank_across_contacts import across_context, rank_across_contacts
from dog.services.runtime import Runtime
from dog.storage.store import Store

SHOWN = ("rank", "contact_id", "product_id", "score", "order_score", "attributes")
SHOWN_BY = {"none": SHOWN, "brief": (*SHOWN, "factors"), "full": (*SHOWN, "factors", "inputs")}
"""Fields of an item, by `explain`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsRequest:
    """What `POST /v1/recommendations/contacts` is asked for; the schema of the body makes it.

    Parameters
    ----------
    product_id
        Rank contacts for this product; None: each contact by its best option.
    account_id, segment
        Rank only contacts of this account, of this segment.
    actor_id
        Who asks: verdicts for business needs act on the options of their actor.
    explain
        One of `EXPLANATIONS`.

    """

    product_id: str | None = None
    account_id: str | None = None
    segment: str | None = None
    actor_id: str | None = None
    k: int = 10
    policy: str | None = None
    explain: str = "brief"

    @property
    def where(self) -> ContactFilter:
        """Which contacts are ranked."""
        return ContactFilter(account_id=self.account_id, segment=self.segment)


def recommend_contacts(runtime: Runtime, tenant: str, request: ContactsRequest) -> bytes:
    """Rank contacts and return the answer as JSON; nothing is stored or counted.

    Raises
    ------
    NotFound
        The policy is not active, the product is not loaded, or no contact belongs to the account.

    """
    store = runtime.store(tenant)
    context = across_context(runtime, store, policy=request.policy, actor_id=request.actor_id)
    if request.product_id is not None:
        context = replace(context, product=_product_number(context, request.product_id))
    items = rank_across_contacts(context, request.where, request.k)
    notes = [] if items else [_why_empty(store, request)]
    shown = SHOWN_BY[request.explain]
    body: dict[str, Any] = {
        "policy": context.active.policy.name,
        "policy_version": context.active.version,
        "multiplier_version": context.snapshot.version_name,
        "generated_at": utc_time(context.now_ms),
        "items": [{name: item[name] for name in shown} for item in items],
        "notes": notes,
    }
    return orjson.dumps(body)


def _product_number(context: RankContext, product_id: str) -> int:
    number = context.snapshot.catalogue.numbers.get(product_id)
    if number is None:
        raise NotFound(f"product '{product_id}' is not known; load it (dog load products FILE)", code="unknown_product")
    return number


def _why_empty(store: Store, request: ContactsRequest) -> str:
    """Return why there are no items; raise `NotFound` where the account does not exist."""
    if request.account_id is not None and not has_account(store, request.account_id):
        raise NotFound(
            f"no contact belongs to account '{request.account_id}'; load contacts with this account_id "
            "(dog load contacts FILE)",
            code="unknown_account",
        )
    if not has_contact(store, request.where):
        return "the list is empty: no loaded contact is in this " + ("segment" if request.segment else "tenant")
    if request.product_id is not None:
        return (
            f"the list is empty: product '{request.product_id}' has no score for these contacts, or rules, snoozes, "
            "limits or its season exclude it; POST /v1/recommendations with explain=full names the reason of each"
        )
    return (
        "the list is empty: these contacts have no scores (load scores or run dog jobs train), or all their "
        "options are excluded; POST /v1/recommendations with explain=full names the reason of each"
    )
