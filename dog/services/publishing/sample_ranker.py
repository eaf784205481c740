"""Rank a sample of contacts by a policy that is live or not, without counting or storing anything."""

from collections.abc import Iterator
from dataclasses import replace

import orjson

from dog.core.policy.policy import Policy, policy_version
from dog.services.lists.active_policy import prepare_policy
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import Ranking, rank_contacts
from dog.services.lists.read_contact import ContactState, read_contact
from dog.services.lists.snapshot import Snapshot
from dog.services.runtime import Runtime
from dog.services.weekly.next_recompute import NextRecompute
from dog.storage.contacts import read_partitions
from dog.storage.store import Store


class SampleRanker:
    """Ranks contacts by a policy of a snapshot."""

    def __init__(self, runtime: Runtime, store: Store, snapshot: Snapshot, policy: str) -> None:
        self._runtime, self._store, self._snapshot = runtime, store, snapshot
        active = snapshot.policies[policy]
        self._learned = active.multipliers is not None
        self._next = NextRecompute(snapshot, policy, active.policy.reinforcement)

    def rank(self, request: ListRequest, *, recomputed: bool = False) -> list[Ranking]:
        """Rank with the active multipliers and, where `recomputed`, with those that the next recompute makes."""
        _, contact = read_contact(self._store, self._snapshot, request.contact_id, request.policy)
        found = [self._rank(request, self._snapshot, contact)]
        if recomputed and self._learned:
            found.append(self._rank(request, self._next.snapshot, self._next.contact(contact)))
        return found

    def _rank(self, request: ListRequest, snapshot: Snapshot, contact: ContactState) -> Ranking:
        now_ms = self._runtime.clock()
        context = RankContext(
            runtime=self._runtime, store=self._store, request=request, snapshot=snapshot, now_ms=now_ms
        )
        return rank_contacts(context, context.active, [contact])


def with_policy(store: Store, snapshot: Snapshot, policy: Policy) -> Snapshot:
    """Return a snapshot in which a policy is live under its name."""
    active = prepare_policy(
        store,
        snapshot.products,
        snapshot.schema,
        policy,
        policy_version(policy),
        snapshot.models,
        snapshot.consolidations,
        snapshot.version,
    )
    return replace(snapshot, policies={**snapshot.policies, policy.name: active})


def sample_contacts(store: Store, size: int) -> Iterator[str]:
    """Yield ids of contacts, evenly over the partitions; more from the larger ones where others have too few."""
    share, left = size // store.tenant.partition_count + 1, size
    beyond: list[bytes] = []
    for records in read_partitions(store, "contacts"):
        found = list(records.values())
        for record in found[: min(share, left)]:
            left -= 1
            yield _name(record)
        if not left:
            return
        beyond += found[share : share + left]
    yield from map(_name, beyond[:left])


def _name(record: bytes) -> str:
    return str(orjson.loads(record)["contact_id"])
