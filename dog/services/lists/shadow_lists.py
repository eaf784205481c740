"""The challenger's list beside a served one: made after the answer, kept with the decision, never served."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from dog import metrics
from dog.services.background_tasks import BackgroundTasks
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.rank_request import Considered, Request, weigh_by
from dog.services.lists.read_contact import read_contact
from dog.services.lists.snapshot import ActivePolicy, Snapshot
from dog.services.runtime import Runtime
from dog.storage.decisions import annotate_decision
from dog.storage.store import Store


def shadow_later(runtime: Runtime, store: Store, request: Request, considered: Considered, decision_id: str) -> None:
    """Have the challenger's list made after the answer, where the policy names one and the decision is in its share."""
    active = considered.snapshot.policies[request["policy"]]
    wanted, challenger = active.policy.shadow, active.shadow
    if wanted is None or challenger is None:
        return
    if store.tenant.draw(f"shadow {decision_id}") >= wanted.share:
        return
    work = partial(_keep, runtime, store, request, considered.snapshot, challenger, decision_id)
    if not runtime.shared(BackgroundTasks).put(work):
        metrics.shed_shadows.inc()


def _keep(
    runtime: Runtime, store: Store, request: Request, snapshot: Snapshot, challenger: ActivePolicy, decision_id: str
) -> None:
    """Make the challenger's list and keep it with the decision."""
    try:
        content = _list(runtime, store, request, snapshot, challenger)
        kept = annotate_decision(store, decision_id, "shadow", content)
        if not kept:
            runtime.shared(DecisionWriter).flush()
            kept = annotate_decision(store, decision_id, "shadow", content)
    except Exception:
        metrics.lost_shadows.inc()
        raise
    (metrics.kept_shadows if kept else metrics.lost_shadows).inc()


def _list(
    runtime: Runtime, store: Store, request: Request, snapshot: Snapshot, challenger: ActivePolicy
) -> Mapping[str, Any]:
    name = challenger.policy.name
    beside = replace(snapshot, policies={**snapshot.policies, name: challenger})
    _, state = read_contact(store, beside, request["contact_id"], name)
    considered = weigh_by(runtime, store, request, beside, challenger, state)
    products, scores = considered.options.product_ids, considered.scores
    return {
        "policy": name,
        "policy_version": challenger.version,
        "items": [
            {"product_id": products[option], "score": float(scores[option])} for option in considered.ranked.tolist()
        ],
    }
