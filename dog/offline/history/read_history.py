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
from dog.storage.contacts import TRANSACTIONS, read_partitions
from dog.storage.store import Store

MOST_PITCHES = 2_000_000
"""Resolved pitches from which on no further partition is read: they take some 300 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Resolved pitches with their streaks, and the contacts and products that their numbers index.

    `contacts` are the digests of `contact_ids`, partition by partition, of which `partitions` has the numbers of
    contacts. Segments and categories are empty where not known.
    """

    pitches: Pitches
    contacts: list[bytes]
    partitions: list[int]
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
            f"without an answer count as lost, after {maturation_days:g} days: python -m dog load feedback FILE",
            code="no_outcomes",
        )
    catalogue = read_catalogue(store)
    return History(
        pitches=tabulate(found, variants, runtime.settings.zone),
        contacts=[contact for part in parts for contact in part.contacts],
        partitions=[len(part.contacts) for part in parts],
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


def read_transactions(store: Store) -> pd.DataFrame:
    """Read all transactions of a tenant; the frame has no columns where there are none."""
    ids = np.array(read_catalogue(store).ids, dtype=object)
    contact_ids: list[str] = []
    arrays: list[np.ndarray] = []
    records = read_partitions(store, "contacts")
    for packed, known in zip(read_partitions(store, "transactions"), records, strict=True):
        for digest, array in packed.items():
            contact_ids.append(orjson.loads(known[digest])["contact_id"])
            arrays.append(np.frombuffer(array, TRANSACTIONS))
    if not arrays:
        return pd.DataFrame()
    rows = np.concatenate(arrays)
    return pd.DataFrame(
        {
            "contact_id": np.repeat(np.array(contact_ids, dtype=object), [len(array) for array in arrays]),
            "product_id": ids[rows["product"]],
            "occurred_at": pd.to_datetime(rows["at"].astype(np.int64), unit="s", utc=True),
            "quantity": rows["quantity"].astype(np.float64),
            "amount": rows["amount"].astype(np.float64),
        }
    )
