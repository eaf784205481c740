"""Read the whole history of a tenant, partition by partition: resolved pitches with their streaks; transactions."""

from dataclasses import dataclass

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from dog.core.iso_weeks import DAY_MS
from dog.errors import NotReady
from dog.offline.history.pair_streaks import PairStreaks
from dog.offline.history.partition_history import PartitionHistory, read_partition
from dog.offline.history.pitches import Pitches, complete_weeks, in_order, tabulate
from dog.services.runner import Runner
from dog.services.runner_tasks import Edge, no_edge
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_catalogue
from dog.storage.contacts import TRANSACTIONS, read_arrays
from dog.storage.store import Store
from dog.storage.stretches import read_hash

MOST_PITCHES = 1_000_000
"""Resolved pitches from which on no further partition is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Resolved pitches with their streaks, and the contacts and products that their numbers index.

    `contacts` are the digests of `contact_ids`, partition by partition, of which `partitions` has the numbers of
    contacts. `read_share` is the share of the tenant's partitions that was read, above 0 and at most 1. Segments and
    categories are empty where not known.
    """

    pitches: Pitches
    contacts: list[bytes]
    partitions: list[int]
    read_share: float
    contact_ids: list[str]
    segments: NDArray[np.str_]
    product_ids: list[str]
    categories: NDArray[np.str_]
    streaks: PairStreaks


def read_history(
    runner: Runner, runtime: Runtime, store: Store, maturation_days: float, edge: Edge = no_edge
) -> History:
    """Read the resolved pitches of all complete weeks; `NotReady` where no week is complete.

    Of a large tenant the first partitions are read, until there are `MOST_PITCHES`: contacts are spread over partitions
    by a keyed hash, so that these are a random sample of them.
    """
    now_ms, maturation_ms = runtime.clock(), round(maturation_days * DAY_MS)
    parts, count = list[PartitionHistory](), 0
    numbers = range(store.tenant.partition_count)
    for part in runner.map(read_partition, numbers, store.tenant.name, now_ms, maturation_ms, edge=edge):
        parts.append(part)
        count += len(part.pitches)
        if count >= MOST_PITCHES:
            break
    open_ms = np.concatenate([part.open_ms for part in parts])
    variants = sorted({name for part in parts for name in part.variants})
    found = in_order(complete_weeks(_join(parts, variants), open_ms, now_ms))
    if not len(found):
        raise NotReady(
            "no week of pitches has come to an end yet; load feedback first, with losses, or wait until pitches "
            f"without an answer count as lost, after {maturation_days:g} days: dog load feedback FILE",
            code="no_outcomes",
        )
    catalogue = read_catalogue(store)
    return History(
        pitches=tabulate(found, variants, runtime.settings.zone),
        contacts=[contact for part in parts for contact in part.contacts],
        partitions=[len(part.contacts) for part in parts],
        read_share=len(parts) / len(numbers),
        contact_ids=[contact_id for part in parts for contact_id in part.contact_ids],
        segments=np.array([segment for part in parts for segment in part.segments], np.str_),
        product_ids=list(catalogue.ids),
        categories=np.array([str(record.get("category") or "") for record in catalogue.records], np.str_),
        streaks=PairStreaks(found["streak"].astype(np.int64), found["streak_days"].copy()),
    )


def _join(parts: list[PartitionHistory], variants: list[str]) -> np.ndarray:
    """Return the pitches of all partitions, whose contacts are numbered partition by partition."""
    first = 0
    for part in parts:
        part.pitches["contact"] += first
        part.pitches["variant"] = np.array([variants.index(name) for name in part.variants])[part.pitches["variant"]]
        first += len(part.contacts)
    return np.concatenate([part.pitches for part in parts])


def read_transactions(runner: Runner, store: Store) -> pd.DataFrame:
    """Read all transactions of a tenant, a partition a task; the frame has no columns where there are none."""
    ids = np.array(read_catalogue(store).ids, dtype=object)
    parts = list(runner.map(_read_transactions, range(store.tenant.partition_count), store.tenant.name))
    rows = np.concatenate([part[2] for part in parts])
    if not len(rows):
        return pd.DataFrame()
    contact_ids = np.array([contact_id for part in parts for contact_id in part[0]], dtype=object)
    return pd.DataFrame(
        {
            "contact_id": contact_ids.repeat(np.concatenate([part[1] for part in parts])),
            "product_id": ids[rows["product"]],
            "occurred_at": pd.to_datetime(rows["at"].astype(np.int64), unit="s", utc=True),
            "quantity": rows["quantity"].astype(np.float64),
            "amount": rows["amount"].astype(np.float64),
        }
    )


def _read_transactions(
    runtime: Runtime, partition: int, tenant: str
) -> tuple[list[str], NDArray[np.int64], np.ndarray]:
    """Return a partition's contacts with transactions, how many each has, and these as records of `TRANSACTIONS`."""
    store = runtime.store(tenant)
    packed = read_hash(store, store.keys.partition(partition).of("transactions"))
    records = read_arrays(store, "contacts", "", list(packed))
    sizes = np.array([len(array) for array in packed.values()], np.int64) // TRANSACTIONS.itemsize
    rows = np.frombuffer(bytearray().join(packed.values()), TRANSACTIONS)
    return [orjson.loads(record or b"{}")["contact_id"] for record in records], sizes, rows
