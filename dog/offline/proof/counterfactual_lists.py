"""Counterfactual lists: what another policy would have listed at the time of a recorded decision.

The multipliers are those that the decision names, verdicts and outcomes of the contact those before it. Scores,
calibrations, event counts of products and verdicts beyond the contact are those of today.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from dog.core.learning.reinforcement import product_multipliers
from dog.core.policy.policy import Policy, policy_version
from dog.offline.history.sample_decisions import Decision
from dog.services.lists.active_policy import ActivePolicy, build_multipliers, prepare_policy
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import rank_contacts
from dog.services.lists.read_contact import NO_PAIRS, ContactState, read_contact
from dog.services.lists.snapshot import Snapshot
from dog.services.runtime import Runtime
from dog.services.weekly.next_recompute import reinforce_pairs
from dog.storage.archived_versions import read_archived_arrays
from dog.storage.choice_records import CHOICES, unpack_choices
from dog.storage.multiplier_versions import MultiplierVersion, read_version
from dog.storage.pair_records import unpack_pairs
from dog.storage.store import Store


@dataclass(frozen=True, slots=True)
class CounterfactualList:
    """The products that a policy would have listed, and the consolidated score of every option."""

    products: frozenset[str]
    consolidated: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PastSnapshot:
    """The tenant under an earlier multiplier version, with one policy.

    `recomputes` is true where the version was made with other settings than the policy's: then the multipliers of
    pairs are computed again.
    """

    snapshot: Snapshot
    active: ActivePolicy
    recomputes: bool


class PastSnapshots:
    """The tenant under each multiplier version that is still stored, with one policy.

    `now` is the current snapshot. The policy is used without its controls, and with the multipliers of the policy
    `name`.
    """

    def __init__(self, store: Store, now: Snapshot, policy: Policy, name: str) -> None:
        self._store, self._now, self._policy = store, now, replace(policy, name=name, variants={})
        self._held: dict[str | None, PastSnapshot | None] = {}

    def under(self, version: str | None) -> PastSnapshot | None:
        """Return the tenant under a version, or before the first; None where the version is not stored any more."""
        if version not in self._held:
            described = read_version(self._store, version) if version else None
            self._held[version] = self._past(described) if described or version is None else None
        return self._held[version]

    def _past(self, version: MultiplierVersion | None) -> PastSnapshot:
        now, policy = self._now, self._policy
        active = prepare_policy(
            self._store,
            now.products,
            now.schema,
            policy,
            policy_version(policy),
            now.models,
            now.consolidations,
            version,
        )
        recomputes = active.multipliers is not None and active.multipliers.settings != policy.reinforcement
        if active.multipliers is not None and recomputes:
            settings, priors = policy.reinforcement, active.multipliers.priors
            baseline = product_multipliers(priors, np.nan, settings).value
            plan = replace(active.plan, on_odds=settings.on_odds)
            active = replace(active, plan=plan, multipliers=build_multipliers(settings, priors, baseline))
        return PastSnapshot(replace(now, version=version, policies={policy.name: active}), active, recomputes)


def _with_archived(store: Store, past: PastSnapshot, state: ContactState) -> ContactState:
    """Return a contact as an archived version had it; as it is where the version is in Redis."""
    version = past.snapshot.version_name
    arrays = read_archived_arrays(store, version, state.digest) if version else None
    if arrays is None:
        return state
    packed = arrays.get(f"multipliers:{past.active.multipliers_of}")
    _, recursions, pairs = unpack_pairs(packed) if packed else (0, 0, NO_PAIRS)
    choices = unpack_choices(arrays.get(f"{CHOICES}:{past.active.multipliers_of}"))
    return replace(state, recursions=recursions, pairs=pairs, choices=choices)


def rank_counterfactual(runtime: Runtime, store: Store, past: PastSnapshot, decision: Decision) -> CounterfactualList:
    """Return the list that the policy of a past snapshot would have made for a decision's request.

    Raises `NotFound` where the contact was erased, or was never loaded.
    """
    then_ms = round(datetime.fromisoformat(decision["generated_at"]).timestamp() * 1000)
    name, multipliers = past.active.policy.name, past.active.multipliers
    refused = [row["product_id"] for row in decision["excluded"] if row["rule_id"] == "request"]
    request = ListRequest(
        contact_id=decision["contact_id"], k=len(decision["items"]), policy=name, exclude=refused, dry_run=True
    )
    _, state = read_contact(store, past.snapshot, decision["contact_id"], name)
    state = _with_archived(store, past, state)
    state = replace(
        state,
        verdict_ledger=state.verdict_ledger[state.verdict_ledger["at"] < then_ms],
        outcome_ledger=state.outcome_ledger[state.outcome_ledger["at"] < then_ms],
    )
    if past.recomputes and multipliers is not None and len(state.pairs):
        pairs, recursions = state.pairs.copy(), np.full(len(state.pairs), state.recursions)
        found = reinforce_pairs(pairs, recursions, multipliers.priors, multipliers.settings, np.nan)
        pairs["multiplier"] = found.value
        state = replace(state, pairs=pairs)
    context = RankContext(runtime=runtime, store=store, request=request, snapshot=past.snapshot, now_ms=then_ms)
    ranking = rank_contacts(context, past.active, [state])
    pooled = np.nan_to_num(ranking.ranked.scored.plain).tolist()
    return CounterfactualList(
        frozenset(ranking.product_ids), dict(zip(ranking.options.product_ids, pooled, strict=True))
    )
