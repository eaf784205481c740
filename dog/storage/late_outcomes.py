"""Late outcomes: they occurred in published weeks and arrived after the input of the latest one was frozen.

Outcomes that were taken back with their load after that count with them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import orjson

from dog.core.learning.ledger_chunk import LedgerChunk, outcome_pairs
from dog.storage.ledgers import read_chunks, read_cut
from dog.storage.multiplier_versions import MultiplierVersion
from dog.storage.store import Store

COPIED_ARRIVALS = b"copied_arrivals"
"""Field of the tenant's head: arrivals that several partitions count since it was repartitioned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateOutcomes:
    """The late outcomes among those that have arrived."""

    version: str  # of the latest published week
    arrivals: Sequence[int]  # last arrival that was looked at, one a partition
    count: int = 0
    earliest_ms: int | None = None  # when the earliest of them occurred
    undone: int = 0  # outcomes that the version counts and that were taken back with their load
    undone_ms: int | None = None  # when the earliest of these occurred
    copied: int = 0  # arrivals that several partitions count

    @property
    def total(self) -> int:
        """All outcomes that had arrived, retracted and archived ones included."""
        return sum(self.arrivals) - self.copied

    @property
    def changes(self) -> int:
        """How many outcomes of published weeks came or went."""
        return self.count + self.undone

    @property
    def first_ms(self) -> int | None:
        """When the earliest of these occurred."""
        return min((at for at in (self.earliest_ms, self.undone_ms) if at is not None), default=None)

    def exceeds(self, share: float) -> bool:
        """Return whether they are more than a share of all outcomes."""
        return self.changes > share * self.total


def find_late(store: Store, latest: MultiplierVersion, end_ms: int, share: float = 0.0) -> LateOutcomes:
    """Find the late outcomes, exactly where they could exceed a share of all; else their number is a lower bound.

    `latest` is the version of the latest published week and `end_ms` the first instant after it. One round trip
    compares running counters; the ledgers are read only where what has arrived since they were last read could exceed
    the share.
    """
    known = _read_known(store, latest)
    now = read_cut(store, end_ms).arrivals
    found = replace(known, arrivals=now, count=0, earliest_ms=None)
    unknown = found.total - known.total
    if not unknown or known.changes + unknown <= share * found.total:
        return known
    cut = np.array(latest.arrivals, np.int64)
    grown = [partition for partition, then in enumerate(latest.arrivals) if now[partition] > then]
    for chunk in read_chunks(store, partitions=grown):
        at = chunk.outcomes["at"].astype(np.int64)
        late = at[(at < end_ms) & (chunk.outcomes["arrival"] > _of_outcomes(chunk, cut))]
        if len(late):
            earliest = min(int(late.min()), end_ms if found.earliest_ms is None else found.earliest_ms)
            found = replace(found, count=found.count + len(late), earliest_ms=earliest)
    store.execute("SET", store.keys.of("late"), orjson.dumps(asdict(found)))
    return found


def note_undone(store: Store, latest: MultiplierVersion, count: int, earliest_ms: int | None) -> None:
    """Note that outcomes which a version counts are taken back; late ones are counted again when next asked for."""
    known = _read_known(store, latest)
    times = [at for at in (known.undone_ms, earliest_ms) if at is not None]
    noted = replace(
        known,
        arrivals=list(latest.arrivals),
        count=0,
        earliest_ms=None,
        undone=known.undone + count,
        undone_ms=min(times, default=None),
    )
    store.execute("SET", store.keys.of("late"), orjson.dumps(asdict(noted)))


def _read_known(store: Store, latest: MultiplierVersion) -> LateOutcomes:
    """Read what was found since a version was published; nothing at first."""
    reads = [("GET", store.keys.of("late")), ("HGET", store.keys.of("head"), COPIED_ARRIVALS)]
    document, copied = store.execute_all(reads)
    known = None if document is None else LateOutcomes(**orjson.loads(document))
    if known is None or known.version != latest.version:
        known = LateOutcomes(version=latest.version, arrivals=list(latest.arrivals))
    return replace(known, copied=int(copied or 0))


def _of_outcomes(chunk: LedgerChunk, by_partition: np.ndarray) -> np.ndarray:
    """Return for each outcome the value of its partition, shape (outcomes,)."""
    of_contact = np.repeat(by_partition[chunk.contacts.partitions], chunk.contacts.sizes)
    return of_contact[chunk.contact[outcome_pairs(chunk.starts, len(chunk.outcomes))]]
