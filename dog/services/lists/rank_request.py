"""Rank the options of a request, in order: read, gather what the arithmetic needs, call the pipeline.

snapshot and contact (one round trip) -> options with scores and multipliers -> verdicts, rule columns, past events
    -> core/pipeline.py: scores, rules, the k best -> the contact's variant, where the policy splits its traffic

While Redis is away the copies of stale_contacts.py are ranked (degraded mode). With a traffic split every variant is
ranked, because the propensities need all lists.

Nothing is stored here. Requests, previews and shadow lists rank one contact; batch lists rank many at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from dog import metrics
from dog.core.pipeline import RankedOptions, RankInputs, rank_options, score_options
from dog.core.traffic_split import RANDOM_ELIGIBLE, inclusion_chances
from dog.core.verdicts.verdict_multipliers import RequestScope
from dog.errors import StoreUnavailable
from dog.services.lists.active_policy import ActivePolicy, variant_of, variants_of
from dog.services.lists.gather_inputs import RankContext, draw_order, gather_inputs
from dog.services.lists.list_request import ListRequest
from dog.services.lists.options import Options
from dog.services.lists.read_contact import ContactState, read_contact
from dog.services.lists.request_contact import with_request
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.lists.stale_contacts import Degraded, StaleContactCache
from dog.services.runtime import Runtime
from dog.storage.store import Store


@dataclass(slots=True, kw_only=True)  # not frozen: one is made for each list, and takes a fifth of the time
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

    context: RankContext
    active: ActivePolicy
    contacts: Sequence[ContactState]
    options: Options
    inputs: RankInputs
    ranked: RankedOptions
    scopes: Sequence[RequestScope]
    propensities: np.ndarray | None = None
    degraded: Degraded | None = None

    @property
    def request(self) -> ListRequest:
        """What was asked for."""
        return self.context.request

    @property
    def snapshot(self) -> Snapshot:
        """The tenant as it was read."""
        return self.context.snapshot

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
    stale, degraded = runtime.shared(StaleContactCache), None
    try:
        began = perf_counter()
        snapshot, contact = _read(runtime, store, request)
        metrics.read_stage.observe(perf_counter() - began)
    except StoreUnavailable as error:
        context = _stale_context(runtime, store, request, error, seed)
        contact, degraded = stale.stand_in(context)
    else:
        context = RankContext(
            runtime=runtime, store=store, request=request, snapshot=snapshot, now_ms=runtime.clock(), seed=seed
        )
        stale.keep(context, contact)
    ranking = rank_contact(context, with_request(contact, context))
    return replace(ranking, degraded=degraded) if degraded else ranking


def _read(runtime: Runtime, store: Store, request: ListRequest) -> tuple[Snapshot, ContactState]:
    """Read the contact with the cached snapshot, and again where the tenant's head has changed since."""
    snapshots = runtime.shared(Snapshots)
    snapshot = snapshots.get(store)
    for _ in range(3):
        head, contact = read_contact(store, snapshot, request.contact_id, request.policy)
        if head == snapshot.head:
            break
        snapshot = snapshots.renew(store)
    snapshot.policy(request.policy)
    return snapshot, contact


def _stale_context(
    runtime: Runtime, store: Store, request: ListRequest, error: StoreUnavailable, seed: int
) -> RankContext:
    """Return the context by the cached snapshot while Redis is away; raise the error where there is none."""
    snapshot = runtime.shared(Snapshots).cached(store)
    if snapshot is None or snapshot.find_policy(request.policy) is None:
        raise error
    return RankContext(
        runtime=runtime, store=store, request=request, snapshot=snapshot, now_ms=runtime.clock(), seed=seed
    )


def rank_contact(context: RankContext, contact: ContactState) -> Ranking:
    """Rank a contact's options by its variant of the requested policy."""
    active = context.active
    if not active.controls:
        return rank_contacts(context, active, [contact])
    every = {name: rank_contacts(context, variant, [contact]) for name, variant in variants_of(active).items()}
    served = every[variant_of(context.store, active.policy, contact.digest)]
    drawable = np.flatnonzero(every.get(RANDOM_ELIGIBLE, served).ranked.drawable)
    lists = {name: one.ranked.chosen for name, one in every.items()}
    option_count = len(served.options.product_ids)
    chances = inclusion_chances(option_count, lists, drawable, served.inputs.k, active.policy.variants)
    return replace(served, propensities=chances[served.ranked.chosen])


def rank_contacts(context: RankContext, active: ActivePolicy, contacts: Sequence[ContactState]) -> Ranking:
    """Rank the options of one or more contacts by one policy or variant."""
    began = perf_counter()
    options, scopes, inputs = gather_inputs(context, active, contacts)
    scored = score_options(active.plan, inputs)
    reinforced = perf_counter()
    order_by = draw_order(contacts, options, context.seed) if active.variant == RANDOM_ELIGIBLE else None
    ranked = rank_options(active.plan, inputs, scored, order_by)
    metrics.reinforce_stage.observe(reinforced - began)
    metrics.rules_stage.observe(perf_counter() - reinforced)
    return Ranking(
        context=context,
        active=active,
        contacts=contacts,
        options=options,
        inputs=inputs,
        ranked=ranked,
        scopes=scopes,
    )
