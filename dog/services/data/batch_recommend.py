"""Ranked lists of all contacts in a file, for a campaign or a warehouse: a dry export, or lists that are served.

A dry export stores nothing and counts no lap; `served_batch.py` makes the lists that are served, `batch_table.py`
writes either into a database.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from dog.errors import InvalidInput
from dog.services.data.served_batch import SERVED_COLUMNS, ServedBatch
from dog.services.data.table_files import csv_line, csv_lines
from dog.services.lists.active_policy import ActivePolicy, variants_of
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.rank_across_contacts import across_context, gather_pages, split_by_variant
from dog.services.lists.rank_request import Ranking, rank_contacts
from dog.services.lists.read_contacts import Records, read_to_rank
from dog.services.prefetch import prefetch
from dog.services.runtime import Runtime
from dog.storage.contacts import read_partitions
from dog.storage.ids import clean_id
from dog.storage.store import Store

CONTACTS_AT_ONCE = 500
"""Contacts that are read and ranked together."""
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


def batch_recommend(runtime: Runtime, tenant: str, k: int, policy: str | None) -> Iterator[tuple[float, Columns]]:
    """Rank the options of every contact, k at most; yield the share done and rows, in the order of `COLUMNS`."""
    store = runtime.store(tenant)
    context = across_context(runtime, store, policy=policy)
    context = replace(context, request=replace(context.request, k=k), across=False)
    variants, count = variants_of(context.active), store.tenant.partition_count
    for last, contacts in prefetch(_read(context)):
        now_ms = runtime.clock()
        rows = _rank(replace(context, now_ms=now_ms, seed=now_ms), variants, contacts)
        yield (last + 1) / count, rows


def _read(context: RankContext) -> Iterator[tuple[int, ContactTable]]:
    """Yield contacts to be ranked together, and the last partition of which there are any."""
    for some in gather_pages(_pages(context.store), CONTACTS_AT_ONCE):
        yield some[-1][0], read_to_rank(context.store, context.snapshot, context.active, some, None)


def _pages(store: Store) -> Iterator[tuple[int, Records]]:
    for partition, packed in enumerate(read_partitions(store, "contacts")):
        records = ((digest, orjson.loads(record)) for digest, record in packed.items())
        while page := dict(islice(records, CONTACTS_AT_ONCE)):
            yield partition, page


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


def lists_of_batch(
    runtime: Runtime, tenant: str, k: int, policy: str | None, batch_id: str | None
) -> tuple[tuple[str, ...], Iterator[tuple[float, Columns]]]:
    """Return the names of the columns, and what yields the share done and rows; with a batch's id lists are served."""
    if batch_id is None:
        return COLUMNS, batch_recommend(runtime, tenant, k, policy)
    name = across_context(runtime, runtime.store(tenant), policy=policy).active.policy.name
    batch = ServedBatch(runtime=runtime, tenant=tenant, k=k, policy=name, batch_id=clean_id(batch_id, "batch_id"))
    return SERVED_COLUMNS, batch.serve()


def write_batch(
    runtime: Runtime,
    tenant: str,
    out: Path,
    k: int,
    policy: str | None,
    report: Callable[[float], None],
    *,
    batch_id: str | None = None,
) -> int:
    """Write the lists of every contact to a Parquet or CSV file, whole or not at all; return the number of rows.

    With a batch's id the lists are served: kept as decisions and counted as laps, once for each id.

    Raises
    ------
    InvalidInput
        The ending is neither .parquet nor .csv.
    NotFound
        The policy is not active.
    Conflict
        The batch's id was used with another `k` or policy.

    """
    import pyarrow as pa  # noqa: PLC0415  # a fifth of a second to import, for files alone
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    if out.suffix not in (".parquet", ".csv"):
        raise InvalidInput(f"{out.name}: the ending must be .parquet or .csv")
    names, lists = lists_of_batch(runtime, tenant, k, policy, batch_id)
    columns: list[list[Any]] = [[] for _ in names]
    for share, found in lists:
        for column, values in zip(columns, found, strict=True):
            column.extend(values)
        report(share)
    unfinished = out.with_name(out.name + ".part")
    if out.suffix == ".csv":
        with unfinished.open("w", encoding="utf-8", newline="") as lines:
            lines.writelines(chain([csv_line(names)], csv_lines(columns)))
    else:
        pq.write_table(pa.table(dict(zip(names, columns, strict=True))), unfinished)
    unfinished.replace(out)
    return len(columns[0])
