"""Ranked lists of all contacts at once, for a campaign or a warehouse; no laps are counted, nothing is stored."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, compress, islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from dog.errors import InvalidInput, NotFound
from dog.services.data.table_files import csv_line
from dog.services.lists.rank_contacts import Lists, ReadContacts, all_plain, mixes_kinds, weigh_many
from dog.services.lists.rank_request import request_of, weigh
from dog.services.lists.read_contact import read_contact
from dog.services.lists.snapshot import ActivePolicy, Snapshot, Snapshots
from dog.services.runtime import Runtime
from dog.storage.contacts import read_partitions
from dog.storage.store import Store

CONTACTS_A_TRIP = 250
Line = tuple[Any, ...]
Records = Mapping[bytes, Mapping[str, Any]]

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


def batch_recommend(
    runtime: Runtime, tenant: str, k: int, policy: str
) -> Iterator[tuple[float, list[tuple[Any, ...]]]]:
    """Rank the options of every contact.

    Parameters
    ----------
    runtime
        What bootstrap built.
    tenant
        Whose contacts.
    k
        Items a contact at most.
    policy
        Active policy to use.

    Yields
    ------
    After each partition: the share done, and its rows in the order of `COLUMNS`.

    """
    store = runtime.store(tenant)
    snapshot = runtime.shared(Snapshots).current(store)
    if policy not in snapshot.policies:
        known = ", ".join(snapshot.policies)
        raise NotFound(f"policy '{policy}' is not active; active are {known}", code="unknown_policy")
    for partition, records in enumerate(read_partitions(store, "contacts"), 1):
        digests = list(records)
        rows: list[Line] = []
        for start in range(0, len(digests), CONTACTS_A_TRIP):
            some = {digest: orjson.loads(records[digest]) for digest in digests[start : start + CONTACTS_A_TRIP]}
            rows += _lists(runtime, store, snapshot, partition - 1, some, k, policy)
        yield partition / store.tenant.partition_count, rows


def _lists(
    runtime: Runtime, store: Store, snapshot: Snapshot, partition: int, records: Records, k: int, policy: str
) -> Iterator[Line]:
    """Rank the options of some contacts of a partition: most of them together, one by one those with verdicts."""
    active = snapshot.policies[policy]
    read, has_verdicts = _read(store, snapshot, active, partition, records)
    together = all_plain(snapshot, active) and not mixes_kinds(active, read.records)
    alone = [not together or verdicts for verdicts in has_verdicts]
    lists = _together(snapshot, active, weigh_many(runtime, store, snapshot, active, _without(read, alone), k))
    for record, by_itself in zip(read.records, alone, strict=True):
        contact_id = str(record["contact_id"])
        yield from (
            _alone(runtime, store, snapshot, contact_id, k, policy)
            if by_itself
            else ((contact_id, *line) for line in next(lists))
        )


def _read(
    store: Store, snapshot: Snapshot, active: ActivePolicy, partition: int, records: Records
) -> tuple[ReadContacts, list[bool]]:
    """Read what lists are made from, in one round trip; and who has verdicts."""
    keys, digests = store.keys.partition(partition), list(records)
    version = snapshot.version.version if snapshot.version else "-"
    hashes = [("multipliers", f"{version}:{active.multipliers_of}")]
    hashes += [("scores", model.name) for model in active.models]
    trip = store.trip()
    for ledger in ("verdicts", "outcomes"):
        trip.add("MGET", *keys.contacts(ledger, digests))
    for name, suffix in hashes:
        trip.add("HMGET", keys.of(name, suffix), *digests)
    verdicts, outcomes, multipliers, *scores = trip.send()
    return ReadContacts(list(records.values()), multipliers, scores, outcomes), list(map(bool, verdicts))


def _without(read: ReadContacts, left_out: Sequence[bool]) -> ReadContacts:
    kept = [not out for out in left_out]
    return ReadContacts(
        list(compress(read.records, kept)),
        list(compress(read.multipliers, kept)),
        [list(compress(packed, kept)) for packed in read.scores],
        list(compress(read.outcomes, kept)),
    )


def _together(snapshot: Snapshot, active: ActivePolicy, lists: Lists) -> Iterator[list[tuple[Any, ...]]]:
    """Write out each list, without its contact."""
    version = snapshot.version.version if snapshot.version else None
    ids = snapshot.catalogue.ids
    plain = lists.consolidated
    multipliers = lists.scores / np.where(plain > 0, plain, 1.0)
    names = [ids[product] for product in lists.products.tolist()]
    items = zip(names, lists.scores.tolist(), plain.tolist(), multipliers.tolist(), strict=True)
    for size in lists.sizes.tolist():
        yield [(rank, *item, active.version, version) for rank, item in enumerate(islice(items, size), 1)]


def _alone(runtime: Runtime, store: Store, snapshot: Snapshot, contact_id: str, k: int, policy: str) -> Iterator[Line]:
    """Rank one contact's options as a request does."""
    _, state = read_contact(store, snapshot, contact_id, policy)
    request = request_of(contact_id, k=k, policy=policy, dry_run=True)
    found = weigh(runtime, store, request, snapshot, state, seed=runtime.clock())
    version = snapshot.version.version if snapshot.version else None
    ranked, plain = found.ranked, found.scored.plain
    multipliers = found.scores[ranked] / np.where(plain[ranked] > 0, plain[ranked], 1.0)
    for rank, (option, multiplier) in enumerate(zip(ranked.tolist(), multipliers.tolist(), strict=True), 1):
        product_id, score = found.options.product_ids[option], float(found.scores[option])
        yield contact_id, rank, product_id, score, float(plain[option]), multiplier, found.active.version, version


def write_batch(runtime: Runtime, tenant: str, out: Path, k: int, policy: str, report: Callable[[float], None]) -> int:
    """Write the ranked lists of every contact to a Parquet or CSV file, whole or not at all; how many rows.

    Raises
    ------
    InvalidInput
        The ending is neither .parquet nor .csv.
    NotFound
        No such policy is active.

    """
    import pyarrow as pa  # noqa: PLC0415  # a fifth of a second to import, for files alone
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    if out.suffix not in (".parquet", ".csv"):
        raise InvalidInput(f"{out.name}: the ending must be .parquet or .csv")
    columns: list[list[Any]] = [[] for _ in COLUMNS]
    for share, found in batch_recommend(runtime, tenant, k, policy):
        for column, values in zip(columns, zip(*found, strict=True), strict=False):  # no values where there are no rows
            column.extend(values)
        report(share)
    unfinished = out.with_name(out.name + ".part")
    if out.suffix == ".csv":
        with unfinished.open("w", encoding="utf-8", newline="") as lines:
            lines.writelines(map(csv_line, chain([COLUMNS], zip(*columns, strict=True))))
    else:
        pq.write_table(pa.table(dict(zip(COLUMNS, columns, strict=True))), unfinished)
    unfinished.replace(out)
    return len(columns[0])
