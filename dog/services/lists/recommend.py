"""Answer a request for recommendations: one round trip, then arithmetic.

head, contact, scores, multipliers, verdicts (one round trip) -> options -> score -> rules -> rank
    -> receipts -> decision and lap, written behind
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from dog import metrics
from dog.core.iso_weeks import format_week, week_of
from dog.errors import Conflict, NotFound, StoreUnavailable
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.rank_request import Considered, Request, consider
from dog.services.lists.rule_firings import fired_rules
from dog.services.lists.shadow_lists import shadow_later
from dog.services.lists.snapshot import Snapshots
from dog.services.lists.write_receipts import common_inputs, item_inputs, list_excluded, write_items
from dog.services.runtime import Runtime
from dog.storage.decisions import KeptDecision, read_decision, write_decisions
from dog.storage.ids import fingerprint, new_id
from dog.storage.store import Store

MAX_K = 1000
MAX_CANDIDATES = 10_000
EXPLANATIONS = ("none", "brief", "full")
NOT_SHOWN = ("inputs", "item_inputs", "shadow")
"""What is kept of a decision, and told of its items only where everything is asked for."""
READ_AGAIN_SECONDS = 0.1


class Recommendation(NamedTuple):
    """An answer, and why it is not of this moment where Redis is away."""

    body: bytes
    degraded: str | None = None


def recommend(runtime: Runtime, tenant: str, request: Request) -> Recommendation:
    """Generate a ranked list: one decision, one lap of the contact.

    Parameters
    ----------
    runtime
        What bootstrap built.
    tenant
        Whose contact.
    request
        As validated.

    Returns
    -------
    The answer as JSON; the same bytes for the same `decision_id`. While Redis is away it is marked `degraded`,
    counts no lap and is not kept.

    Raises
    ------
    NotFound
        The policy is not active, or the contact is not known and no candidates came along.
    Conflict
        The `decision_id` was used with another body.

    """
    store = runtime.store(tenant)
    asked = fingerprint(orjson.dumps(dict(request), option=orjson.OPT_SORT_KEYS))
    if request["decision_id"] and not request["dry_run"]:
        kept = _replay(store, request["decision_id"], asked)
        if kept is not None:
            runtime.shared(Snapshots).current(store)  # a replay reads no head of its own
            return Recommendation(present(kept, request["explain"]))
    decision_id = request["decision_id"] or f"d_{new_id()}"
    considered = consider(runtime, store, request, seed=store.tenant.number(decision_id))
    with metrics.write_stage.time():
        return _decide(runtime, store, request, considered, decision_id, asked)


def _decide(
    runtime: Runtime, store: Store, request: Request, considered: Considered, decision_id: str, asked: bytes
) -> Recommendation:
    """Write the answer, and keep it unless it counts no lap."""
    content = _content(runtime, store, request, considered, decision_id)
    if considered.degraded is not None:
        metrics.degraded_decisions.inc()
        return Recommendation(present(content, request["explain"]), considered.degraded.reason)
    (metrics.dry_decisions if request["dry_run"] else metrics.kept_decisions).inc()
    if not request["dry_run"]:
        week = format_week(week_of(considered.now_ms, runtime.settings.zone))
        fired = fired_rules(content)
        if request["explain"] == "brief":  # what is answered is kept: written once
            content["items"] = orjson.Fragment(orjson.dumps(content["items"]))
        decision = KeptDecision(decision_id, asked, considered.state.digest, week, content, fired)
        if request["decision_id"] is None:
            runtime.shared(DecisionWriter).add(store, decision)
        elif not write_decisions(store, [decision])[0]:  # somebody else sent the same id at the same time
            content = _replay(store, request["decision_id"], asked) or content
        shadow_later(runtime, store, request, considered, decision_id)
    return Recommendation(present(content, request["explain"]))


def _replay(store: Store, decision_id: str, asked: bytes) -> dict[str, Any] | None:
    try:
        kept = read_decision(store, decision_id)
    except StoreUnavailable:
        return None  # where Redis stays away the answer is marked, and counts nothing
    if kept is None:
        return None
    if kept[0] != asked:
        raise Conflict(
            f"decision_id '{decision_id}' was used before with another body; give the new request an id of its own",
            code="decision_id_conflict",
        )
    return kept[1]


def _content(
    runtime: Runtime, store: Store, request: Request, considered: Considered, decision_id: str
) -> dict[str, Any]:
    snapshot, state, degraded = considered.snapshot, considered.state, considered.degraded
    generated = datetime.fromtimestamp(considered.now_ms / 1000, UTC).isoformat(timespec="milliseconds")
    items = write_items(store, considered, request["contact_id"], request["context"])
    notes = list(considered.options.notes)
    if not items:
        notes.append(_why_empty(considered))
    content = {
        "decision_id": decision_id,
        "contact_id": request["contact_id"],
        "lap": None if degraded else state.laps + runtime.shared(DecisionWriter).waiting_laps(store, state.digest) + 1,
        "policy": request["policy"],
        "policy_version": considered.active.version,
        "multiplier_version": snapshot.version.version if snapshot.version else None,
        "generated_at": generated.replace("+00:00", "Z"),
        "items": items,
        "inputs": common_inputs(considered),
        "item_inputs": item_inputs(considered),
        "excluded": list_excluded(considered, request["exclude"]),
        "notes": notes,
    }
    if considered.propensities is not None:
        content["variant"] = considered.active.variant
        for item, propensity in zip(items, considered.propensities.tolist(), strict=True):
            item["propensity"] = propensity
    return {**content, "degraded": degraded.to_document()} if degraded else content


def _why_empty(considered: Considered) -> str:
    options = len(considered.options.product_ids)
    if not options:
        return "the list is empty: no model has a score for this contact; load scores or run python -m jobs train"
    out = options - int(considered.eligible.sum())
    return f"the list is empty: of {options} options {out} were excluded; explain=full names the rule of each"


def present(content: Mapping[str, Any], explain: str) -> bytes:
    """Show a decision in the detail asked for: `none` without factors, `brief` with them, `full` with everything."""
    shown = {name: value for name, value in content.items() if name not in NOT_SHOWN}
    if explain == "full":
        inputs, items = content["inputs"], zip(content["items"], content["item_inputs"], strict=True)
        shown["items"] = [{**item, "inputs": {**inputs, **own}} for item, own in items]
        return orjson.dumps(shown)
    del shown["excluded"]
    if explain == "none":
        shown["items"] = [
            {name: value for name, value in item.items() if name != "factors"} for item in content["items"]
        ]
    return orjson.dumps(shown)


def read_kept_decision(runtime: Runtime, tenant: str, decision_id: str, explain: str) -> bytes:
    """Read a decision as it was made.

    Raises
    ------
    NotFound
        It is not kept (any more).

    """
    store = runtime.store(tenant)
    runtime.shared(DecisionWriter).flush()
    kept = read_decision(store, decision_id)
    if kept is None:
        runtime.wait(READ_AGAIN_SECONDS)  # another worker may be about to write it
        kept = read_decision(store, decision_id)
    if kept is None:
        raise NotFound(f"decision '{decision_id}' is not kept; decisions are kept for 35 days", code="unknown_decision")
    return present(kept[1], explain)
