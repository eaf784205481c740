"""The list of a challenger: made after the answer, recorded with the decision, never served."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from dog import metrics
from dog.services.background_tasks import BackgroundTasks
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import Ranking, rank_contacts
from dog.services.lists.read_contact import read_contact
from dog.services.lists.snapshot import Snapshot
from dog.services.runtime import Runtime
from dog.storage.decisions import annotate_decision
from dog.storage.store import Store


def rank_shadow_later(runtime: Runtime, store: Store, request: ListRequest, ranking: Ranking, decision_id: str) -> None:
    """Queue the challenger's list where the policy has a challenger and the decision is in its share."""
    active = ranking.snapshot.policies[request.policy]
    wanted, challenger = active.policy.shadow, active.shadow
    if wanted is None or challenger is None:
        return
    if store.tenant.draw(f"shadow {decision_id}") >= wanted.share:
        return
    task = partial(_record, runtime, store, request, ranking.snapshot, challenger, decision_id)
    if not runtime.shared(BackgroundTasks).put(task):
        metrics.shed_shadows.inc()


def _record(
    runtime: Runtime,
    store: Store,
    request: ListRequest,
    snapshot: Snapshot,
    challenger: ActivePolicy,
    decision_id: str,
) -> None:
    """Make the challenger's list and store it with the decision."""
    try:
        content = _rank(runtime, store, request, snapshot, challenger)
        kept = annotate_decision(store, decision_id, "shadow", content)
        if not kept:
            runtime.shared(DecisionWriter).flush()
            kept = annotate_decision(store, decision_id, "shadow", content)
    except Exception:
        metrics.lost_shadows.inc()
        raise
    (metrics.kept_shadows if kept else metrics.lost_shadows).inc()


def _rank(
    runtime: Runtime, store: Store, request: ListRequest, snapshot: Snapshot, challenger: ActivePolicy
) -> Mapping[str, Any]:
    name = challenger.policy.name
    snapshot = replace(snapshot, policies={**snapshot.policies, name: challenger})
    _, contact = read_contact(store, snapshot, request.contact_id, name)
    ranking = rank_contacts(runtime, store, request, snapshot, challenger, [contact])
    scores = ranking.ranked.scores[ranking.ranked.chosen].tolist()
    return {
        "policy": name,
        "policy_version": challenger.version,
        "items": [
            {"product_id": product_id, "score": score}
            for product_id, score in zip(ranking.product_ids, scores, strict=True)
        ],
    }
