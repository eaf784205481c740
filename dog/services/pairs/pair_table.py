"""All pairs of the version in force as columns: for sorting, filtering, histograms, and what settings would do."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dog.core.learning.evidence import Evidence
from dog.core.learning.priors import Priors
from dog.core.learning.reinforcement import Multipliers, reinforce
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.records import PAIRS
from dog.errors import DogError
from dog.services.lists.snapshot import Multiplied, Snapshots
from dog.services.runtime import Runtime
from dog.storage.pair_records import unpack_pairs
from dog.storage.store import Store

RATE_BINS = 40
NOTABLE = 0.01
"""A multiplier moves notably where it changes by more than this share."""


@dataclass(frozen=True, slots=True)
class PairTable:
    """The pairs of one version by one policy, arrays of shape (pairs,)."""

    version: str
    policy: str
    multiplied: Multiplied
    contacts: Sequence[bytes]  # digests
    contact: np.ndarray  # place of each pair's contact among them
    pairs: np.ndarray  # records of PAIRS
    recursions: np.ndarray
    now: Multipliers  # retraced from the evidence

    @property
    def pitches(self) -> np.ndarray:
        """Pitches of each pair, pending ones included."""
        return np.asarray(self.pairs["wins"].astype(np.int64) + self.pairs["losses"] + self.pairs["pending"])


class PairTables:
    """The last table of each tenant and policy, read beside the requests and kept until its version is replaced."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], PairTable] = {}
        self._reading: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()

    def of(self, runtime: Runtime, tenant: str, policy: str, wait_seconds: float = 0.8) -> PairTable | None:
        """Give the table of the version in force.

        Returns
        -------
        None while it is being read (a second for each 100,000 contacts or so), or where there is no version yet.

        """
        store = runtime.store(tenant)
        snapshot = runtime.shared(Snapshots).current(store)
        active = snapshot.policies.get(policy)
        if snapshot.version is None or active is None or active.multiplied is None:
            return None
        version, at = snapshot.version.version, (tenant, policy)
        if (held := self._held.get(at)) and held.version == version:
            return held
        reading = (tenant, policy, version)
        with self._lock:
            begin = reading not in self._reading
            self._reading.add(reading)
        if begin:
            given = (store, reading, active.multiplied, active.multipliers_of)
            thread = threading.Thread(target=self._read, args=given, daemon=True)
            thread.start()
            thread.join(wait_seconds)  # small tenants are there at once
        held = self._held.get(at)
        return held if held and held.version == version else None

    def _read(self, store: Store, reading: tuple[str, str, str], multiplied: Multiplied, source: str) -> None:
        tenant, policy, version = reading
        try:
            self._held[tenant, policy] = read_table(store, policy, version, multiplied, source)
        except DogError:
            pass  # the next look tries again
        finally:
            self._reading.discard(reading)


def read_table(store: Store, policy: str, version: str, multiplied: Multiplied, source: str) -> PairTable:
    """Read every pair of a version, a partition at a time."""
    contacts: list[bytes] = []
    chunks, counts, recursions = [np.zeros(0, PAIRS)], [], []
    for partition in range(store.tenant.partition_count):
        trip = store.trip()
        trip.add("HGETALL", store.keys.partition(partition).of("multipliers", f"{version}:{source}"))
        for digest, packed in trip.send()[0].items():
            _, applied, pairs = unpack_pairs(packed)
            contacts.append(digest)
            chunks.append(pairs)
            counts.append(len(pairs))
            recursions.append(applied)
    pairs = np.concatenate(chunks)
    contact = np.repeat(np.arange(len(contacts)), counts)
    of_pair = np.repeat(np.array(recursions, np.int64), counts)
    now = reinforce_pairs(pairs, of_pair, multiplied.priors, multiplied.settings, np.nan)
    return PairTable(version, policy, multiplied, contacts, contact, pairs, of_pair, now)


def reinforce_pairs(
    pairs: np.ndarray, recursions: np.ndarray, priors: Priors, settings: Reinforcement, previous: np.ndarray | float
) -> Multipliers:
    """Turn records of pairs into multipliers, as `reinforce` does with their evidence."""
    evidence = Evidence(
        pairs["evidence_wins"],
        pairs["evidence_pitches"],
        pairs["evidence_expected"],
        pairs["evidence_scored"].astype(np.float64),
    )
    places = np.minimum(pairs["product"].astype(np.int64), len(priors.product_rates) - 1)
    return reinforce(places, evidence, priors, recursions, previous, settings)


def count_bins(values: np.ndarray, low: float, high: float, bins: int = RATE_BINS) -> tuple[list[float], list[int]]:
    """Count values in equal bins: their middles and counts; what lies outside counts in the outermost."""
    counts, edges = np.histogram(np.clip(values, low, high), bins=bins, range=(low, high))
    return ((edges[:-1] + edges[1:]) / 2).tolist(), counts.tolist()


def preview_moves(table: PairTable, settings: Reinforcement) -> dict[str, Any]:
    """Tell what settings would do to the multipliers at the next recompute, the evidence being what it is.

    Returns
    -------
    `pairs`, how many go `up` and `down` notably, and the `median` and `largest` ratio of those that move.

    """
    before = table.pairs["multiplier"]
    after = reinforce_pairs(table.pairs, table.recursions, table.multiplied.priors, settings, before).value
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
