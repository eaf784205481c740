"""Answer a request for recommendations, in order: replay, rank, write the receipt, store the decision.

the same decision_id again -> the stored answer
else -> rank_request.py (one round trip to Redis, then arithmetic) -> write_receipts.py
    -> decision and lap, written behind the answer -> shadow list, made after the answer -> answer
"""

from time import perf_counter
from typing import Any, NamedTuple

import orjson

from dog import metrics
from dog.core.iso_weeks import format_week, utc_time, week_of
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.kept_decisions import fired_rules, present_decision, replay_decision
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import Ranking, rank_request
from dog.services.lists.request_contact import unknown_events_note
from dog.services.lists.shadow_lists import rank_shadow_later
from dog.services.lists.snapshot import Snapshots
from dog.services.lists.write_receipts import common_inputs, item_inputs, list_excluded, rest_note, write_items
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
    fields = {name: value for name, value in fields.items() if value or name not in ADDED_FIELDS}
    return fingerprint(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS))


def _answer(ranking: Ranking, decision_id: str, asked: bytes) -> Recommendation:
    """Return the answer, and store the decision unless it counts no lap."""
    request, content = ranking.request, describe_decision(ranking, decision_id)
    if ranking.degraded is not None:
        metrics.degraded_decisions.inc()
        return Recommendation(present_decision(content, request.explain), ranking.degraded.reason)
    if request.dry_run:
        metrics.dry_decisions.inc()
    else:
        metrics.kept_decisions.inc()
        content = _store(ranking, content, asked)
    return Recommendation(present_decision(content, request.explain))


def _store(ranking: Ranking, content: dict[str, Any], asked: bytes) -> dict[str, Any]:
    """Store a decision; return what is stored under its id, which another process may have written first."""
    context, request, decision_id = ranking.context, ranking.request, content["decision_id"]
    fired = fired_rules(content)
    if request.explain == "brief":  # the answer has the same items: serialise them once
        content["items"] = orjson.Fragment(orjson.dumps(content["items"]))
    decision = _pack(ranking, content, asked, fired)
    if request.decision_id is None:
        context.runtime.shared(DecisionWriter).add(context.store, decision)
    elif not write_decisions(context.store, [decision])[0]:
        content = replay_decision(context.store, decision_id, asked) or content
    rank_shadow_later(ranking, decision_id)
    return content


def pack_decision(ranking: Ranking, content: dict[str, Any]) -> KeptDecision:
    """Pack a decision as `describe_decision` returned it, to be written with others."""
    return _pack(ranking, content, request_fingerprint(ranking.request), fired_rules(content))


def _pack(ranking: Ranking, content: dict[str, Any], asked: bytes, fired: frozenset[str]) -> KeptDecision:
    return KeptDecision(
        decision_id=content["decision_id"],
        request=asked,
        contact=ranking.contact.digest,
        week=format_week(week_of(ranking.context.now_ms, ranking.context.runtime.settings.zone)),
        content=content,
        fired=fired,
    )


def describe_decision(ranking: Ranking, decision_id: str) -> dict[str, Any]:
    """Return the decision with its receipts."""
    request, contact, degraded = ranking.request, ranking.contact, ranking.degraded
    items = write_items(ranking)
    notes = [*ranking.options.notes, *filter(None, [unknown_events_note(ranking.context), rest_note(ranking)])]
    if not items:
        notes.append(_why_empty(ranking))
    writer = ranking.context.runtime.shared(DecisionWriter)
    waiting_laps = 0 if degraded else writer.waiting_laps(ranking.context.store, contact.digest)
    content = {
        "decision_id": decision_id,
        "contact_id": request.contact_id,
        "lap": None if degraded else contact.laps + waiting_laps + 1,
        "policy": request.policy,
        "policy_version": ranking.active.version,
        "multiplier_version": ranking.snapshot.version_name,
        "generated_at": utc_time(ranking.context.now_ms),
        "items": items,
        "inputs": common_inputs(ranking),
        "item_inputs": item_inputs(ranking),
        "excluded": list_excluded(ranking),
        "notes": notes,
    }
    if ranking.propensities is not None:
        content["variant"] = ranking.active.variant
        for item, propensity in zip(items, ranking.propensities.tolist(), strict=True):
            item["propensity"] = propensity
    return {**content, "degraded": degraded.to_document()} if degraded else content


def _why_empty(ranking: Ranking) -> str:
    options = len(ranking.options.product_ids)
    if not options and ranking.active.starts and ranking.snapshot.start.events and ranking.contact.record is not None:
        return (
            "the list is empty: no product is left that the contact has not bought, and products are not bought twice"
        )
    if not options:
        return "the list is empty: no model has a score for this contact; load scores or run python -m jobs train"
    excluded = options - int(ranking.ranked.eligible.sum())
    return f"the list is empty: of {options} options {excluded} were excluded; explain=full names the rule of each"
