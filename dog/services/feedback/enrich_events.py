"""Add to incoming events what only the service knows: score at pitch time, refused model, propensity."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from dog.core.events import Attribute, EventType
from dog.core.policy.policy import DEFAULT_POLICY
from dog.core.receipt import describe_models, strongest_model
from dog.errors import NotFound
from dog.services.feedback.pitched_values import add_pitched_values
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.list_request import MAX_K, ListRequest
from dog.services.lists.rank_request import Ranking, rank_request
from dog.services.runtime import Runtime
from dog.storage.decisions import read_decisions
from dog.storage.event_log import Event
from dog.storage.store import Store


def enrich_events(runtime: Runtime, store: Store, events: Sequence[Event]) -> list[Event]:
    """Return the events with what only the service knows.

    Pitches get their score, log ratios, channel and time, refused rationales the model behind them. These come
    from the decision that an event names, else from the scores stored now. Variant and propensity are added to every
    event that names a decision of a policy that splits its traffic.
    """
    rankings: dict[str, Ranking | None] = {}
    named = {event.decision_id for event in events if event.decision_id is not None}
    if named:
        runtime.shared(DecisionWriter).flush()
    decisions = read_decisions(store, named)
    found = [_enriched(runtime, store, event, decisions.get(event.decision_id or "", {}), rankings) for event in events]
    return add_pitched_values(store, found, decisions)


def _needs_factors(event: Event) -> bool:
    refused = event.attribute is Attribute.RATIONALE and event.attribute_value is None
    return event.type is EventType.PITCH or refused


def _enriched(
    runtime: Runtime,
    store: Store,
    event: Event,
    decision: Mapping[str, Any],
    rankings: dict[str, Ranking | None],
) -> Event:
    items: list[Mapping[str, Any]] = decision.get("items", [])
    item = next((item for item in items if item["product_id"] == event.product_id), {})
    if "propensity" in item:
        event = replace(event, propensity=item["propensity"], variant=decision["variant"])
    if not _needs_factors(event):
        return event
    factors = item.get("factors")
    if factors is None or (event.type is EventType.PITCH and _is_multiplied(factors)):
        factors = _current_factors(runtime, store, event, rankings)
    if factors is None:
        return event
    if event.type is EventType.PITCH:
        raw = {name: model["raw"] for name, model in factors["models"].items()}
        load = factors.get("load", decision.get("inputs", {}).get("load"))
        log_ratios = _log_ratios(factors["performance"])
        return replace(
            event, score=factors["consolidated"], log_ratios=log_ratios, raw=(load, raw) if load and raw else None
        )
    return replace(event, model=strongest_model(factors["models"]))


def _current_factors(
    runtime: Runtime, store: Store, event: Event, rankings: dict[str, Ranking | None]
) -> Mapping[str, Any] | None:
    """Return the factors of the event's contact and product by the scores stored now; None where there are none."""
    if event.contact_id not in rankings:
        request = ListRequest(event.contact_id, k=MAX_K, policy=DEFAULT_POLICY, dry_run=True)
        try:
            rankings[event.contact_id] = rank_request(runtime, store, request)
        except NotFound:
            rankings[event.contact_id] = None
    found = rankings[event.contact_id]
    if found is None or event.product_id not in found.options.product_ids:
        return None
    option = found.options.product_ids.index(event.product_id)
    consolidator = found.active.plan.consolidator
    models = describe_models(found.ranked.scored, found.options.raw, consolidator, np.array([option]))
    multipliers, place = found.active.multipliers, int(found.options.pair_places[option])
    ratios = {}
    if multipliers is not None:
        known = found.contact.pairs[place : place + 1] if place >= 0 else None
        ratios = multipliers.ratios(int(found.options.products[option]), known)
    return {
        "performance": ratios,
        "consolidated": float(found.ranked.scored.plain[option]),
        "load": found.snapshot.consolidations.loads.number,
        "models": models[0],
    }


def _is_multiplied(factors: Mapping[str, Any]) -> bool:
    """Return whether a multiplier is part of the consolidated score: of a pitch the score without any is recorded."""
    return any(model["multiplier"] != 1 for model in factors["models"].values())


def _log_ratios(performance: Mapping[str, float]) -> tuple[float, float] | None:
    """Return ln of product and pair ratio; None by policies that do not compare wins with expected ones."""
    if "pair_ratio" not in performance:
        return None
    return round(math.log(performance["product_ratio"]), 6), round(math.log(performance["pair_ratio"]), 6)
