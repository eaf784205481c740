"""Ranked lists of all contacts, part by part, for a campaign or a warehouse: a dry export, or lists that are served.

A dry export stores nothing and counts no lap; `served_batch.py` makes the lists that are served. `batch_file.py` writes
either into files, `batch_table.py` into a database. Each part, some partitions, is a task of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import orjson

from dog.batched import batched
from dog.services.data.served_batch import SERVED_COLUMNS, ServedBatch
from dog.services.lists.active_policy import ActivePolicy, variants_of
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.rank_across_contacts import across_context, gather_pages, split_by_variant
from dog.services.lists.rank_request import Ranking, rank_contacts
from dog.services.lists.read_contacts import Records, read_to_rank
from dog.services.partition_parts import group_partitions
from dog.services.prefetch import prefetch
from dog.services.runtime import Runtime
from dog.storage.ids import clean_id
from dog.storage.store import Store
from dog.storage.stretches import read_hash

CONTACTS_AT_ONCE = 500
"""Contacts that are read and ranked together."""
CONTACTS_OF_PART = 5_000
"""Small partitions are put together until a part has this number of contacts."""
Columns = Sequence[Sequence[Any]]
"""The values of some rows, column by column."""

COLUMNS = (
    "contact_id",
    "rank",
    "product_id",
    "score",
    "consolidated",
    "multiplier",
    "policy_version",
    "multiplier_version",
)
WHOLE = frozenset({"rank"})
NUMBERS = frozenset({"score", "consolidated", "multiplier"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What lists a batch makes: k items a contact at most, by a policy; with an id they are served.

    `now_ms` is the time for which dry lists are made; served ones have their own.
    """

    tenant: str
    k: int
    policy: str
    batch_id: str | None
    now_ms: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return COLUMNS if self.batch_id is None else SERVED_COLUMNS


def open_batch(runtime: Runtime, tenant: str, k: int, policy: str | None, batch_id: str | None = None) -> Batch:
    """Return a batch by an active policy, of None the tenant's default.

    Raises
    ------
    NotFound
        The policy is not active.

    """
    name = across_context(runtime, runtime.store(tenant), policy=policy).active.policy.name
    served = None if batch_id is None else clean_id(batch_id, "batch_id")
    return Batch(tenant=tenant, k=k, policy=name, batch_id=served, now_ms=runtime.clock())


def plan_parts(store: Store) -> list[range]:
    """Divide the partitions, in their order, into parts with enough contacts for a task."""
    return group_partitions(store.in_partitions("HLEN", "contacts"), CONTACTS_OF_PART)


def rank_part(runtime: Runtime, part: range, batch: Batch) -> Columns:
    """Rank the options of every contact of some partitions; return the rows in the order of partitions and contacts.

    With a batch's id the lists are served: kept as decisions and counted as laps, once for each id.

    Raises
    ------
    Conflict
        The batch's id was used with another `k` or policy.

    """
    if batch.batch_id is not None:
        served = ServedBatch(
            runtime=runtime, tenant=batch.tenant, k=batch.k, policy=batch.policy, batch_id=batch.batch_id
        )
        found: list[Columns] = [served.serve(partition) for partition in part]
    else:
        store = runtime.store(batch.tenant)
        context = across_context(runtime, store, policy=batch.policy)
        request = replace(context.request, k=batch.k)
        context = replace(context, request=request, across=False, now_ms=batch.now_ms, seed=batch.now_ms)
        variants = variants_of(context.active)
        found = [_rank(context, variants, contacts) for contacts in prefetch(_read(context, part))]
    return [[value for columns in found for value in columns[place]] for place in range(len(batch.columns))]


def _read(context: RankContext, part: range) -> Iterator[ContactTable]:
    """Yield contacts to be ranked together."""
    for some in gather_pages(_pages(context.store, part), CONTACTS_AT_ONCE):
        yield read_to_rank(context.store, context.snapshot, context.active, some, None)


def _pages(store: Store, part: range) -> Iterator[tuple[int, Records]]:
    for partition in part:
        packed = read_hash(store, store.keys.partition(partition).of("contacts"))
        records = ((digest, orjson.loads(record)) for digest, record in packed.items())
        for page in batched(records, CONTACTS_AT_ONCE):
            yield partition, dict(page)


def _rank(context: RankContext, variants: Mapping[str, ActivePolicy], contacts: ContactTable) -> Columns:
    """Rank contacts by their variants, all of one variant at once; return their rows in the order of contacts."""
    place_of = {digest: place for place, digest in enumerate(contacts.digests)}
    owners, parts = [], []
    for active, own in split_by_variant(context, variants, contacts):
        ranking = rank_contacts(context, active, own)
        owners.append(np.repeat([place_of[contact] for contact in own.digests], ranking.ranked.sizes))
        parts.append(_columns(ranking, own))
    in_order = np.argsort(np.concatenate(owners), kind="stable")
    return [np.concatenate(column)[in_order].tolist() for column in zip(*parts, strict=True)]


def _columns(ranking: Ranking, contacts: ContactTable) -> list[np.ndarray]:
    ranked, sizes = ranking.ranked, ranking.ranked.sizes
    chosen = ranked.chosen
    scores, consolidated = ranked.scores[chosen], ranked.scored.plain[chosen]
    texts: list[Sequence[Any]] = [[str((record or {})["contact_id"]) for record in contacts.records]]
    texts += [ranking.product_ids, [ranking.active.version], [ranking.snapshot.version_name]]
    contact_ids, product_ids, version, multiplier_version = (np.array(column, object) for column in texts)
    return [
        contact_ids.repeat(sizes),
        np.arange(len(chosen)) - (np.cumsum(sizes) - sizes).repeat(sizes) + 1,
        product_ids,
        scores,
        consolidated,
        scores / np.where(consolidated > 0, consolidated, 1.0),
        version.repeat(len(chosen)),
        multiplier_version.repeat(len(chosen)),
    ]
