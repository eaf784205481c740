"""Gather what the pipeline needs of the contacts of a request: options, verdicts, columns of the rules, past events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np

from dog.core.pipeline import RankInputs
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RankContext:
    """A request with the tenant's snapshot and the time at which it is answered.

    Parameters
    ----------
    request
        What is asked for; where many contacts are ranked at once, its contact id is not used.
    now_ms
        Milliseconds since 1970.
    seed
        Draws the options of a random variant.

    """

    runtime: Runtime
    store: Store
    request: ListRequest
    snapshot: Snapshot
    now_ms: int
    seed: int = 0

    @property
    def active(self) -> ActivePolicy:
        """The requested policy."""
        return self.snapshot.policy(self.request.policy)

    def digest64(self, value: Any) -> int:
        """Return the digest of a value as 64 bits, 0 where there is none."""
        return self.store.tenant.digest64(str(value)) if value else 0


def gather_inputs(
    context: RankContext, active: ActivePolicy, contacts: Sequence[ContactState]
) -> tuple[Options, list[RequestScope], RankInputs]:
    """Return the options of contacts, the scope of each contact, and the pipeline's inputs.

    Raises
    ------
    NotFound
        A contact is unknown, and the request has no candidates.

    """
    request, snapshot, now_ms = context.request, context.snapshot, context.now_ms
    today = context.runtime.day_of(now_ms)
    options = _gather_options(context, active, contacts)
    until = active.policy.triggers.business.until
    scopes = [
        _scope(context, contact, snapshot.categories[options.products[first:end]], until is None or today <= until)
        for contact, (first, end) in zip(contacts, pairwise(options.starts.tolist()), strict=True)
    ]
    verdicts, rationales = _multiply_by_verdicts(context, active, contacts, options, scopes)
    windows = active.plan.rulebook.limits
    counts = context.runtime.shared(ProductEventCounts)
    by_product = counts.of(context.store, windows, len(snapshot.catalogue), now_ms)
    inputs = RankInputs(
        k=request.k,
        today=today,
        context=request.context,
        starts=options.starts,
        products=options.products,
        tie_order=_tie_order(context, options),
        raw=options.raw,
        performance=options.performance,
        order_odds=options.order_odds,
        verdicts=verdicts,
        rationales=rationales,
        available=_available(context, options, today.toordinal() - EPOCH_DAY),
        columns=contact_columns(active, contacts, options, now_ms),
        event_counts=count_events(windows, snapshot, contacts, options, now_ms, by_product),
    )
    return options, scopes, inputs


def _gather_options(context: RankContext, active: ActivePolicy, contacts: Sequence[ContactState]) -> Options:
    """Return the request's candidates, or the products with stored scores."""
    request, snapshot = context.request, context.snapshot
    if request.candidates is not None:
        options = candidate_options(snapshot, active, contacts[0], request.candidates)
    elif any(contact.record is None for contact in contacts):
        raise NotFound(
            f"contact '{request.contact_id}' is not known; load it (python -m dog load contacts FILE) "
            "or send candidates with their scores",
            code="unknown_contact",
        )
    else:
        options = stored_options(snapshot, active, contacts, context.now_ms)
    return options.without_multipliers() if active.variant == NO_MULTIPLIER else options


def _scope(context: RankContext, contact: ContactState, categories: np.ndarray, business_counts: bool) -> RequestScope:
    record = contact.record or {}
    return RequestScope(
        now_ms=context.now_ms,
        categories=categories,
        segment=context.store.tenant.digest64(str(record.get("segment") or "")),
        account=context.digest64(record.get("account_id")),
        actor=context.digest64(context.request.context.get("actor_id")),
        business_counts=business_counts,
    )


def _multiply_by_verdicts(
    context: RankContext,
    active: ActivePolicy,
    contacts: Sequence[ContactState],
    options: Options,
    scopes: Sequence[RequestScope],
) -> tuple[VerdictMultipliers, np.ndarray | None]:
    """Return what verdicts do to each option, and to each model's scores by contact."""
    streak, cross_contact = active.policy.reinforcement.streak, context.snapshot.cross_contact
    if not cross_contact.any and not any(len(contact.verdict_ledger) for contact in contacts):
        return VerdictMultipliers.neutral(len(options.products)), None
    parts, by_model = [], []
    for contact, scope, (first, end) in zip(contacts, scopes, pairwise(options.starts.tolist()), strict=True):
        own = contact.verdicts
        parts.append(verdict_multipliers(options.products[first:end], own, cross_contact, scope, streak))
        models = [context.digest64(model.name) for model in active.plan.models] if own else []
        by_model.append(rationale_multipliers(own, models, scope.now_ms, streak))
    verdicts = VerdictMultipliers.join(parts)
    if active.variant == NO_MULTIPLIER:
        return verdicts.snoozes_only(), None
    if all(found is None for found in by_model):
        return verdicts, None
    ones = np.ones(len(active.plan.models))
    return verdicts, np.stack([ones if found is None else found for found in by_model], axis=1)


def _tie_order(context: RankContext, options: Options) -> np.ndarray:
    """Return the place of each option's product id in the order of ids."""
    if context.request.candidates is not None:
        return np.argsort(np.argsort(np.array(options.product_ids)))
    return context.snapshot.id_rank[options.products]


def _available(context: RankContext, options: Options, day: int) -> np.ndarray:
    """Mark the options that are in season and not excluded by the request; `day` counts from 1970-01-01."""
    active_days = context.snapshot.active_days[options.products]
    available = (active_days[:, 0] <= day) & (day <= active_days[:, 1])
    if context.request.exclude:
        unwanted = set(context.request.exclude)
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
