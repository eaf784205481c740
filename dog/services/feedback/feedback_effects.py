"""What each event of a call did: its pair's multiplier before and after, and the scopes in which it acts.

The multiplier is ranked before and after the event by the pipeline of a request.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dog.core.events import VERDICTS
from dog.core.records import SCORES, VOTE
from dog.core.traffic_split import PLAIN
from dog.core.verdicts.cross_contact import CrossContactVerdicts, read_cross_contact
from dog.services.feedback.named_decisions import NamedDecisions
from dog.services.feedback.verdict_scopes import VerdictSettings, scopes_of
from dog.services.lists.active_policy import ActivePolicy, variant_of
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import rank_contacts
from dog.services.lists.read_contact import ContactState, read_each
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.runtime import Runtime
from dog.storage.contacts import select_scores
from dog.storage.event_log import Event
from dog.storage.store import Store
from dog.storage.votes import pack_vote, read_lifted, read_votes, unpack_vote

NO_SCORES = np.zeros(0, SCORES)


def effects_of(
    runtime: Runtime, store: Store, events: Mapping[int, Event], decisions: NamedDecisions
) -> dict[int, dict[str, Any]]:
    """Return the effect of each event, as if the events of the call had come one after the other.

    The multiplier is what the item's score would be over its consolidated score without multipliers, in the next list
    of the same contact for the same actor, by the policy of the decision that the event names, else by the default; 0
    where the pair rests. Events without a product have scopes alone.
    """
    snapshot = runtime.shared(Snapshots).current(store)
    if not events or not snapshot.policies:
        return {}
    decisions.read(event.decision_id for event in events.values())
    policies = {place: policy_of(snapshot, decisions.get(event.decision_id)) for place, event in events.items()}
    contacts = _read_contacts(store, snapshot, [(policies[place], event.contact_id) for place, event in events.items()])
    ordered = list(events.values())
    beyond, effects = _Beyond(store, snapshot, ordered), {}
    for turn, (place, event) in enumerate(events.items(), 1):
        policy = policies[place]
        contact = contacts[policy, event.contact_id]
        if contact is None:
            continue  # erased meanwhile
        pair = _Pair(
            runtime=runtime,
            store=store,
            snapshot=snapshot,
            policy=snapshot.policies[policy],
            contact=contact,
            event=event,
        )
        effects[place] = pair.effect(ordered[turn:], beyond)
    return effects


def _read_contacts(
    store: Store, snapshot: Snapshot, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], ContactState | None]:
    """Read contacts, given by policy and id, in one round trip for each policy."""
    found: dict[tuple[str, str], ContactState | None] = dict.fromkeys(wanted)
    for policy in {policy for policy, _ in found}:
        contact_ids = [contact_id for of, contact_id in found if of == policy]
        _, states = read_each(store, snapshot, contact_ids, policy)
        found |= {(policy, contact_id): state for contact_id, state in zip(contact_ids, states, strict=True)}
    return found


class _Beyond:
    """The verdicts beyond contacts, as they were before some events of the call.

    A large tenant has 100,000 votes: only those on the subjects that an event can act on are counted for it.
    """

    def __init__(self, store: Store, snapshot: Snapshot, events: Sequence[Event]) -> None:
        self._now = snapshot.cross_contact
        self._has_votes = any(event.vote is not None for event in events)
        votes = read_votes(store) if self._has_votes else np.zeros(0, VOTE)
        self._votes = votes[np.argsort(votes["subject"], kind="stable")]
        self._subjects = self._votes["subject"].astype(np.uint64)
        self._lifted = read_lifted(store) if self._has_votes else {}
        self._places: dict[str, int] = {}
        for event in events:
            member = pack_vote(store, event, b"")
            if member is not None:
                self._note_place(event.event_id, unpack_vote(member))

    def without(self, events: Sequence[Event], subjects: Sequence[int] | None) -> CrossContactVerdicts:
        """Return the verdicts on some subjects (digests; None: all) without those of some events."""
        if not self._has_votes:
            return self._now
        left_out = np.array([self._places[it.event_id] for it in events if it.event_id in self._places], np.int64)
        rows = [slice(0, len(self._votes))] if subjects is None else map(self._rows_on, sorted(set(subjects)))
        parts = [self._votes[:0]]
        for own in rows:
            kept = np.ones(own.stop - own.start, bool)
            kept[left_out[(own.start <= left_out) & (left_out < own.stop)] - own.start] = False
            parts.append(self._votes[own][kept])
        return read_cross_contact(np.concatenate(parts), self._lifted)

    def _rows_on(self, subject: int) -> slice:
        ends = (int(np.searchsorted(self._subjects, np.uint64(subject), side)) for side in ("left", "right"))
        return slice(*ends)

    def _note_place(self, event_id: str, vote: np.ndarray) -> None:
        """Note where an event's vote is; votes alike in voter, subject and time cannot be distinguished."""
        own = self._rows_on(int(vote["subject"]))
        same = np.flatnonzero(self._votes[own] == vote) + own.start
        free = np.setdiff1d(same, np.array(list(self._places.values()), np.int64))
        if len(free):
            self._places[event_id] = int(free[-1])


def policy_of(snapshot: Snapshot, decision: Mapping[str, Any]) -> str:
    """Return the policy of a decision where it is active, else the default; at least one must be active."""
    for name in (decision.get("policy"), snapshot.default_policy):
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
        contact, digest64 = self.contact, self.store.tenant.digest64
        own = [digest64(event.event_id) for event in without if event.contact_id == self.event.contact_id]
        if own:
            ledger = contact.verdict_ledger
            contact = replace(contact, verdict_ledger=ledger[~np.isin(ledger["event"], np.array(own, np.uint64))])
        return contact, beyond.without(without, self._subjects())

    def _subjects(self) -> list[int] | None:
        """Return what votes can act on the event's product or contact; None where those on other products do, too."""
        if self.policy.policy.consolidation == "rrf":
            return None
        digest64 = self.store.tenant.digest64
        number = self.snapshot.catalogue.numbers.get(self.event.product_id or "")
        subjects = [] if number is None else [int(self.snapshot.categories[number])]
        subjects += [] if self.event.vote is None else [digest64(self.event.vote[1])]
        account = (self.contact.record or {}).get("account_id")
        return [*subjects, digest64(str(account))] if account else subjects

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
            model: float(select_scores(records, np.array([number]))[0])
            for model, max_age_ms in zip(active.policy.models, active.max_age_ms, strict=True)
            for as_of_ms, records in (self.contact.scores.get(model, (0, NO_SCORES)),)
            if len(records) and now_ms - as_of_ms <= max_age_ms
        }
        if active.policy.consolidation == "rrf" and self.contact.record is not None and scores:
            return request
        return replace(request, candidates=[{"product_id": product_id, "scores": scores}])
