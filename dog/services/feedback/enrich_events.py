"""What only the service knows of an event when it comes in.

The score at pitch time, the model behind a refused rationale, the chance with which a decision could have been made.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dog.core.events import Attribute, EventType
from dog.errors import NotFound
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.rank_request import Considered, consider, request_of
from dog.services.lists.recommend import MAX_K
from dog.services.policies.policy_store import DEFAULT_POLICY
from dog.services.runtime import Runtime
from dog.storage.decisions import read_decisions
from dog.storage.event_log import Event
from dog.storage.store import Store


def annotate(runtime: Runtime, store: Store, events: Sequence[Event]) -> list[Event]:
    """Note on pitches the calibrated score they had, and on refused rationales the model behind them.

    The decision that an event names tells best; without one, what the stored scores say now. Where the decision's
    policy splits its traffic, its variant and the propensity of the product are noted on every event that names it.
    """
    considered: dict[str, Considered | None] = {}
    named = {event.decision_id for event in events if event.decision_id is not None}
    if named:
        runtime.shared(DecisionWriter).flush()
    decisions = read_decisions(store, named)
    return [
        _annotated(runtime, store, event, decisions.get(event.decision_id or "", {}), considered) for event in events
    ]


def _is_open(event: Event) -> bool:
    refused = event.attribute is Attribute.RATIONALE and event.attribute_value is None
    return event.type is EventType.PITCH or refused


def _annotated(
    runtime: Runtime,
    store: Store,
    event: Event,
    decision: Mapping[str, Any],
    considered: dict[str, Considered | None],
) -> Event:
    items: list[Mapping[str, Any]] = decision.get("items", [])
    item = next((item for item in items if item["product_id"] == event.product_id), {})
    if "propensity" in item:
        event = replace(event, propensity=item["propensity"], variant=decision["variant"])
    if not _is_open(event):
        return event
    factors = item.get("factors") or _factors_now(runtime, store, event, considered)
    if factors is None:
        return event
    if event.type is EventType.PITCH:
        return replace(event, score=factors["consolidated"])
    models: Mapping[str, Mapping[str, float]] = factors["models"]
    strongest = max(models, key=lambda name: models[name]["weight"] * models[name]["calibrated"], default=None)
    return replace(event, model=strongest)


def _factors_now(
    runtime: Runtime, store: Store, event: Event, considered: dict[str, Considered | None]
) -> Mapping[str, Any] | None:
    """Find what the stored scores say of the event's contact and product now."""
    if event.contact_id not in considered:
        request = request_of(event.contact_id, k=MAX_K, policy=DEFAULT_POLICY, dry_run=True)
        try:
            considered[event.contact_id] = consider(runtime, store, request)
        except NotFound:
            considered[event.contact_id] = None
    found = considered[event.contact_id]
    if found is None or event.product_id not in found.options.product_ids:
        return None
    option = found.options.product_ids.index(event.product_id)
    calibrated = found.scored.calibrated[:, option]
    return {
        "consolidated": float(found.scored.plain[option]),
        "models": {
            model.name: {"weight": model.weight, "calibrated": float(value)}
            for model, value in zip(found.active.models, calibrated, strict=True)
            if not math.isnan(value)
        },
    }
