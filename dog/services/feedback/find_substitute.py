"""What to offer in place of what was refused: it fits the reason.

    refused for                 substitute
    product, performance,       the contact's best other product
      no reason
    market, business            the contact's best product of another category
    rationale                   the contact's best product whose strongest model is another
    channel, time               the same product by another channel or time
    contact                     the contact of the same account for which the product ranks highest
    account                     the contact of another account of the segment for which the product ranks highest

A restructure names its substitute; what it names is offered where it fits.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dog.core.events import Attribute, EventType, Trigger
from dog.core.receipt import describe_models, strongest_model
from dog.core.records import NO_PRODUCT
from dog.errors import NotFound
from dog.services.feedback.feedback_effects import policy_of
from dog.services.feedback.named_decisions import NamedDecisions
from dog.services.lists.contact_filter import ContactFilter
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.list_request import MAX_K, ListRequest
from dog.services.lists.rank_across_contacts import best_contact
from dog.services.lists.rank_request import Ranking, rank_contact
from dog.services.lists.read_contact import read_contact
from dog.services.lists.snapshot import Snapshots
from dog.services.lists.write_receipts import write_items
from dog.services.runtime import Runtime
from dog.storage.contacts import read_records
from dog.storage.event_log import Event
from dog.storage.store import Store

CHOICES = (Attribute.CHANNEL, Attribute.TIME)
OTHER_CONTACT = (Attribute.CONTACT, Attribute.ACCOUNT)
SAME_CATEGORY = (Trigger.MARKET, Trigger.BUSINESS)


def find_substitute(runtime: Runtime, store: Store, event: Event, decisions: NamedDecisions) -> dict[str, Any] | None:
    """Return a fitting item that no rule excludes, with its receipt; None if nothing fits."""
    if event.type not in (EventType.RESTRUCTURE, EventType.DISCARD) or event.product_id is None:
        return None
    search = _Search(runtime=runtime, store=store, event=event, decisions=decisions)
    try:
        return search.find()
    except NotFound:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """The search for the substitute of one event."""

    runtime: Runtime
    store: Store
    event: Event
    decisions: NamedDecisions

    def find(self) -> dict[str, Any] | None:
        """Return the substitute; None where nothing fits."""
        refused = self._refused()
        if refused in CHOICES:
            return self._by_other_choice(refused)
        if refused in OTHER_CONTACT:
            return self._for_other_contact(refused)
        ranking = self._rank()
        if self.event.type is EventType.RESTRUCTURE and refused is Attribute.PRODUCT:
            return _first(ranking, np.array([it == self.event.replacement for it in ranking.product_ids], bool))
        others = np.array([it != self.event.product_id for it in ranking.product_ids], bool)
        if self.event.trigger in SAME_CATEGORY:
            others &= self._of_other_category(ranking)
        if refused is Attribute.RATIONALE:
            others &= self._of_other_model(ranking)
        return _first(ranking, others)

    def _refused(self) -> Attribute:
        """Return the attribute that was refused; NONE where it was the product as such."""
        if self.event.type is EventType.RESTRUCTURE or self.event.trigger is Trigger.DISCOMFORT:
            return self.event.attribute
        return Attribute.NONE

    def _for_other_contact(self, refused: Attribute) -> dict[str, Any] | None:
        """Return the item of another contact: the named one, the account's best, or the best of another account."""
        event, named = self.event, self.event.replacement
        own = read_records(self.store, [event.contact_id]).get(event.contact_id, {})
        account, segment = own.get("account_id"), own.get("segment")
        if refused is Attribute.CONTACT:
            where = ContactFilter(
                contact_id=named,
                account_id=None if named or account is None else str(account),
                without_contacts=frozenset({event.contact_id}),
            )
            if named is None and account is None:
                return None
        else:
            where = ContactFilter(
                account_id=named,
                segment=None if named or segment is None else str(segment),
                without_contacts=frozenset({event.contact_id}),
                without_accounts=frozenset() if account is None else frozenset({str(account)}),
            )
        return best_contact(
            self.runtime,
            self.store,
            str(event.product_id),
            where,
            policy=self._policy(),
            actor_id=event.actor_id,
        )

    def _policy(self) -> str:
        """Return the policy of the decision that the event names, else the default."""
        return policy_of(self.runtime.shared(Snapshots).current(self.store), self.decisions.of(self.event))

    def _rank(self, *, with_pair: bool = False) -> Ranking:
        """Rank the contact's options as its next list would; with the event's pair as if the event did not rest it."""
        event, runtime, store = self.event, self.runtime, self.store
        snapshot = runtime.shared(Snapshots).current(store)
        policy = self._policy()
        context: dict[str, Any] = {"actor_id": event.actor_id} if event.actor_id else {}
        if event.type is EventType.RESTRUCTURE and event.attribute in CHOICES:
            context[event.attribute.name.lower()] = event.replacement
        request = ListRequest(event.contact_id, k=MAX_K, policy=policy, context=context, dry_run=True)
        _, contact = read_contact(store, snapshot, event.contact_id, policy)
        if with_pair:
            ledger = contact.verdict_ledger.copy()
            ledger["product"][ledger["event"] == store.tenant.digest64(event.event_id)] = NO_PRODUCT
            contact = replace(contact, verdict_ledger=ledger)
        asked = RankContext(runtime=runtime, store=store, request=request, snapshot=snapshot, now_ms=runtime.clock())
        return rank_contact(asked, contact)

    def _by_other_choice(self, refused: Attribute) -> dict[str, Any] | None:
        ranking = self._rank(with_pair=True)
        same = np.array([it == self.event.product_id for it in ranking.product_ids], bool)
        item = _first(ranking, same)
        if item is None or item["attributes"][refused.name.lower()] in (None, self.event.attribute_value):
            return None
        return item

    def _of_other_category(self, ranking: Ranking) -> np.ndarray:
        """Mark the chosen options of another category than the refused product's."""
        categories, numbers = ranking.snapshot.categories, ranking.snapshot.catalogue.numbers
        refused = categories[numbers[str(self.event.product_id)]]
        chosen = categories[ranking.options.products[ranking.ranked.chosen]]
        return np.asarray((chosen != refused) | (refused == 0))

    def _of_other_model(self, ranking: Ranking) -> np.ndarray:
        """Mark the chosen options whose strongest model is another than the refused."""
        consolidator, chosen = ranking.active.plan.consolidator, ranking.ranked.chosen
        models = describe_models(ranking.ranked.scored, ranking.options.raw, consolidator, chosen)
        refused = self.event.attribute_value or self.event.model
        return np.array([strongest_model(of_option) != refused for of_option in models], bool)


def _first(ranking: Ranking, fits: np.ndarray) -> dict[str, Any] | None:
    """Return the item of the first chosen option that fits, None where none does."""
    places = np.flatnonzero(fits)
    if not len(places):
        return None
    only = replace(ranking.ranked, chosen=ranking.ranked.chosen[places[:1]], sizes=np.array([1]))
    (item,) = write_items(replace(ranking, ranked=only, propensities=None)).documents()
    return {**item, "rank": int(places[0]) + 1}
