"""Decisions as they were answered: replayed, shown again, counted by rule."""

from collections.abc import Mapping
from typing import Any

import orjson

from dog.core.iso_weeks import format_week, week_of
from dog.errors import Conflict, NotFound, StoreUnavailable
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runtime import Runtime
from dog.storage.decisions import read_decision, read_fired_counts
from dog.storage.store import Store

FULL_ONLY = ("inputs", "item_inputs", "shadow")
"""Fields of a stored decision that are shown with explain=full only, the inputs with each item."""
READ_AGAIN_SECONDS = 0.1


def replay_decision(store: Store, decision_id: str, fingerprint: bytes) -> dict[str, Any] | None:
    """Return the stored decision of a repeated request; None where there is none, or Redis is away.

    Raises
    ------
    Conflict
        The id was used for another request.

    """
    try:
        kept = read_decision(store, decision_id)
    except StoreUnavailable:
        return None  # the answer is then marked as degraded, and stored nowhere
    if kept is None:
        return None
    if kept[0] != fingerprint:
        raise Conflict(
            f"decision_id '{decision_id}' was used before with another body; give the new request an id of its own",
            code="decision_id_conflict",
        )
    return kept[1]


def present_decision(content: Mapping[str, Any], explain: str) -> bytes:
    """Return a decision as JSON: `none` without factors, `brief` with them, `full` with all that was recorded."""
    shown = {name: value for name, value in content.items() if name not in FULL_ONLY}
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


def read_kept_decision(runtime: Runtime, tenant: str, decision_id: str) -> dict[str, Any]:
    """Return the content of a decision as it was recorded.

    Raises
    ------
    NotFound
        It is not stored, or not any more.

    """
    store = runtime.store(tenant)
    runtime.shared(DecisionWriter).flush()
    kept = read_decision(store, decision_id)
    if kept is None:
        runtime.wait(READ_AGAIN_SECONDS)  # another worker may be about to write it
        kept = read_decision(store, decision_id)
    if kept is None:
        raise NotFound(f"decision '{decision_id}' is not kept; decisions are kept for 35 days", code="unknown_decision")
    return kept[1]


def count_fired_rules(runtime: Runtime, tenant: str, policy: str) -> dict[str, int]:
    """Return in how many of this week's lists, dry runs left out, each rule of a policy moved or excluded something."""
    runtime.shared(DecisionWriter).flush()
    week = format_week(week_of(runtime.clock(), runtime.settings.zone))
    return read_fired_counts(runtime.store(tenant), policy, week)
