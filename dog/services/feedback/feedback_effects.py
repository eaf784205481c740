"""What each event of a call did: its pair's multiplier before and after, and the scopes in which it acts.

The multiplier is ranked before and after the event by the pipeline of a request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dog.core.events import VERDICTS
from dog.core.policy.policy import DEFAULT_POLICY
from dog.core.records import SCORES, VOTE
from dog.core.traffic_split import PLAIN
from dog.core.verdicts.cross_contact import CrossContactVerdicts, read_cross_contact
from dog.services.feedback.verdict_scopes import VerdictSettings, scopes_of
from dog.services.lists.active_policy import ActivePolicy, variant_of
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import rank_contacts
from dog.services.lists.read_contact import ContactState, read_contact
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.runtime import Runtime
from dog.storage.contacts import look_up_scores
from dog.storage.decisions import read_decisions
from dog.storage.event_log import Event
from dog.storage.store import Store
from dog.storage.votes import pack_vote, read_lifted, read_votes, unpack_vote

NO_SCORES = np.zeros(0, SCORES)


def effects_of(runtime: Runtime, store: Store, events: Mapping[int, Event]) -> dict[int, dict[str, Any]]:
    """Return the effect of each event, as if the events of the call had come one after the other.

    The multiplier is what the item's score would be over its consolidated score without multipliers, in the next list
    of the same contact for the same actor, by the policy of the decision that the event names, else by the default; 0
    where the pair rests. Events without a product have scopes alone.
    """
    snapshot = runtime.shared(Snapshots).current(store)
    if not events or not snapshot.policies:
        return {}
    named = {event.decision_id for event in events.values() if event.decision_id is not None}
    decisions = read_decisions(store, named)
    contacts: dict[tuple[str, str], ContactState] = {}
    beyond = _Beyond(store, snapshot, list(events.values()))
    effects = {}
    for place, event in events.items():
        policy = policy_of(snapshot, decisions.get(event.decision_id or "", {}))
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
        later = [other for spot, other in events.items() if spot > place]
        effects[place] = pair.effect(later, beyond)
    return effects


class _Beyond:
    """The verdicts beyond contacts, as they were before some events of the call."""

    def __init__(self, store: Store, snapshot: Snapshot, events: Sequence[Event]) -> None:
        self._store, self._now = store, snapshot.cross_contact
        self._has_votes = any(event.vote is not None for event in events)
        self._votes = read_votes(store) if self._has_votes else np.zeros(0, VOTE)
        self._lifted = read_lifted(store) if self._has_votes else {}

    def without(self, events: Sequence[Event]) -> CrossContactVerdicts:
        """Return the verdicts without those of some events."""
        if not self._has_votes:
            return self._now
        kept = np.ones(len(self._votes), bool)
        for event in events:
            member = pack_vote(self._store, event, b"")
            if member is not None:
                same = np.flatnonzero(kept & (self._votes == unpack_vote(member)))
                kept[same[-1:]] = False  # votes alike in voter, subject and time cannot be told from one another
        return read_cross_contact(self._votes[kept], self._lifted)


def policy_of(snapshot: Snapshot, decision: Mapping[str, Any]) -> str:
    """Return the policy of a decision where it is active, else the default; at least one must be active."""
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

    def effect(self, later: Sequence[Event], beyond: _Beyond) -> dict[str, Any]:
        """Return the event's effect, as the answer shows it, without the later events of the call."""
        is_verdict = self.event.type in VERDICTS
        found: dict[str, Any] = {}
        after = self._state(later, beyond)
        if self.event.product_id is not None:
            now = self._multiplier(*after)
            before = self._multiplier(*self._state([*later, self.event], beyond)) if is_verdict else now
            found = {"multiplier_before": before, "multiplier_after": now}
        scopes = self._scopes(*after) if is_verdict else []
        return {**found, "scopes": scopes}

    def _state(self, without: Sequence[Event], beyond: _Beyond) -> tuple[ContactState, CrossContactVerdicts]:
        """Return the contact's verdicts, and those beyond contacts, without some events."""
        left_out = np.array([self.store.tenant.digest64(event.event_id) for event in without], np.uint64)
        ledger = self.contact.verdict_ledger
        contact = replace(self.contact, verdict_ledger=ledger[~np.isin(ledger["event"], left_out)])
        return contact, beyond.without(without)

    def _scopes(self, contact: ContactState, cross_contact: CrossContactVerdicts) -> list[dict[str, Any]]:
        number = self.snapshot.catalogue.numbers.get(self.event.product_id or "")
        return scopes_of(
            self.event,
            product=number,
            own=contact.verdicts,
            cross_contact=cross_contact,
            tenant=self.store.tenant,
            now_ms=self.runtime.clock(),
            settings=VerdictSettings.of(self.policy.policy, self.runtime.settings.zone),
        )

    def _multiplier(self, contact: ContactState, cross_contact: CrossContactVerdicts) -> float:
        """Return the pair's multiplier by some state of the verdicts."""
        snapshot = replace(self.snapshot, cross_contact=cross_contact)
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
        option = ranking.options.product_ids.index(self.event.product_id)
        rests = ranking.inputs.verdicts.snoozed_until_ms[option] > 0
        return 0.0 if rests else float(ranking.ranked.multipliers[option])

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
        number, now_ms = self.snapshot.catalogue.numbers[product_id], self.runtime.clock()
        scores = {
            model: float(look_up_scores(records, np.array([number]))[0])
            for model, max_age_ms in zip(active.policy.models, active.max_age_ms, strict=True)
            for as_of_ms, records in (self.contact.scores.get(model, (0, NO_SCORES)),)
            if len(records) and now_ms - as_of_ms <= max_age_ms
        }
        if active.policy.consolidation == "rrf" and self.contact.record is not None and scores:
            return request
        return replace(request, candidates=[{"product_id": product_id, "scores": scores}])
