"""The list of a challenger: made after the answer, recorded with the decision, never served."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from dog import metrics
from dog.services.background_tasks import BackgroundTasks
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.rank_request import Ranking, rank_contacts
from dog.services.lists.read_contact import read_contact
from dog.services.lists.request_contact import with_request
from dog.storage.decisions import annotate_decision


def rank_shadow_later(ranking: Ranking, decision_id: str) -> None:
    """Queue the challenger's list where the policy has a challenger and the decision is in its share."""
    context, challenger = ranking.context, _challenger(ranking, decision_id)
    if challenger is None:
        return
    if not context.runtime.shared(BackgroundTasks).put(partial(_record, context, challenger, decision_id)):
        metrics.shed_shadows.inc()


def rank_shadow_now(ranking: Ranking, decision_id: str) -> None:
    """Record the challenger's list, in the same cases, of a decision that is kept already."""
    challenger = _challenger(ranking, decision_id)
    if challenger is not None:
        _record(ranking.context, challenger, decision_id)


def _challenger(ranking: Ranking, decision_id: str) -> ActivePolicy | None:
    active = ranking.context.active
    wanted = active.policy.shadow
    if wanted is None or ranking.context.store.tenant.draw(f"shadow {decision_id}") >= wanted.share:
        return None
    return active.shadow


def _record(context: RankContext, challenger: ActivePolicy, decision_id: str) -> None:
    """Make the challenger's list and store it with the decision."""
    try:
        content = _rank(context, challenger)
        kept = annotate_decision(context.store, decision_id, "shadow", content)
        if not kept:
            context.runtime.shared(DecisionWriter).flush()
            kept = annotate_decision(context.store, decision_id, "shadow", content)
    except Exception:
        metrics.lost_shadows.inc()
        raise
    (metrics.kept_shadows if kept else metrics.lost_shadows).inc()


def _rank(context: RankContext, challenger: ActivePolicy) -> Mapping[str, Any]:
    name, snapshot = challenger.policy.name, context.snapshot
    snapshot = replace(snapshot, policies={**snapshot.policies, name: challenger})
    _, contact = read_contact(context.store, snapshot, context.request.contact_id, name)
    context = replace(context, snapshot=snapshot, now_ms=context.runtime.clock(), seed=0)
    ranking = rank_contacts(context, challenger, [with_request(contact, context)])
    scores = ranking.ranked.scores[ranking.ranked.chosen].tolist()
    return {
        "policy": name,
        "policy_version": challenger.version,
        "items": [
            {"product_id": product_id, "score": score}
            for product_id, score in zip(ranking.product_ids, scores, strict=True)
        ],
    }
