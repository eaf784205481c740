"""Rank the options of a request, in order: read, gather what the arithmetic needs, call the pipeline.

snapshot and contact (one round trip) -> variant of the policy -> options with scores and multipliers
    -> verdicts, rule columns, past events -> core/pipeline.py: scores, rules, the k best

Nothing is stored here. Requests, previews and shadow lists rank one contact; batch lists rank many at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from dog import metrics
from dog.core.pipeline import ContactOptions, RankedOptions, rank_options, score_options
from dog.core.traffic_split import PLAIN, RANDOM_ELIGIBLE, inclusion_chances
from dog.core.verdicts.verdict_multipliers import RequestScope
from dog.errors import NotFound, StoreUnavailable
from dog.services.lists.active_policy import ActivePolicy, variant_of
from dog.services.lists.gather_inputs import draw_order, gather_inputs
from dog.services.lists.list_request import ListRequest
from dog.services.lists.options import Options
from dog.services.lists.read_contact import ContactState, read_contact
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.lists.stale_contacts import Degraded, StaleContactCache
from dog.services.runtime import Runtime
from dog.storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The ranked options of one or more contacts, with all that they were made from.

    Parameters
    ----------
    active
        The policy that ranked, or the variant of it.
    contacts
        As they were read.
    options
        The options as gathered.
    inputs, ranked
        What the pipeline was given, and what it returned.
    scopes
        Of each contact, what verdicts beyond it were looked up by.
    propensities
        Probability with which each chosen option is on the list; None where the policy splits no traffic.
    degraded
        Why the answer may be outdated; None while Redis is available.

    """

    snapshot: Snapshot
    active: ActivePolicy
    contacts: Sequence[ContactState]
    options: Options
    inputs: ContactOptions
    ranked: RankedOptions
    scopes: Sequence[RequestScope]
    now_ms: int
    propensities: np.ndarray | None = None
    degraded: Degraded | None = None

    @property
    def contact(self) -> ContactState:
        """The contact of a request."""
        return self.contacts[0]

    @property
    def product_ids(self) -> list[str]:
        """Ids of the chosen products, best first."""
        return [self.options.product_ids[option] for option in self.ranked.chosen.tolist()]


def rank_request(runtime: Runtime, store: Store, request: ListRequest, seed: int = 0) -> Ranking:
    """Read a contact and rank its options; `seed` draws the options of a random variant.

    Raises
    ------
    NotFound
        The policy is not active, or the contact is unknown and the request has no candidates.
    StoreUnavailable
        Redis is away, and the process has no copy that can be trusted.

    """
    stale = runtime.shared(StaleContactCache)
    try:
        with metrics.read_stage.time():
            snapshot, contact = _read(runtime, store, request)
    except StoreUnavailable as error:
        return _rank_stale(runtime, store, request, error, seed)
    stale.keep(store, request.policy, contact, runtime.clock())
    return rank_contact(runtime, store, request, snapshot, contact, seed)


def _read(runtime: Runtime, store: Store, request: ListRequest) -> tuple[Snapshot, ContactState]:
    """Read the contact with the cached snapshot, and again where the tenant's head has changed since."""
    snapshots = runtime.shared(Snapshots)
    snapshot = snapshots.get(store)
    for _ in range(3):
        head, contact = read_contact(store, snapshot, request.contact_id, request.policy)
        if head == snapshot.head:
            break
        snapshot = snapshots.renew(store)
    if request.policy not in snapshot.policies:
        known = ", ".join(snapshot.policies) or "none"
        raise NotFound(f"policy '{request.policy}' is not active; active are {known}", code="unknown_policy")
    return snapshot, contact


def _rank_stale(runtime: Runtime, store: Store, request: ListRequest, error: StoreUnavailable, seed: int) -> Ranking:
    """Rank what the process read earlier, where that can be trusted."""
    snapshot = runtime.shared(Snapshots).held(store)
    if snapshot is None or request.policy not in snapshot.policies:
        raise error
    contact, degraded = runtime.shared(StaleContactCache).stand_in(
        store,
        snapshot.policies[request.policy],
        snapshot.version_name,
        request.contact_id,
        inline=request.candidates is not None,
        now_ms=runtime.clock(),
    )
    return replace(rank_contact(runtime, store, request, snapshot, contact, seed), degraded=degraded)


def rank_contact(
    runtime: Runtime, store: Store, request: ListRequest, snapshot: Snapshot, contact: ContactState, seed: int = 0
) -> Ranking:
    """Rank a contact's options by its variant of the requested policy."""
    active = snapshot.policies[request.policy]
    if not active.controls:
        return rank_contacts(runtime, store, request, snapshot, active, [contact])
    variants = {PLAIN: active, **active.controls}
    every = {
        name: rank_contacts(runtime, store, request, snapshot, variant, [contact], seed)
        for name, variant in variants.items()
    }
    served = every[variant_of(store, active.policy, contact.digest)]
    drawable = np.flatnonzero(every.get(RANDOM_ELIGIBLE, served).ranked.drawable)
    lists = {name: one.ranked.chosen for name, one in every.items()}
    option_count = len(served.options.product_ids)
    chances = inclusion_chances(option_count, lists, drawable, request.k, active.policy.variants)
    return replace(served, propensities=chances[served.ranked.chosen])


def rank_contacts(
    runtime: Runtime,
    store: Store,
    request: ListRequest,
    snapshot: Snapshot,
    active: ActivePolicy,
    contacts: Sequence[ContactState],
    seed: int = 0,
) -> Ranking:
    """Rank the options of contacts by one policy or variant; of `request`, its contact id is not used."""
    now_ms, began = runtime.clock(), perf_counter()
    options, scopes, inputs = gather_inputs(runtime, store, request, snapshot, active, contacts, now_ms)
    scored = score_options(active.plan, inputs)
    reinforced = perf_counter()
    order_by = draw_order(contacts, options, seed) if active.variant == RANDOM_ELIGIBLE else None
    ranked = rank_options(active.plan, inputs, scored, today=runtime.day_of(now_ms), k=request.k, order_by=order_by)
    metrics.reinforce_stage.observe(reinforced - began)
    metrics.rules_stage.observe(perf_counter() - reinforced)
    return Ranking(
        snapshot=snapshot,
        active=active,
        contacts=contacts,
        options=options,
        inputs=inputs,
        ranked=ranked,
        scopes=scopes,
        now_ms=now_ms,
    )
