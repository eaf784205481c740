"""All pairs of the active version as columns, for sorting, filtering, histograms and previews of settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from dog.core.learning.reinforcement import Multipliers
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.records import PAIRS
from dog.services.background_tasks import BackgroundResults
from dog.services.lists.active_policy import PolicyMultipliers
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.services.weekly.next_recompute import next_multipliers, reinforce_pairs
from dog.storage.contacts import read_partitions
from dog.storage.pair_records import unpack_pairs
from dog.storage.store import Store

RATE_BINS = 40
NOTABLE = 0.01
"""A multiplier counts as moved if it changes by more than this share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTable:
    """The pairs of one version by one policy, arrays of shape (pairs,)."""

    version: str
    policy: str
    multipliers: PolicyMultipliers
    contacts: Sequence[bytes]  # digests
    contact: np.ndarray  # index of each pair's contact
    pairs: np.ndarray  # records of PAIRS
    recursions: np.ndarray
    now: Multipliers  # retraced from the evidence

    @property
    def pitches(self) -> np.ndarray:
        """Pitches of each pair, pending ones included."""
        return np.asarray(self.pairs["wins"].astype(np.int64) + self.pairs["losses"] + self.pairs["pending"])


class PairTables:
    """The last table of each tenant and policy, read in the background and kept until its version is replaced."""

    def __init__(self) -> None:
        self._tables = BackgroundResults()

    def of(self, runtime: Runtime, tenant: str, policy: str, wait_seconds: float = 0.8) -> PairTable | None:
        """Return the table of the active version.

        None while it is being read (a second for each 100,000 contacts or so), or where there is no version yet.
        """
        store, key = runtime.store(tenant), (tenant, policy)
        snapshot = runtime.shared(Snapshots).current(store)
        active = snapshot.policies.get(policy)
        if snapshot.version is None or active is None or active.multipliers is None:
            return None
        version = snapshot.version.version
        table, running = self._tables.result(key)
        if not running and getattr(table, "version", None) != version:
            given = (store, policy, version, active.multipliers, active.multipliers_of)
            self._tables.start(key, partial(read_table, *given))
            table, _ = self._tables.result(key, wait_seconds)  # small tenants are there at once
        return table if isinstance(table, PairTable) and table.version == version else None


def read_table(store: Store, policy: str, version: str, multipliers: PolicyMultipliers, source: str) -> PairTable:
    """Read all pairs of a version."""
    contacts: list[bytes] = []
    chunks, counts, recursions = [np.zeros(0, PAIRS)], [], []
    for arrays in read_partitions(store, "multipliers", f"{version}:{source}"):
        for digest, packed in arrays.items():
            _, applied, pairs = unpack_pairs(packed)
            contacts.append(digest)
            chunks.append(pairs)
            counts.append(len(pairs))
            recursions.append(applied)
    pairs = np.concatenate(chunks)
    contact = np.repeat(np.arange(len(contacts)), counts)
    of_pair = np.repeat(np.array(recursions, np.int64), counts)
    now = reinforce_pairs(pairs, of_pair, multipliers.priors, multipliers.settings, np.nan)
    return PairTable(
        version=version,
        policy=policy,
        multipliers=multipliers,
        contacts=contacts,
        contact=contact,
        pairs=pairs,
        recursions=of_pair,
        now=now,
    )


def count_bins(values: np.ndarray, low: float, high: float, bins: int = RATE_BINS) -> tuple[list[float], list[int]]:
    """Return middles and counts of equal bins; values outside count in the outermost."""
    counts, edges = np.histogram(np.clip(values, low, high), bins=bins, range=(low, high))
    return ((edges[:-1] + edges[1:]) / 2).tolist(), counts.tolist()


def preview_moves(table: PairTable, settings: Reinforcement) -> dict[str, Any]:
    """Preview what settings would do to the multipliers at the next recompute with the same evidence.

    Return `pairs`, how many go `up` and `down` by more than 1 %, and the `median` and `largest` ratio of those.
    """
    before = table.pairs["multiplier"]
    after = next_multipliers(table.pairs, table.recursions, table.multipliers, settings)
    ratio = np.divide(after, before, out=np.ones(len(before)), where=before > 0)
    moved = ratio[np.abs(ratio - 1) > NOTABLE]
    largest = float(moved[np.argmax(np.abs(np.log(moved)))]) if len(moved) else 1.0
    return {
        "pairs": len(before),
        "up": int((moved > 1).sum()),
        "down": int((moved < 1).sum()),
        "median": float(np.median(moved)) if len(moved) else 1.0,
        "largest": largest,
    }
