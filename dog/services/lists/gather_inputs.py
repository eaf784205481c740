"""Gather what the pipeline needs of the contacts of a request: options, verdicts, columns of the rules, past events."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from dog.core.pipeline import RankInputs
from dog.core.traffic_split import NO_MULTIPLIER
from dog.core.verdicts.triggers import ContactVerdicts
from dog.core.verdicts.verdict_multipliers import (
    RequestScope,
    VerdictMultipliers,
    rationale_multipliers,
    verdict_multipliers,
)
from dog.errors import NotFound
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.list_request import ListRequest
from dog.services.lists.options import Options, candidate_options, stored_options
from dog.services.lists.product_event_counts import ProductEventCounts
from dog.services.lists.read_contact import ContactState
from dog.services.lists.rule_columns import gather_rule_columns
from dog.services.lists.snapshot import Snapshot
from dog.services.runtime import Runtime
from dog.storage.store import Store

EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC).toordinal()


@dataclass(slots=True, kw_only=True)  # not frozen: one is made for each list, and takes a fifth of the time
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
    product
        Number of the only product that is offered; None for all.
    across
        Whether contacts are ranked beside each other.
    put_off
        Numbers of the products that are not offered to a contact, by its digest.

    """

    runtime: Runtime
    store: Store
    request: ListRequest
    snapshot: Snapshot
    now_ms: int
    seed: int = 0
    product: int | None = None
    across: bool = False
    put_off: Mapping[bytes, Collection[int]] | None = None

    @property
    def active(self) -> ActivePolicy:
        """The requested policy."""
        return self.snapshot.policy(self.request.policy)

    def digest64(self, value: Any) -> int:
        """Return the digest of a value as 64 bits, 0 where there is none."""
        return self.store.tenant.digest64(str(value)) if value else 0


class ContactScopes(Sequence[RequestScope]):
    """The scope of each contact, made when it is read: most contacts have no verdicts to look up."""

    __slots__ = ("_business", "_context", "_known", "_options", "_records")

    def __init__(self, context: RankContext, active: ActivePolicy, contacts: ContactTable, options: Options) -> None:
        self._context = context
        self._business = active.policy.triggers.business
        self._records = contacts.records
        self._options = options
        self._known: dict[int, RequestScope] = {}

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, place: Any) -> Any:
        """Return the scope of one contact."""
        if place not in self._known:
            self._known[place] = self._scope(place)
        return self._known[place]

    def _scope(self, place: int) -> RequestScope:
        context, record, starts = self._context, self._records[place] or {}, self._options.starts
        products = self._options.products[starts[place] : starts[place + 1]]
        today = context.runtime.day_of(context.now_ms)
        return _scope(context, record, context.snapshot.categories[products], self._business.acts_on(today))

    def keys(self, accounts: frozenset[int]) -> Iterator[tuple[str, str]]:
        """Yield a key of each contact; equal keys have equal scopes, given the accounts that have votes."""
        has_votes = cache(lambda account: self._context.digest64(account) in accounts)
        for record in self._records:
            known = record or {}
            account = str(known.get("account_id") or "") if accounts else ""
            yield str(known.get("segment") or ""), account if account and has_votes(account) else ""


def gather_inputs(
    context: RankContext, active: ActivePolicy, contacts: Sequence[ContactState]
) -> tuple[Options, Sequence[RequestScope], RankInputs]:
    """Return the options of contacts, the scope of each contact, and the pipeline's inputs.

    Raises
    ------
    NotFound
        A contact is unknown, and the request has neither its attributes or events nor candidates.

    """
    request, snapshot, now_ms = context.request, context.snapshot, context.now_ms
    today, table = context.runtime.day_of(now_ms), ContactTable.of(contacts)
    options = _gather_options(context, active, table)
    scopes = ContactScopes(context, active, table, options)
    own_verdicts = {place: contacts[place].verdicts for place in table.verdicts}
    verdicts, rationales = _multiply_by_verdicts(context, active, own_verdicts, options, scopes)
    counts, windows = context.runtime.shared(ProductEventCounts), active.plan.rulebook.limits
    by_product = counts.of(context.store, windows, len(snapshot.catalogue), now_ms)
    inputs = RankInputs(
        k=request.k,
        starts=options.starts,
        products=options.products,
        tie_order=_tie_order(context, options),
        raw=options.raw,
        performance=options.performance,
        order_odds=options.order_odds,
        verdicts=verdicts,
        rationales=rationales,
        available=_available(context, table, options, today.toordinal() - EPOCH_DAY),
        rule_columns=gather_rule_columns(
            active, snapshot, table, options, request, now_ms=now_ms, today=today, by_product=by_product
        ),
    )
    return options, scopes, inputs


def _gather_options(context: RankContext, active: ActivePolicy, contacts: ContactTable) -> Options:
    """Return the request's candidates, or the products with stored scores."""
    request, snapshot = context.request, context.snapshot
    if request.candidates is not None:
        options = candidate_options(snapshot, active, contacts, request.candidates)
    elif None in contacts.records:
        raise NotFound(
            f"contact '{request.contact_id}' is not known; load it (dog load contacts FILE), "
            'send its attributes as "contact", or send candidates with their scores',
            code="unknown_contact",
        )
    else:
        needs_all = active.plan.consolidator.method == "rrf"  # an option's rank among all
        product = None if needs_all else context.product
        options = stored_options(snapshot, active, contacts, context.now_ms, product, across=context.across)
    if active.variant == NO_MULTIPLIER:
        return options.without_multipliers()
    return options if snapshot.memory is None else options.with_memory(snapshot, active, contacts)


def _scope(
    context: RankContext, record: Mapping[str, Any], categories: np.ndarray, business_counts: bool
) -> RequestScope:
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
    own_verdicts: Mapping[int, ContactVerdicts | None],
    options: Options,
    scopes: ContactScopes,
) -> tuple[VerdictMultipliers, np.ndarray | None]:
    """Return what verdicts do to each option, and to each model's scores by contact."""
    streak, cross_contact = active.policy.reinforcement.streak, context.snapshot.cross_contact
    if not cross_contact.any and not own_verdicts:
        return VerdictMultipliers.neutral(len(options.products)), None
    if len(scopes) == 1:
        whole = verdict_multipliers(options.products, own_verdicts.get(0), cross_contact, scopes[0], streak)
    else:
        neutral = VerdictMultipliers.neutral(len(options.products))
        whole = VerdictMultipliers(**{name: getattr(neutral, name).copy() for name in VerdictMultipliers.__slots__})
        for own, places, scope in _alike(context, own_verdicts, options, scopes):
            part = verdict_multipliers(options.products[places], own, cross_contact, scope, streak)
            for name in VerdictMultipliers.__slots__:
                getattr(whole, name)[places] = getattr(part, name)
    if active.variant == NO_MULTIPLIER:
        return whole.snoozes_only(), None
    refused = {
        place: verdicts
        for place, verdicts in own_verdicts.items()
        if verdicts is not None and len(verdicts.rationales.key)
    }
    models = [context.digest64(name) for name in active.plan.names] if refused else []
    by_contact = {
        place: found
        for place, verdicts in refused.items()
        if (found := rationale_multipliers(verdicts, models, context.now_ms, streak)) is not None
    }
    if not by_contact:
        return whole, None
    rationales = np.ones((len(models), len(scopes)))
    for place, found in by_contact.items():
        rationales[:, place] = found
    return whole, rationales


def _alike(
    context: RankContext,
    own_verdicts: Mapping[int, ContactVerdicts | None],
    options: Options,
    scopes: ContactScopes,
) -> Iterator[tuple[ContactVerdicts | None, np.ndarray | slice, RequestScope]]:
    """Yield where the options are on which the same verdicts act: those of one contact, or of all with its scope."""
    cross_contact, bounds = context.snapshot.cross_contact, list(pairwise(options.starts.tolist()))
    for place in own_verdicts:
        yield own_verdicts.get(place), slice(*bounds[place]), scopes[place]
    if not cross_contact.any:
        return
    without_own: dict[tuple[str, str], list[int]] = {}
    for place, key in enumerate(scopes.keys(frozenset(cross_contact.account.key.tolist()))):
        if place not in own_verdicts:
            without_own.setdefault(key, []).append(place)
    for places in without_own.values():
        own = np.concatenate([np.arange(*bounds[place]) for place in places])
        categories = context.snapshot.categories[options.products[own]]
        yield None, own, replace(scopes[places[0]], categories=categories)


def _tie_order(context: RankContext, options: Options) -> np.ndarray:
    """Return the place of each option's product id in the order of ids."""
    if context.request.candidates is not None:
        return np.argsort(np.argsort(np.array(options.product_ids)))
    return context.snapshot.id_rank[options.products]


def _available(context: RankContext, contacts: ContactTable, options: Options, day: int) -> np.ndarray:
    """Mark the options that are in season, not put off and not excluded by the request; `day` is from 1970-01-01 on."""
    available = context.snapshot.in_season(day)[options.products]
    if context.product is not None:
        available &= options.products == context.product
    if context.request.exclude:
        unwanted = set(context.request.exclude)
        available &= np.array([product_id not in unwanted for product_id in options.product_ids], bool)
    if context.put_off:
        for digest, (begin, end) in zip(contacts.digests, pairwise(options.starts.tolist()), strict=True):
            if digest in context.put_off:
                available[begin:end] &= ~np.isin(options.products[begin:end], list(context.put_off[digest]))
    return np.asarray(available)


def draw_order(contacts: Sequence[ContactState], options: Options, seed: int) -> np.ndarray:
    """Draw a random number for each option, the same for the same seed and contact."""
    sizes = np.diff(options.starts).tolist()
    draws = [
        np.random.default_rng([seed, int.from_bytes(contact.digest)]).random(size)
        for contact, size in zip(contacts, sizes, strict=True)
    ]
    return np.concatenate(draws)
