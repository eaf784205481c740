"""What each event of a call did to its pair's multiplier: ranked before and after it by the pipeline of a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dog.core.events import VERDICTS
from dog.core.policy.policy import DEFAULT_POLICY
from dog.core.traffic_split import PLAIN
from dog.core.verdicts.cross_contact import read_cross_contact
from dog.services.lists.active_policy import ActivePolicy, variant_of
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import rank_contacts
from dog.services.lists.read_contact import ContactState, read_contact
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.runtime import Runtime
from dog.storage.contacts import look_up_scores
from dog.storage.cross_contact_ledger import is_cross_contact, read_cross_contact_ledger
from dog.storage.decisions import read_decisions
from dog.storage.event_log import Event
from dog.storage.store import Store


def effects_of(runtime: Runtime, store: Store, events: Mapping[int, Event]) -> dict[int, dict[str, float]]:
    """Return each event's multiplier before and after, as if the events of the call had come one after the other.

    The multiplier is what the item's score would be over its consolidated score without multipliers, in the next list
    of the same contact for the same actor, by the policy of the decision that the event names, else by the default.
    """
    snapshot = runtime.shared(Snapshots).current(store)
    if not events or not snapshot.policies:
        return {}
    named = {event.decision_id for event in events.values() if event.decision_id is not None}
    decisions = read_decisions(store, named)
    contacts: dict[tuple[str, str], ContactState] = {}
    effects = {}
    for place, event in events.items():
        policy = _policy_of(snapshot, decisions.get(event.decision_id or "", {}))
        key = (event.contact_id, policy)
        if key not in contacts:
            contacts[key] = read_contact(store, snapshot, event.contact_id, policy)[1]
        pair = _Pair(
            runtime=runtime,
            store=store,
            snapshot=snapshot,
            policy=snapshot.policies[policy],
            contact=contacts[key],
            event=event,
        )
        later = [store.tenant.digest64(other.event_id) for spot, other in events.items() if spot > place]
        after = pair.multiplier(without=later)
        before = after
        if event.type in VERDICTS:
            before = pair.multiplier(without=[*later, store.tenant.digest64(event.event_id)])
        effects[place] = {"multiplier_before": before, "multiplier_after": after}
    return effects


def _policy_of(snapshot: Snapshot, decision: Mapping[str, Any]) -> str:
    for name in (decision.get("policy"), DEFAULT_POLICY):
        if name in snapshot.policies:
            return str(name)
    return next(iter(snapshot.policies))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """The contact and product of an event, under the contact's variant of a policy."""

    runtime: Runtime
    store: Store
    snapshot: Snapshot
    policy: ActivePolicy
    contact: ContactState
    event: Event

    def multiplier(self, without: Sequence[int]) -> float:
        """Return the pair's multiplier without some events, given by the digests of their ids."""
        left_out = np.array(without, np.uint64)
        ledger = self.contact.verdict_ledger
        contact = replace(self.contact, verdict_ledger=ledger[~np.isin(ledger["event"], left_out)])
        snapshot = self.snapshot
        if is_cross_contact(self.event):
            given = read_cross_contact_ledger(self.store)
            cross_contact = read_cross_contact(given[~np.isin(given["event"], left_out)])
            snapshot = replace(snapshot, cross_contact=cross_contact)
        variant = variant_of(self.store, self.policy.policy, contact.digest)
        active = self.policy if variant == PLAIN else self.policy.controls[variant]
        context = RankContext(
            runtime=self.runtime,
            store=self.store,
            request=self._request(active),
            snapshot=snapshot,
            now_ms=self.runtime.clock(),
        )
        ranking = rank_contacts(context, active, [contact])
        if self.event.product_id not in ranking.options.product_ids:
            return 1.0
        return float(ranking.ranked.multipliers[ranking.options.product_ids.index(self.event.product_id)])

    def _request(self, active: ActivePolicy) -> ListRequest:
        """Return a request for the product alone with its stored scores; for all products where models rank them."""
        product_id = self.event.product_id or ""
        request = ListRequest(
            contact_id=self.event.contact_id,
            k=1,
            policy=active.policy.name,
            context={"actor_id": self.event.actor_id} if self.event.actor_id else {},
            dry_run=True,
        )
        number = self.snapshot.catalogue.numbers[product_id]
        scores = {
            model: float(look_up_scores(records, np.array([number]))[0])
            for model, (_, records) in self.contact.scores.items()
            if len(records)
        }
        if active.policy.consolidation == "rrf" and self.contact.record is not None and scores:
            return request
        return replace(request, candidates=[{"product_id": product_id, "scores": scores}])
