"""Gather what the pipeline needs of the contacts of a request: options, verdicts, columns of the rules, past events."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np

from dog.core.pipeline import ContactOptions
from dog.core.traffic_split import NO_MULTIPLIER
from dog.core.verdicts.verdict_multipliers import (
    RequestScope,
    VerdictMultipliers,
    rationale_multipliers,
    verdict_multipliers,
)
from dog.errors import NotFound
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.list_request import ListRequest
from dog.services.lists.options import Options, candidate_options, stored_options
from dog.services.lists.product_event_counts import ProductEventCounts
from dog.services.lists.read_contact import ContactState
from dog.services.lists.rule_columns import contact_columns, count_events
from dog.services.lists.snapshot import Snapshot
from dog.services.runtime import Runtime
from dog.storage.store import Store

EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC).toordinal()


def gather_inputs(
    runtime: Runtime,
    store: Store,
    request: ListRequest,
    snapshot: Snapshot,
    active: ActivePolicy,
    contacts: Sequence[ContactState],
    now_ms: int,
) -> tuple[Options, list[RequestScope], ContactOptions]:
    """Return the options of contacts, the scope of each contact, and the pipeline's inputs.

    Raises
    ------
    NotFound
        A contact is unknown, and the request has no candidates.

    """
    options = _gather_options(request, snapshot, active, contacts, now_ms)
    scopes = [
        _scope(runtime, store, request, snapshot.categories[options.products[first:end]], active, contact, now_ms)
        for contact, (first, end) in zip(contacts, pairwise(options.starts.tolist()), strict=True)
    ]
    verdicts, rationales = _multiply_by_verdicts(store, snapshot, active, contacts, options, scopes)
    windows = active.plan.rulebook.limits
    by_product = runtime.shared(ProductEventCounts).of(store, windows, len(snapshot.catalogue), now_ms)
    inputs = ContactOptions(
        starts=options.starts,
        products=options.products,
        tie_order=_tie_order(request, snapshot, options),
        raw=options.raw,
        performance=options.performance,
        verdicts=verdicts,
        rationales=rationales,
        available=_available(request, snapshot, options, runtime.day_of(now_ms).toordinal() - EPOCH_DAY),
        columns=contact_columns(active, contacts, options, request.context, now_ms),
        event_counts=count_events(windows, snapshot, contacts, options, now_ms, by_product),
    )
    return options, scopes, inputs


def _gather_options(
    request: ListRequest, snapshot: Snapshot, active: ActivePolicy, contacts: Sequence[ContactState], now_ms: int
) -> Options:
    """Return the request's candidates, or the products with stored scores."""
    if request.candidates is not None:
        options = candidate_options(snapshot, active, contacts[0], request.candidates)
    elif any(contact.record is None for contact in contacts):
        raise NotFound(
            f"contact '{request.contact_id}' is not known; load it (python -m dog load contacts FILE) "
            "or send candidates with their scores",
            code="unknown_contact",
        )
    else:
        options = stored_options(snapshot, active, contacts, now_ms)
    return options.without_multipliers() if active.variant == NO_MULTIPLIER else options


def _scope(
    runtime: Runtime,
    store: Store,
    request: ListRequest,
    categories: np.ndarray,
    active: ActivePolicy,
    contact: ContactState,
    now_ms: int,
) -> RequestScope:
    record = contact.record or {}
    until = active.policy.triggers.business.until

    def digest(value: Any) -> int:
        return store.tenant.number(str(value)) if value else 0

    return RequestScope(
        now_ms=now_ms,
        categories=categories,
        segment=store.tenant.number(str(record.get("segment") or "")),
        account=digest(record.get("account_id")),
        actor=digest(request.context.get("actor_id")),
        business_counts=until is None or runtime.day_of(now_ms) <= until,
    )


def _multiply_by_verdicts(
    store: Store,
    snapshot: Snapshot,
    active: ActivePolicy,
    contacts: Sequence[ContactState],
    options: Options,
    scopes: Sequence[RequestScope],
) -> tuple[VerdictMultipliers, np.ndarray | None]:
    """Return what verdicts do to each option, and to each model's scores by contact."""
    streak = active.policy.reinforcement.streak
    parts, by_model = [], []
    for contact, scope, (first, end) in zip(contacts, scopes, pairwise(options.starts.tolist()), strict=True):
        own = contact.verdicts
        products = options.products[first:end]
        parts.append(verdict_multipliers(products, own, snapshot.cross_contact, scope, streak))
        models = [store.tenant.number(model.name) for model in active.plan.models] if own else []
        by_model.append(rationale_multipliers(own, models, scope.now_ms, streak))
    verdicts = VerdictMultipliers.join(parts)
    if active.variant == NO_MULTIPLIER:
        return verdicts.snoozes_only(), None
    if all(found is None for found in by_model):
        return verdicts, None
    ones = np.ones(len(active.plan.models))
    return verdicts, np.stack([ones if found is None else found for found in by_model], axis=1)


def _tie_order(request: ListRequest, snapshot: Snapshot, options: Options) -> np.ndarray:
    """Return the place of each option's product id in the order of ids."""
    if request.candidates is not None:
        return np.argsort(np.argsort(np.array(options.product_ids)))
    return snapshot.id_rank[options.products]


def _available(request: ListRequest, snapshot: Snapshot, options: Options, day: int) -> np.ndarray:
    """Mark the options that are in season and not excluded by the request; `day` counts from 1970-01-01."""
    active_days = snapshot.active_days[options.products]
    available = (active_days[:, 0] <= day) & (day <= active_days[:, 1])
    if request.exclude:
        unwanted = set(request.exclude)
        available &= np.array([product_id not in unwanted for product_id in options.product_ids], bool)
    return np.asarray(available)


def draw_order(contacts: Sequence[ContactState], options: Options, seed: int) -> np.ndarray:
    """Draw a random number for each option, the same for the same seed and contact."""
    sizes = np.diff(options.starts).tolist()
    draws = [
        np.random.default_rng([seed, int.from_bytes(contact.digest)]).random(size)
        for contact, size in zip(contacts, sizes, strict=True)
    ]
    return np.concatenate(draws)
