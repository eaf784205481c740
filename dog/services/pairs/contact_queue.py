"""A rep's queue: contacts without a list this week, the one whose best option is worth most first.

Ranking thousands of contacts takes too long for each request. A process keeps the ranked queue of a rep and filter for
half a minute; what it answers leaves out who had a list or was put off since, and ranks those at the front again.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from dog.core.bounded_cache import remember
from dog.core.iso_weeks import format_week, week_of
from dog.services.lists.contact_filter import ContactFilter
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.rank_across_contacts import BestOption, across_context, best_options
from dog.services.lists.read_contacts import Records
from dog.services.lists.snapshot import Snapshot
from dog.services.runtime import Runtime
from dog.storage.actor_snoozes import read_snoozes
from dog.storage.contacts import name_of_contact, read_records_of, scan_contacts
from dog.storage.store import Store

MAX_WAITING, MAX_READ = 10_000, 100_000
"""Contacts among which a queue ranks, and whose records are read at most to find those."""
KEPT = 1_000
"""The best contacts of a queue, which are kept."""
KEPT_MS = 30_000
MOST_QUEUES = 64
RANKED_AGAIN = 8
"""Contacts at the front that are ranked again, beyond those that are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """Which contacts a queue has: those for which all hold.

    Parameters
    ----------
    product_id
        Rank contacts for this product; None: each by its best option.
    least_value
        The value of the product is at least this.

    """

    segment: str | None = None
    owner: str | None = None
    product_id: str | None = None
    least_value: float | None = None

    @property
    def contacts(self) -> ContactFilter:
        """The conditions on contacts alone."""
        return ContactFilter(segment=self.segment, owner=self.owner)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedContact:
    """A contact of a queue, with the product that is worth most."""

    digest: bytes
    contact_id: str
    name: str
    segment: str
    owner: str
    product_id: str
    product: str
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """Some contacts of a queue, the best first, and how many are left; `complete` if all were counted."""

    contacts: Sequence[QueuedContact]
    left: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _RankedQueue:
    """A queue as it was ranked."""

    snapshot: Snapshot
    at_ms: int
    best: Sequence[QueuedContact]
    waiting: int
    complete: bool


PutOff = frozenset[tuple[bytes, int]]


@dataclass(slots=True)
class RankedQueues:
    """The queues that this process keeps, by tenant, rep, filter and the products that the rep has put off."""

    by_key: dict[tuple[str, str | None, QueueFilter, PutOff], _RankedQueue] = field(default_factory=dict)


ALL = QueueFilter()


def next_contacts(
    runtime: Runtime,
    tenant: str,
    *,
    without: Collection[str] = (),
    count: int = 1,
    actor_id: str | None = None,
    where: QueueFilter = ALL,
) -> list[str]:
    """Return the contacts whose best options are worth most, the best first, of those without a list this week.

    `without` are left out: those just done, and those that somebody works on; `actor_id` is who asks. In a tenant with
    more than `MAX_WAITING` waiting contacts they are the best among as many, from the partition of the first of
    `without` on.
    """
    store = runtime.store(tenant)
    context = _context(runtime, store, actor_id, where)
    if context is None:
        return []
    left_out = frozenset(without)
    for ranked in _queues(context, actor_id, where, next(iter(without), None)):
        waiting = iter([one for one in _left(context, ranked.best, actor_id) if one.contact_id not in left_out])
        found: list[BestOption] = []
        while len(found) < count and (some := list(islice(waiting, count + RANKED_AGAIN))):
            found += _rank_again(context, some, where, count + RANKED_AGAIN)
        if found:
            return [one.contact_id for one in found[:count]]
    return []


def read_queue(
    runtime: Runtime, tenant: str, *, actor_id: str, where: QueueFilter = ALL, first: int = 0, limit: int = 50
) -> QueuePage:
    """Return the contacts of a rep's queue from a place on, as far as they are kept."""
    store = runtime.store(tenant)
    context = _context(runtime, store, actor_id, where)
    if context is None:
        return QueuePage(contacts=[], left=0, complete=True)
    ranked = next(_queues(context, actor_id, where, None))
    left = _left(context, ranked.best, actor_id)
    return QueuePage(
        contacts=left[first : first + limit],
        left=ranked.waiting - (len(ranked.best) - len(left)),
        complete=ranked.complete,
    )


def _context(runtime: Runtime, store: Store, actor_id: str | None, where: QueueFilter) -> RankContext | None:
    """Return what ranks the contacts; None where the filter's product is not known, or not worth enough."""
    runtime.shared(DecisionWriter).flush()  # so that lists of the last moment count
    context = across_context(runtime, store, actor_id=actor_id)
    context = replace(context, put_off=_put_off(context, actor_id))
    if where.product_id is None:
        return context
    number = context.snapshot.catalogue.numbers.get(where.product_id)
    if number is None or not _is_worth(context, number, where):
        return None
    return replace(context, product=number)


def _put_off(context: RankContext, actor_id: str | None) -> dict[bytes, set[int]]:
    """Return the products that a rep has put off, by contact: none of them makes a contact come first."""
    found: dict[bytes, set[int]] = {}
    for snooze in read_snoozes(context.store, actor_id, context.now_ms) if actor_id else []:
        if snooze.product is not None:
            found.setdefault(snooze.contact, set()).add(snooze.product)
    return found


def _queues(
    context: RankContext, actor_id: str | None, where: QueueFilter, after: str | None
) -> Iterator[_RankedQueue]:
    """Yield the kept queue where there is one, then one that is ranked now."""
    queues = context.runtime.shared(RankedQueues).by_key
    put_off = frozenset((digest, product) for digest, own in (context.put_off or {}).items() for product in own)
    key = (context.store.tenant.name, actor_id, where, put_off)
    kept = queues.get(key)
    if kept and kept.snapshot is context.snapshot and 0 <= context.now_ms - kept.at_ms < KEPT_MS:
        yield kept
    yield remember(queues, key, _rank(context, where, after), most=MOST_QUEUES)


def _rank(context: RankContext, where: QueueFilter, after: str | None) -> _RankedQueue:
    counted = _CountedPages(context=context, where=where.contacts, after=after)
    best = [one for one in best_options(context, counted.pages(), KEPT) if _is_worth(context, one.product, where)]
    is_filtered = where.product_id is not None or where.least_value is not None
    return _RankedQueue(
        snapshot=context.snapshot,
        at_ms=context.now_ms,
        best=[_describe(context, one) for one in best],
        waiting=len(best) if is_filtered else counted.waiting,
        complete=counted.complete and (not is_filtered or len(best) < KEPT),
    )


@dataclass(slots=True, kw_only=True)
class _CountedPages:
    """The records of contacts without a list this week, page by page up to the bounds, and how many there were."""

    context: RankContext
    where: ContactFilter
    after: str | None
    waiting: int = 0
    complete: bool = False

    def pages(self) -> Iterator[tuple[int, Records]]:
        """Yield partitions with a page of records."""
        store, count, read = self.context.store, self.context.store.tenant.partition_count, 0
        first = store.tenant.partition_number(store.tenant.contact(self.after)) if self.after else 0
        for partition, packed in scan_contacts(store, [(first + step) % count for step in range(count)]):
            served = store.execute("HMGET", _week_laps(self.context, partition), *packed)
            left = {digest: packed[digest] for digest, laps in zip(packed, served, strict=True) if laps is None}
            records = self.where.records(left)
            yield partition, records
            read, self.waiting = read + len(packed), self.waiting + len(records)
            if self.waiting >= MAX_WAITING or read >= MAX_READ:
                return
        self.complete = True


def _week_laps(context: RankContext, partition: int) -> bytes:
    week = format_week(week_of(context.now_ms, context.runtime.settings.zone))
    return context.store.keys.partition(partition).of("laps", week)


def _left(context: RankContext, best: Sequence[QueuedContact], actor_id: str | None) -> list[QueuedContact]:
    """Leave out the contacts that had a list since, and those that the rep has put off."""
    store = context.store
    snoozes = read_snoozes(store, actor_id, context.now_ms) if actor_id else []
    gone = {snooze.contact for snooze in snoozes if snooze.product is None}
    parts = store.tenant.by_partition((one.digest, one.digest) for one in best)
    answers = store.execute_all(
        ("HMGET", _week_laps(context, partition), *digests) for partition, digests in parts.items()
    )
    for digests, served in zip(parts.values(), answers, strict=True):
        gone.update(digest for digest, laps in zip(digests, served, strict=True) if laps is not None)
    return [one for one in best if one.digest not in gone]


def _rank_again(context: RankContext, some: Sequence[QueuedContact], where: QueueFilter, k: int) -> list[BestOption]:
    """Rank some contacts as they are now."""
    records = read_records_of(context.store, [one.digest for one in some])
    parts = context.store.tenant.by_partition((digest, digest) for digest in records)
    pages = [(partition, {digest: records[digest] for digest in digests}) for partition, digests in parts.items()]
    return [one for one in best_options(context, pages, k) if _is_worth(context, one.product, where)]


def _is_worth(context: RankContext, product: int, where: QueueFilter) -> bool:
    if where.least_value is None:
        return True
    value = _value(context, product)
    return value is not None and value >= where.least_value


def _value(context: RankContext, product: int) -> float | None:
    value = context.snapshot.catalogue.records[product].get("value")
    return float(value) if isinstance(value, int | float) else None


def _describe(context: RankContext, one: BestOption) -> QueuedContact:
    catalogue, record = context.snapshot.catalogue, one.contact.record or {}
    product_id = catalogue.ids[one.product]
    return QueuedContact(
        digest=one.contact.digest,
        contact_id=one.contact_id,
        name=name_of_contact(record),
        segment=str(record.get("segment") or ""),
        owner=str(record.get("owner") or ""),
        product_id=product_id,
        product=catalogue.name_of(product_id),
        value=_value(context, one.product),
    )
