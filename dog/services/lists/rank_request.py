"""From a request to its ranked options: read, score, apply the rules, rank; nothing is stored.

head, contact, scores, multipliers, verdicts (one round trip) -> options -> score -> rules -> rank
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from time import perf_counter
from typing import Any

import numpy as np

from dog import metrics
from dog.core.pipeline import Scored, score_options
from dog.core.ranking import select
from dog.core.rulebook.effect_context import EventCounts
from dog.core.rulebook.rule_outcomes import RuleOutcomes
from dog.core.traffic_split import NO_MULTIPLIER, PLAIN, RANDOM_ELIGIBLE, inclusion_chances
from dog.core.verdicts.triggers import Verdicts
from dog.core.verdicts.verdict_multipliers import Influences, Setting, influence, rationale_multipliers
from dog.errors import NotFound, StoreUnavailable
from dog.services.lists.control_variants import variant_of
from dog.services.lists.options import Options, inline_options, performance_of, stored_options
from dog.services.lists.product_event_counts import ProductEventCounts
from dog.services.lists.read_contact import ContactState, read_contact
from dog.services.lists.rule_columns import count_events, past_columns
from dog.services.lists.snapshot import ActivePolicy, Snapshot, Snapshots
from dog.services.lists.stale_contacts import Degraded, StaleContactCache
from dog.services.runtime import Runtime
from dog.storage.store import Store

Request = Mapping[str, Any]
"""Validated: contact_id, k, policy, context, candidates or None, exclude, explain, dry_run, decision_id or None."""


def request_of(contact_id: str, **given: Any) -> dict[str, Any]:
    """Fill in what a request leaves out."""
    defaults = {
        "k": 10,
        "policy": "recommended",
        "context": {},
        "candidates": None,
        "exclude": [],
        "explain": "brief",
        "dry_run": False,
        "decision_id": None,
    }
    return {"contact_id": contact_id, **defaults, **given}


@dataclass(frozen=True, slots=True)
class Considered:
    """All that was considered for one request; everything told about a decision is read off this."""

    snapshot: Snapshot
    active: ActivePolicy
    state: ContactState
    verdicts: Verdicts | None
    setting: Setting
    options: Options
    performance: np.ndarray  # reinforcement multiplier of each option, wherever it is applied
    pair_places: np.ndarray  # place of each option's record in state.pairs, -1 where the pair has none
    influences: Influences
    scored: Scored
    rules: RuleOutcomes
    eligible: np.ndarray
    scores: np.ndarray  # final, (options,)
    ranked: np.ndarray  # positions of the chosen options, best first
    now_ms: int
    propensities: np.ndarray | None = None  # chance of each of `ranked`; None where the policy splits no traffic
    degraded: Degraded | None = None

    @property
    def drawable(self) -> np.ndarray:
        """Mark the options that a list may have at all, shape (options,)."""
        return np.asarray(self.eligible & ~np.isnan(self.scores))


def consider(runtime: Runtime, store: Store, request: Request, seed: int = 0) -> Considered:
    """Score, filter and rank all options of a request; nothing is stored. The seed is that of a random variant."""
    try:
        with metrics.read_stage.time():
            snapshot, state = _read(runtime, store, request)
    except StoreUnavailable as error:
        return _stand_in(runtime, store, request, error, seed)
    runtime.shared(StaleContactCache).keep(store, request["policy"], state, runtime.clock())
    return weigh(runtime, store, request, snapshot, state, seed)


def _stand_in(runtime: Runtime, store: Store, request: Request, error: StoreUnavailable, seed: int) -> Considered:
    """Answer from what the process holds, where that can be trusted."""
    snapshot = runtime.shared(Snapshots).held(store)
    if snapshot is None or request["policy"] not in snapshot.policies:
        raise error
    state, degraded = runtime.shared(StaleContactCache).stand_in(
        store,
        snapshot.policies[request["policy"]],
        snapshot.version.version if snapshot.version else None,
        request["contact_id"],
        inline=request["candidates"] is not None,
        now_ms=runtime.clock(),
    )
    return replace(weigh(runtime, store, request, snapshot, state, seed), degraded=degraded)


def weigh(
    runtime: Runtime, store: Store, request: Request, snapshot: Snapshot, state: ContactState, seed: int = 0
) -> Considered:
    """Score, filter and rank what was read, by the contact's variant of the policy that the request names."""
    active = snapshot.policies[request["policy"]]
    if not active.controls:
        return weigh_by(runtime, store, request, snapshot, active, state)
    variants = {PLAIN: active, **active.controls}
    every = {name: weigh_by(runtime, store, request, snapshot, of, state, seed) for name, of in variants.items()}
    shares = active.policy.variants
    served = every[variant_of(store, active.policy.name, state.digest, shares)]
    candidates = np.flatnonzero(every.get(RANDOM_ELIGIBLE, served).drawable)
    lists = {name: one.ranked for name, one in every.items()}
    chances = inclusion_chances(len(served.scores), lists, candidates, request["k"], shares)
    return replace(served, propensities=chances[served.ranked])


def weigh_by(
    runtime: Runtime,
    store: Store,
    request: Request,
    snapshot: Snapshot,
    active: ActivePolicy,
    state: ContactState,
    seed: int = 0,
) -> Considered:
    """Score, filter and rank what was read, by one policy or one variant of it."""
    now_ms, began = runtime.clock(), perf_counter()
    if request["candidates"] is not None:
        options = inline_options(snapshot, active, request["candidates"])
    elif state.record is None:
        raise NotFound(
            f"contact '{request['contact_id']}' is not known; load it (python -m dog load contacts FILE) "
            "or send candidates with their scores",
            code="unknown_contact",
        )
    else:
        options = stored_options(snapshot, active, state, now_ms)
    verdicts = state.verdicts
    streak = active.policy.reinforcement.streak
    today = runtime.day_of(now_ms)
    setting = _setting(store, snapshot, active, state, options, request, now_ms, today)
    influences = influence(options.products, verdicts, snapshot.wide, setting, streak)
    performance, places = performance_of(active, options.products, state.pairs)
    heard = verdicts
    if active.variant == NO_MULTIPLIER:
        heard, influences = None, influences.unheard()
        performance, places = np.ones(len(options.products)), np.full(len(options.products), -1)
    models = {store.tenant.number(model.name): model.name for model in active.models} if heard else {}
    scored = score_options(
        options.raw,
        active.models,
        active.policy.consolidation,
        performance,
        influences,
        rationale_multipliers(heard, models, now_ms, streak),
        active.targets,
    )
    reinforced = perf_counter()
    frame = snapshot.products.take(options.products).with_columns(
        past_columns(active, state, options, places, scored, request["context"], now_ms)
    )
    rules = active.rulebook.apply(
        frame,
        today,
        _past_events(runtime, store, active, snapshot, state, options, now_ms),
        active.product_masks.take(options.products, axis=1),
    )
    eligible = ~rules.excluded & offered(snapshot, options, influences, request["exclude"], today.toordinal())
    scores = scored.score * rules.factor
    order = snapshot.id_rank[options.products]
    if request["candidates"] is not None:
        order = np.argsort(np.argsort(np.array(options.product_ids)))
    wanted = scores
    if active.variant == RANDOM_ELIGIBLE:
        drawn = np.random.default_rng([seed, int.from_bytes(state.digest)]).random(len(scores))
        wanted = np.where(np.isnan(scores), np.nan, drawn)
    ranked = select(wanted, eligible, order, request["k"], caps=rules.caps, pins=rules.pins)
    metrics.reinforce_stage.observe(reinforced - began)
    metrics.rules_stage.observe(perf_counter() - reinforced)
    return Considered(
        snapshot,
        active,
        state,
        verdicts,
        setting,
        options,
        performance,
        places,
        influences,
        scored,
        rules,
        eligible,
        scores,
        ranked,
        now_ms,
    )


def _past_events(
    runtime: Runtime,
    store: Store,
    active: ActivePolicy,
    snapshot: Snapshot,
    state: ContactState,
    options: Options,
    now_ms: int,
) -> EventCounts:
    windows = active.rulebook.limits
    of_products = runtime.shared(ProductEventCounts).of(store, windows, len(snapshot.catalogue), now_ms)
    return count_events(windows, snapshot, state, options.products, now_ms, of_products)


def _read(runtime: Runtime, store: Store, request: Request) -> tuple[Snapshot, ContactState]:
    """Read the contact with the snapshot at hand, and again if the tenant has moved on since."""
    snapshot = runtime.shared(Snapshots).get(store)
    for _ in range(3):
        head, state = read_contact(store, snapshot, request["contact_id"], request["policy"])
        if head == snapshot.head:
            break
        snapshot = runtime.shared(Snapshots).renew(store)
    if request["policy"] not in snapshot.policies:
        known = ", ".join(snapshot.policies) or "none"
        raise NotFound(f"policy '{request['policy']}' is not active; active are {known}", code="unknown_policy")
    return snapshot, state


def _setting(
    store: Store,
    snapshot: Snapshot,
    active: ActivePolicy,
    state: ContactState,
    options: Options,
    request: Request,
    now_ms: int,
    today: date,
) -> Setting:
    def number(value: Any) -> int:
        return store.tenant.number(str(value)) if value else 0

    record = state.record or {}
    until = active.policy.triggers.business.until
    return Setting(
        now_ms,
        snapshot.categories[options.products],
        store.tenant.number(str(record.get("segment") or "")),
        number(record.get("account_id")),
        number(request["context"].get("actor_id")),
        until is None or today <= until,
    )


def offered(snapshot: Snapshot, options: Options, influences: Influences, exclude: list[str], today: int) -> np.ndarray:
    """Mark what may be offered at all: in season, not resting, not excluded by the request."""
    day = today - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
    active_days = snapshot.active_days[options.products]
    may = (active_days[:, 0] <= day) & (day <= active_days[:, 1]) & (influences.resting_until_ms == 0)
    if exclude:
        unwanted = set(exclude)
        may &= np.array([product_id not in unwanted for product_id in options.product_ids], bool)
    return np.asarray(may)
