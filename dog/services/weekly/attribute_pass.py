"""The part of the passes over partitions that counts pitches by channel and time (`partition_pass.py`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dog.core.learning.attribute_counts import (
    NO_COUNTS,
    AttributeCounts,
    AttributeSums,
    compared_counts,
    count_attributes,
    has_values,
)
from dog.core.learning.attribute_trust import attribute_pitches
from dog.core.learning.ledger_chunk import ContactBlock, LedgerChunk
from dog.core.learning.pair_evidence import PolicyWeek
from dog.core.learning.pitch_results import distinct
from dog.core.learning.trust import SettledPitches
from dog.services.spill_buffer import SpillBuffer, SpillFile
from dog.storage.choice_records import pack_choices, read_choices
from dog.storage.store import Store

HeldChoices = Mapping[int, np.ndarray]
"""Of a chunk's contacts, by index: their records of `VALUE_COUNTS` in the version before."""


@dataclass(slots=True, kw_only=True)
class AttributeEvidence:
    """What the first pass found of channels and times for one policy."""

    sums: AttributeSums = field(default_factory=AttributeSums)
    pitches: list[SettledPitches] = field(default_factory=list)  # settled since the version before

    def add(self, other: "AttributeEvidence") -> None:
        """Add what was found in later partitions."""
        self.sums.add(other.sums)
        self.pitches += other.pitches


class AttributePass:
    """Counts chunk after chunk for each policy, and keeps the counts of contacts until a version is written."""

    def __init__(self, store: Store, previous_name: str | None, learned: frozenset[str], file: SpillFile) -> None:
        self._store, self._previous_name, self._learned = store, previous_name, learned
        self._counts: SpillBuffer[AttributeCounts] = SpillBuffer(file)

    def read_held(self, chunk: LedgerChunk) -> dict[str, HeldChoices]:
        """Read, by policy, what the version before holds of contacts that were pitched by any channel or time."""
        if not self._learned:
            return {}
        events = np.flatnonzero(has_values(chunk.outcomes))
        contacts = distinct(chunk.contact[np.searchsorted(chunk.starts, events, side="right") - 1])
        return {
            name: read_choices(self._store, chunk.contacts, contacts, f"{self._previous_name}:{name}")
            for name in sorted(self._learned)
        }

    def count(
        self, chunk: LedgerChunk, policy: PolicyWeek, settled: tuple[np.ndarray, np.ndarray], held: HeldChoices
    ) -> AttributeEvidence:
        """Count a chunk's pitches for one policy; `settled` are those of the week, from `newly_settled`."""
        counts, sums = NO_COUNTS, AttributeSums()
        if policy.settings.neutral == "expected":
            counts, sums = count_attributes(chunk, policy.end_ms, policy.maturation_ms, policy.delay_curve)
        self._counts.put(counts)
        if not sums.sums:
            return AttributeEvidence()
        return AttributeEvidence(sums=sums, pitches=[attribute_pitches(chunk, *settled, held)])

    def __iter__(self) -> Iterator[AttributeCounts]:
        """Iterate over the counts, in the order in which they were made."""
        return iter(self._counts)


def pack_counts(
    block: ContactBlock, counts: AttributeCounts, ratios: Mapping[int, float]
) -> Mapping[int, Sequence[bytes]]:
    """Pack the records of contacts that a version holds, by partition; `ratios` is r_s by `value_key`."""
    return pack_choices(block, *compared_counts(counts, ratios)) if len(counts.key) else {}
