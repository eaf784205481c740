"""Add to incoming events what only the service knows: score at pitch time, refused model, propensity."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dog.core.events import Attribute, EventType
from dog.core.receipt import describe_models, strongest_model
from dog.errors import NotFound
from dog.services.feedback.named_decisions import NamedDecisions
from dog.services.feedback.pair_scores import Pair, log_ratios, score_pairs
from dog.services.feedback.pitched_values import add_pitched_values
from dog.services.lists.list_request import MAX_K, ListRequest
from dog.services.lists.rank_request import rank_request
from dog.services.runtime import Runtime
from dog.storage.event_log import Event
from dog.storage.store import Store


def enrich_events(runtime: Runtime, store: Store, decisions: NamedDecisions, events: Sequence[Event]) -> list[Event]:
    """Add to the events what only the service knows, and return them.

    Pitches get their score, log ratios, channel and time, refused rationales the model behind them. These come
    from the decision that an event names, else from the scores stored now. Variant and propensity are added to every
    event that names a decision of a policy that splits its traffic.

    Raise `ArchiveUnavailable` if such a decision is archived and the archive cannot be reached.
    """
    decisions.require(event.decision_id for event in events)
    now: list[Event] = []
    for event in events:
        item = decisions.item_of(event)
        if "propensity" in item:
            event.propensity, event.variant = item["propensity"], decisions.get(event.decision_id)["variant"]
        if event.type is EventType.PITCH:
            if not _add_decided_score(event, item.get("factors"), decisions.get(event.decision_id)):
                now.append(event)
        elif event.attribute is Attribute.RATIONALE and event.attribute_value is None:
            models = item["factors"]["models"] if "factors" in item else _models_now(runtime, store, event)
            event.model = strongest_model(models)
    scores = score_pairs(runtime, store, [pair_of(event) for event in now]) if now else {}
    for event in now:
        if (found := scores.get(pair_of(event))) is not None:
            event.score, event.log_ratios, event.raw = found.score, found.log_ratios, found.raw
    return add_pitched_values(store, events, decisions)


def pair_of(event: Event) -> Pair:
    """Return the contact and the product of an event."""
    return event.contact_id, str(event.product_id)


def _add_decided_score(event: Event, factors: Mapping[str, Any] | None, decision: Mapping[str, Any]) -> bool:
    """Add the score of the decision's item to a pitch; return False where it tells none without multipliers."""
    if factors is None or any(model["multiplier"] != 1 for model in factors["models"].values()):
        return False
    raw = {name: model["raw"] for name, model in factors["models"].items()}
    load, ratios = factors.get("load", decision.get("inputs", {}).get("load")), factors["performance"]
    event.score, event.raw = factors["consolidated"], (load, raw) if load and raw else None
    if "pair_ratio" in ratios:  # not by policies that do not compare wins with expected ones
        event.log_ratios = log_ratios(ratios["product_ratio"], ratios["pair_ratio"])
    return True


def _models_now(runtime: Runtime, store: Store, event: Event) -> Mapping[str, Any]:
    """Return what each model adds to the event's pair by the scores stored now; empty where none has one."""
    request = ListRequest(event.contact_id, k=MAX_K, dry_run=True)
    try:
        ranking = rank_request(runtime, store, request)
    except NotFound:
        return {}
    if event.product_id not in ranking.options.product_ids:
        return {}
    option = np.array([ranking.options.product_ids.index(event.product_id)])
    scored, consolidator = ranking.ranked.scored, ranking.active.plan.consolidator
    return describe_models(scored, ranking.options.raw, consolidator, option)[0]
