"""Measure who gets which offers: each contact's best score, and what every rule, rest and season takes from it.

As where contacts are ranked beside each other, caps, exclusive products and pins, which arrange a list, have no effect.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dog.core.policy.policy import Policy
from dog.errors import NotFound
from dog.services.lists.contact_filter import EVERYONE, scan_records
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.rank_across_contacts import Pages, across_context, rank_pages
from dog.services.lists.rank_request import Ranking
from dog.services.lists.read_contacts import Records
from dog.services.lists.snapshot import Head
from dog.services.lists.taken_offers import Cause, best_offers, find_taken_offers
from dog.services.policies.policy_store import read_stored_policy
from dog.services.publishing.sample_ranker import with_policy
from dog.services.runtime import Runtime

MOST_CONTACTS = 50_000
"""Contacts that are measured; contacts are spread over partitions by chance, so the first ones are a fair sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseEffect:
    """What one cause takes away; arrays of its contacts unless they say otherwise."""

    contacts: np.ndarray  # their places in `Coverage.contacts`
    options: np.ndarray  # how many options it acts on
    best: np.ndarray  # highest score without it, NaN where there would be no offer either
    products: np.ndarray  # options by product number, shape (products + 1,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What contacts get by one version of a policy; arrays of shape (contacts,)."""

    version: str
    head: Head  # of the tenant when it was measured
    as_of_ms: int
    contacts: Sequence[bytes]  # digests: nothing but the tenant's secret leads from one to a contact that was erased
    segments: Sequence[str]  # '' for contacts without one
    best: np.ndarray  # highest score, NaN for a contact that gets no offer
    scored: np.ndarray  # whether any product has a score
    causes: Mapping[Cause, CauseEffect]
    complete: bool  # whether all contacts were measured


def measure_coverage(
    runtime: Runtime,
    tenant: str,
    policy: str | None = None,
    *,
    version: str = "",
    draft: Policy | None = None,
    most_contacts: int = MOST_CONTACTS,
    report: Callable[[float], None] = lambda _: None,
) -> Coverage:
    """Measure the live version of a policy, None for the default one, a stored version or a draft; nothing is counted.

    `report` is given the share that is done. Raise `NotFound` where the policy is not active, or the version not kept.
    """
    store = runtime.store(tenant)
    context = across_context(runtime, store, policy=policy)
    name = context.active.policy.name
    if version not in ("", context.active.version):
        draft = read_stored_policy(store, name, version)
        if draft is None:
            raise NotFound(f"policy '{name}' has no version '{version}'", code="unknown_policy")
    if draft is not None:
        context = replace(context, snapshot=with_policy(store, context.snapshot, replace(draft, name=name)))
    partitions, found = store.tenant.partition_count, _Measured(len(context.snapshot.catalogue))
    pages = _reported(scan_records(store, EVERYONE, most_contacts), partitions, most_contacts, report)
    for ranking in rank_pages(context, pages):
        found.add(ranking)
    is_complete = len(found.contacts) < most_contacts
    return found.coverage(context.active.version, context.snapshot.head, context.now_ms, complete=is_complete)


def _reported(
    pages: Pages, partitions: int, most: int, report: Callable[[float], None]
) -> Iterator[tuple[int, Records]]:
    """Yield pages and report which share of the partitions, or of the contacts to be measured, was read."""
    read = 0
    for partition, records in pages:
        yield partition, records
        read += len(records)
        report(max(partition / partitions, min(1.0, read / most)))


class _Measured:
    """What is known of the contacts added so far."""

    def __init__(self, products: int) -> None:
        self.contacts: list[bytes] = []
        self._products = products
        self._segments: list[str] = []
        self._best: list[np.ndarray] = []
        self._scored: list[np.ndarray] = []
        self._causes: dict[Cause, list[CauseEffect]] = {}

    def add(self, ranking: Ranking) -> None:
        """Add ranked contacts."""
        first, scores, options = len(self.contacts), ranking.ranked.scores, ranking.options
        table = ContactTable.of(ranking.contacts)
        records = [record or {} for record in table.records]
        self.contacts += table.digests
        self._segments += [str(record.get("segment") or "") for record in records]
        self._best.append(best_offers(ranking, scores, ranking.ranked.eligible))
        self._scored.append(~np.isnan(best_offers(ranking, scores, np.ones(len(scores), bool))))
        owners = np.repeat(np.arange(len(records)), np.diff(options.starts))
        for cause, marks, best in find_taken_offers(ranking):
            counts = np.bincount(owners[marks], minlength=len(records))
            places = np.flatnonzero(counts)
            effect = CauseEffect(
                contacts=first + places,
                options=counts[places],
                best=best[places],
                products=np.bincount(options.products[marks], minlength=self._products + 1),
            )
            self._causes.setdefault(cause, []).append(effect)

    def coverage(self, version: str, head: Head, as_of_ms: int, *, complete: bool) -> Coverage:
        """Return all of it."""
        return Coverage(
            version=version,
            head=head,
            as_of_ms=as_of_ms,
            contacts=self.contacts,
            segments=self._segments,
            best=_joined(self._best),
            scored=_joined(self._scored).astype(bool),
            causes={cause: _join_effects(parts) for cause, parts in self._causes.items()},
            complete=complete,
        )


def _join_effects(parts: Sequence[CauseEffect]) -> CauseEffect:
    return CauseEffect(
        contacts=_joined(part.contacts for part in parts),
        options=_joined(part.options for part in parts),
        best=_joined(part.best for part in parts),
        products=np.sum([part.products for part in parts], axis=0),
    )


def _joined(arrays: Iterable[np.ndarray]) -> np.ndarray:
    found = list(arrays)
    return np.concatenate(found) if found else np.zeros(0)
