"""Ranked lists of all contacts in a file, for a campaign or a warehouse: a dry export, or lists that are served.

A dry export stores nothing and counts no lap; `served_batch.py` makes the lists that are served.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from dog.core.traffic_split import PLAIN
from dog.errors import InvalidInput
from dog.services.data.served_batch import SERVED_COLUMNS, ServedBatch
from dog.services.data.table_files import csv_line
from dog.services.lists.active_policy import variant_of
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import Ranking, rank_contacts
from dog.services.lists.read_contact import ContactState
from dog.services.lists.read_contacts import read_contacts
from dog.services.lists.rule_columns import mixes_text_and_numbers
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.contacts import read_partitions
from dog.storage.ids import clean_id

CONTACTS_PER_TRIP = 250
Line = tuple[Any, ...]

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


def batch_recommend(runtime: Runtime, tenant: str, k: int, policy: str) -> Iterator[tuple[float, list[Line]]]:
    """Rank the options of every contact, k at most; yield the share done and the rows of each partition."""
    store = runtime.store(tenant)
    snapshot = runtime.shared(Snapshots).current(store)
    active = snapshot.policy(policy)
    request = ListRequest("", k=k, policy=policy, dry_run=True)
    for partition, packed in enumerate(read_partitions(store, "contacts")):
        rows: list[Line] = []
        records = ((digest, orjson.loads(record)) for digest, record in packed.items())
        while some := dict(islice(records, CONTACTS_PER_TRIP)):
            contacts = read_contacts(store, snapshot, active, partition, some)
            now_ms = runtime.clock()
            context = RankContext(
                runtime=runtime, store=store, request=request, snapshot=snapshot, now_ms=now_ms, seed=now_ms
            )
            rows += _rank(context, contacts)
        yield (partition + 1) / store.tenant.partition_count, rows


def _rank(context: RankContext, contacts: Sequence[ContactState]) -> Iterator[Line]:
    """Rank contacts by their variants, all of one variant at once, and yield their rows in the order of contacts."""
    active, by_variant = context.active, dict[str, list[ContactState]]()
    for contact in contacts:
        by_variant.setdefault(variant_of(context.store, active.policy, contact.digest), []).append(contact)
    rows: dict[bytes, list[Line]] = {}
    for name, own in by_variant.items():
        variant = active if name == PLAIN else active.controls[name]
        # a column is text or numbers: where contacts differ in that, each has its own columns
        groups = [[contact] for contact in own] if mixes_text_and_numbers(variant, ContactTable.of(own)) else [own]
        for group in groups:
            ranking = rank_contacts(context, variant, group)
            rows |= zip((contact.digest for contact in group), _rows(ranking), strict=True)
    return chain.from_iterable(rows[contact.digest] for contact in contacts)


def _rows(ranking: Ranking) -> Iterator[list[Line]]:
    """Yield the rows of each contact, in the order of `COLUMNS`."""
    ranked = ranking.ranked
    chosen = ranked.chosen
    scores, consolidated = ranked.scores[chosen], ranked.scored.plain[chosen]
    multipliers = scores / np.where(consolidated > 0, consolidated, 1.0)
    items = zip(ranking.product_ids, scores.tolist(), consolidated.tolist(), multipliers.tolist(), strict=True)
    versions = ranking.active.version, ranking.snapshot.version_name
    for contact, size in zip(ranking.contacts, ranked.sizes.tolist(), strict=True):
        contact_id = str((contact.record or {})["contact_id"])
        yield [(contact_id, rank, *item, *versions) for rank, item in enumerate(islice(items, size), 1)]


def write_batch(
    runtime: Runtime,
    tenant: str,
    out: Path,
    k: int,
    policy: str,
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
    names: tuple[str, ...] = COLUMNS
    if batch_id is None:
        lists = batch_recommend(runtime, tenant, k, policy)
    else:
        batch = ServedBatch(runtime=runtime, tenant=tenant, k=k, policy=policy, batch_id=clean_id(batch_id, "batch_id"))
        names, lists = SERVED_COLUMNS, batch.serve()
    columns: list[list[Any]] = [[] for _ in names]
    for share, found in lists:
        for column, values in zip(columns, zip(*found, strict=True), strict=False):  # no values where there are no rows
            column.extend(values)
        report(share)
    unfinished = out.with_name(out.name + ".part")
    if out.suffix == ".csv":
        with unfinished.open("w", encoding="utf-8", newline="") as lines:
            lines.writelines(map(csv_line, chain([names], zip(*columns, strict=True))))
    else:
        pq.write_table(pa.table(dict(zip(names, columns, strict=True))), unfinished)
    unfinished.replace(out)
    return len(columns[0])
