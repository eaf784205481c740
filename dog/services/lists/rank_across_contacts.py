"""Rank contacts beside each other, each by its best option or by one product: the same arithmetic as each one's list.

records, page by page -> scores, multipliers and verdicts of some hundred contacts at once
    -> rank_request.py: the best option of each contact -> the k best contacts
    -> read again and ranked alone, as for its own list: the receipts

Caps, exclusive products, pins and the draws of a random variant arrange one list and have no effect here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from math import inf
from typing import Any

import numpy as np

from dog.core.traffic_split import PLAIN
from dog.services.lists.active_policy import ActivePolicy, variant_of, variants_of, without_list_rules
from dog.services.lists.contact_filter import ContactFilter, scan_records
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import Ranking, rank_contacts
from dog.services.lists.read_contact import ContactState
from dog.services.lists.read_contacts import Records, read_contacts, read_to_rank
from dog.services.lists.rule_columns import mixes_text_and_numbers
from dog.services.lists.snapshot import Snapshots
from dog.services.lists.write_receipts import write_items
from dog.services.prefetch import prefetch
from dog.services.runtime import Runtime
from dog.storage.store import Store

CONTACTS_AT_ONCE, CONTACTS_OF_PRODUCT_AT_ONCE = 400, 5_000
"""Contacts that are read and ranked together: with all their options, with one option each."""
MOST_READ = 50_000
Pages = Iterable[tuple[int, Records]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOption:
    """A contact's best option; the contact's variant of the policy chose it."""

    order_score: float
    contact_id: str
    contact: ContactState
    product: int

    @property
    def place(self) -> tuple[float, str]:
        """What contacts are sorted by: the best first, equals by their ids."""
        return -self.order_score, self.contact_id


def across_context(
    runtime: Runtime, store: Store, *, policy: str | None = None, actor_id: str | None = None
) -> RankContext:
    """Return the context of a dry list by the tenant's present state, for whichever contact.

    Raises
    ------
    NotFound
        The policy is not active.

    """
    request = ListRequest("", k=1, policy=policy, context={"actor_id": actor_id} if actor_id else {}, dry_run=True)
    snapshot = runtime.shared(Snapshots).current(store)
    snapshot.policy(policy)
    now_ms = runtime.clock()
    return RankContext(runtime=runtime, store=store, request=request, snapshot=snapshot, now_ms=now_ms, across=True)


def best_contact(
    runtime: Runtime,
    store: Store,
    product_id: str,
    where: ContactFilter,
    *,
    policy: str | None = None,
    actor_id: str | None = None,
) -> dict[str, Any] | None:
    """Return the item of the contact for which a product ranks highest, as the contact's list has it, or None.

    It answers within a request: in a tenant with more than `MOST_READ` contacts it is the best among that many.
    """
    context = across_context(runtime, store, policy=policy, actor_id=actor_id)
    product = context.snapshot.catalogue.numbers.get(product_id)
    if product is None:
        return None
    items = rank_across_contacts(replace(context, product=product), where, 1, most_read=MOST_READ)
    return items[0] if items else None


def rank_across_contacts(
    context: RankContext, where: ContactFilter, k: int, *, most_read: float = inf
) -> list[dict[str, Any]]:
    """Return the items of the k best contacts, best first, each with `contact_id` and `inputs`.

    An item is what the contact's own list has for the product: the one of the context, or its best. A contact without
    an eligible option is left out. At most `most_read` records of contacts are read to find them.
    """
    found = best_options(context, scan_records(context.store, where, most_read), k)
    items = sorted(_write(context, found), key=lambda item: (-item["order_score"], item["contact_id"]))
    return [{**item, "rank": rank} for rank, item in enumerate(items, 1)]


def best_options(context: RankContext, pages: Pages, k: int) -> list[BestOption]:
    """Return the best option of each of the k best contacts, best first."""
    best: list[BestOption] = []
    for ranking in rank_pages(context, pages):
        best += _best_of(ranking, k)
        by_contact = {one.contact_id: one for one in best}  # a page may repeat a contact
        best = nsmallest(k, by_contact.values(), key=lambda one: one.place)
    return best


def rank_pages(context: RankContext, pages: Pages) -> Iterator[Ranking]:
    """Rank the contacts of some pages, some hundred at a time, each by its variant of the policy."""
    variants = {name: without_list_rules(active) for name, active in variants_of(context.active).items()}
    for contacts in prefetch(_read(context, pages)):
        for active, own in split_by_variant(context, variants, contacts):
            yield rank_contacts(context, active, own)


def _read(context: RankContext, pages: Pages) -> Iterator[ContactTable]:
    """Read what ranks the contacts of some pages, then of the next."""
    needs_all = context.product is None or context.active.plan.consolidator.method == "rrf"
    product, enough = (None, CONTACTS_AT_ONCE) if needs_all else (context.product, CONTACTS_OF_PRODUCT_AT_ONCE)
    for some in gather_pages(pages, enough):
        yield read_to_rank(context.store, context.snapshot, context.active, some, product)


def gather_pages(pages: Pages, enough: int) -> Iterator[list[tuple[int, Records]]]:
    """Yield pages together that have enough contacts."""
    some: list[tuple[int, Records]] = []
    for page in pages:
        if page[1]:
            some.append(page)
        if sum(len(records) for _, records in some) >= enough:
            yield some
            some = []
    if some:
        yield some


def split_by_variant(
    context: RankContext, variants: Mapping[str, ActivePolicy], contacts: ContactTable
) -> Iterator[tuple[ActivePolicy, ContactTable]]:
    """Yield contacts that can be ranked together, with their variant of the policy."""
    groups: dict[str, ContactTable] = {PLAIN: contacts}
    if len(variants) > 1:
        by_variant: dict[str, list[ContactState]] = {}
        for contact in contacts:
            by_variant.setdefault(variant_of(context.store, context.active.policy, contact.digest), []).append(contact)
        groups = {name: ContactTable.of(own) for name, own in by_variant.items()}
    for name, own in groups.items():
        if mixes_text_and_numbers(variants[name], own):  # a column is text or numbers
            yield from ((variants[name], ContactTable.of([contact])) for contact in own)
        else:
            yield variants[name], own


def _best_of(ranking: Ranking, k: int) -> Iterator[BestOption]:
    """Yield the best options of a ranking of k = 1 that may be among the k best of all, in any order."""
    ranked = ranking.ranked
    chosen, owner = ranked.chosen, np.flatnonzero(ranked.sizes)
    order = ranked.order_scores[chosen]
    least = np.partition(order, -k)[-k] if len(order) > k else -np.inf
    for place in np.flatnonzero(order >= least).tolist():
        contact = ranking.contacts[owner[place]]
        yield BestOption(
            order_score=float(order[place]),
            contact_id=str((contact.record or {})["contact_id"]),
            contact=contact,
            product=int(ranking.options.products[chosen[place]]),
        )


def _write(context: RankContext, found: Sequence[BestOption]) -> Iterator[dict[str, Any]]:
    """Rank each contact alone, with all that a receipt tells, and yield its item unless a verdict came meanwhile."""
    store, active = context.store, context.active
    variants, states = variants_of(active), dict[bytes, ContactState]()
    parts = store.tenant.by_partition((one.contact.digest, one) for one in found)
    for partition, some in parts.items():
        records = {one.contact.digest: one.contact.record or {} for one in some}
        read = read_contacts(store, context.snapshot, active, partition, records)
        states |= {contact.digest: contact for contact in read}
    for one in found:
        request = replace(context.request, contact_id=one.contact_id)
        own = replace(context, request=request, product=None)
        variant = variants[variant_of(store, active.policy, one.contact.digest)]
        ranking = rank_contacts(own, variant, [states[one.contact.digest]])
        ranked = ranking.ranked
        place = np.flatnonzero((ranking.options.products == one.product) & ranked.drawable)
        ranking = replace(ranking, ranked=replace(ranked, chosen=place, sizes=np.array([len(place)])))
        for item in write_items(ranking).documents("full"):
            inputs = item.pop("inputs")
            yield {**item, "contact_id": one.contact_id, "inputs": inputs}
