"""Answer a request for recommendations, in order: replay, rank, write the receipt, store the decision.

the same decision_id again -> the stored answer
else -> rank_request.py (one round trip to Redis, then arithmetic) -> write_decision.py
    -> decision and lap, written behind the answer -> shadow list, made after the answer -> answer
"""

from time import perf_counter
from typing import NamedTuple

import orjson

from dog import metrics
from dog.core.iso_weeks import format_week, week_of
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.kept_decisions import present_decision, replay_decision
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import Ranking, rank_request
from dog.services.lists.shadow_lists import rank_shadow_later
from dog.services.lists.snapshot import Snapshots
from dog.services.lists.write_decision import WrittenDecision, write_decision
from dog.services.runtime import Runtime
from dog.storage.decisions import KeptDecision, write_decisions
from dog.storage.ids import fingerprint, new_id

ADDED_FIELDS = ("contact", "events")
"""Fields that stored decisions of earlier releases lack: a request without them is the same request."""


class Recommendation(NamedTuple):
    """An answer as JSON, and why it may be outdated; None while Redis is available."""

    body: bytes
    degraded: str | None = None


def recommend(runtime: Runtime, tenant: str, request: ListRequest) -> Recommendation:
    """Generate a ranked list: one decision, one lap of the contact.

    The same `decision_id` gets the same bytes. While Redis is away the answer is marked `degraded`, counts no lap and
    is not stored.

    Raises
    ------
    NotFound
        The policy is not active, or the contact is unknown and the request has no candidates.
    Conflict
        The `decision_id` was used for another request.

    """
    store = runtime.store(tenant)
    asked = request_fingerprint(request)
    if request.decision_id and not request.dry_run:
        kept = replay_decision(store, request.decision_id, asked)
        if kept is not None:
            runtime.shared(Snapshots).current(store)  # the key is confirmed against the head, which a replay lacks
            return Recommendation(present_decision(kept, request.explain))
    decision_id = request.decision_id or f"d_{new_id()}"
    ranking = rank_request(runtime, store, request, seed=store.tenant.digest64(decision_id))
    began = perf_counter()
    answer = _answer(ranking, decision_id, asked)
    metrics.write_stage.observe(perf_counter() - began)
    return answer


def request_fingerprint(request: ListRequest) -> bytes:
    """Return 8 bytes that differ where requests differ, to tell a repeated request from a conflicting one."""
    fields = {name: getattr(request, name) for name in ListRequest.__slots__}
    for name in ADDED_FIELDS:
        if not fields[name]:
            del fields[name]
    return fingerprint(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS))


def _answer(ranking: Ranking, decision_id: str, asked: bytes) -> Recommendation:
    """Return the answer, and store the decision unless it counts no lap."""
    explain, decision = ranking.request.explain, write_decision(ranking, decision_id)
    if ranking.degraded is not None:
        metrics.degraded_decisions.inc()
        return Recommendation(decision.answer(explain), ranking.degraded.reason)
    if ranking.request.dry_run:
        metrics.dry_decisions.inc()
        return Recommendation(decision.answer(explain))
    metrics.kept_decisions.inc()
    return Recommendation(_store(decision, asked))


def _store(decision: WrittenDecision, asked: bytes) -> bytes:
    """Store a decision; return the answer, made from what another process has stored first under its id, if any."""
    ranking, packed = decision.ranking, pack_decision(decision, asked)
    context, request, kept = ranking.context, ranking.request, None
    if request.decision_id is None:
        context.runtime.shared(DecisionWriter).add(context.store, packed)
    elif not write_decisions(context.store, [packed])[0]:
        kept = replay_decision(context.store, decision.decision_id, asked)
    rank_shadow_later(ranking, decision.decision_id)
    return present_decision(kept, request.explain) if kept else decision.answer(request.explain)


def pack_decision(decision: WrittenDecision, asked: bytes) -> KeptDecision:
    """Pack a decision, to be written; `asked` is the fingerprint of its request."""
    context = decision.ranking.context
    return KeptDecision(
        decision_id=decision.decision_id,
        request=asked,
        contact=decision.ranking.contact.digest,
        week=format_week(week_of(context.now_ms, context.runtime.settings.zone)),
        content=decision.kept(),
        fired=decision.fired_rules(),
    )
