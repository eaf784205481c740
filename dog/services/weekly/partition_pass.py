"""Three passes over partitions for one week: gather the evidence, compute the multipliers, write them.

The priors of all pairs are fitted between the first and the second pass; the sanity gate runs between the second
and the third. What a pass leaves for the next is kept in a `SpillBuffer`: memory does not grow with the number of
pairs, and the ledgers are read once for all policies. Which process runs the passes is in `week_tasks.py`.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain, compress

import numpy as np

from dog.core.consolidator import Consolidator
from dog.core.kernels.settle_events import hash_records
from dog.core.learning.absorption import ScoreMoves
from dog.core.learning.delay_curve import count_ages, no_ages
from dog.core.learning.ledger_chunk import LedgerChunk, PublishedPairs, first_pairs
from dog.core.learning.pair_evidence import (
    PairEvidence,
    PolicyWeek,
    evidence_at_week_end,
    new_multipliers,
    prior_shift,
    settle_groups,
)
from dog.core.learning.pitch_results import distinct, newly_settled, product_weeks, settled_pitches
from dog.core.learning.priors import PairSums, Priors, add_sums
from dog.core.learning.trust import SettledPitches
from dog.core.learning.week_changes import WeekChanges
from dog.services.prefetch import WriteBehind, prefetch
from dog.services.spill_buffer import SpillBuffer, SpillFile
from dog.services.weekly.attribute_pass import AttributeEvidence, AttributePass, HeldChoices, pack_counts
from dog.services.weekly.current_scores import read_current_scores
from dog.storage.choice_records import CHOICES
from dog.storage.contacts import write_fields
from dog.storage.ledgers import Cut, read_chunks, read_laps, read_published
from dog.storage.multiplier_versions import record_written_partitions, written_partitions
from dog.storage.pair_records import pack_pairs
from dog.storage.store import Store

DIGEST_WEIGHTS = np.array(
    [0x8306BDF37922E4FF, 0xF35196BBC152A867, 0x24E7A4F608EC18CD, 0xF2DAB0AED2AC6FD3, 0x4FD42FA03FCD72A9], np.uint64
)
"""One odd number for each 8 bytes of an `OUTCOME` record. They decide the names of versions: never change them."""

PAIRS_FOR_AGES = 1024
"""Pairs of a partition whose pitches tell how soon wins come: all of a small tenant's, enough of a large one's."""

NONE_SETTLED = (np.zeros(0, np.int64), np.zeros(0))

ReadChunk = tuple[
    LedgerChunk, np.ndarray, dict[str, PublishedPairs | None], dict[str, np.ndarray], dict[str, HeldChoices]
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekInput:
    """What all passes of a week start from."""

    cut: Cut  # what is read of the ledgers
    seen: Cut | None  # what the version of the week before has seen
    previous_name: str | None  # version of the week before
    later_weeks: Sequence[str]  # names of the weeks after it, whose laps do not count yet
    product_count: int
    policies: Mapping[str, PolicyWeek]  # by name
    consolidators: Mapping[str, Consolidator]  # of the policies whose multipliers compare wins with expected ones
    learned: frozenset[str] = frozenset()  # policies of which the version of the week before knows channels or times


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPriors:
    """What a policy's multipliers are computed from besides the pairs' own evidence."""

    priors: Priors
    priors_before: Priors | None  # of the week before
    baseline_before: np.ndarray  # last week's multipliers of pairs without evidence, one a product
    limits_step: bool  # not where the multipliers before meant something else, by another neutral point
    absorbed_share: float  # of the evidence of measured pairs, which new scores know
    segment_ratios: Mapping[int, float] = field(default_factory=dict)  # of channels and times, by `value_key`


@dataclass(slots=True, kw_only=True)
class PolicyEvidence:
    """What the first pass found for one policy, over all pairs."""

    sums: PairSums  # of the evidence, by product
    measured: PairSums  # of the pairs from which the absorbed share is measured
    moves: ScoreMoves = field(default_factory=ScoreMoves)
    wins: int = 0  # of all outcomes, whatever was absorbed or damped
    resolved: int = 0
    pitches: list[SettledPitches] = field(default_factory=list)  # settled since the version before
    ages: np.ndarray = field(default_factory=no_ages)  # of won, lost and open pitches (`count_ages`)
    attributes: AttributeEvidence = field(default_factory=AttributeEvidence)  # pitches by channel and time

    def add(self, other: "PolicyEvidence", product_count: int) -> None:
        """Add what was found in later partitions."""
        self.sums = add_sums((self.sums, other.sums), product_count)
        self.measured = add_sums((self.measured, other.measured), product_count)
        self.moves += other.moves
        self.wins, self.resolved = self.wins + other.wins, self.resolved + other.resolved
        self.pitches += other.pitches
        self.ages = self.ages + other.ages
        self.attributes.add(other.attributes)


@dataclass(slots=True, kw_only=True)
class GatheredEvidence:
    """What the first pass found: a digest of each partition's input, weeks of products, each policy's evidence."""

    digests: dict[int, bytes]
    pitch_weeks: np.ndarray  # distinct products and weeks of pitches (`product_weeks`)
    outcome_weeks: np.ndarray  # of wins and losses
    policies: dict[str, PolicyEvidence]

    def add_weeks(self, pitch_weeks: np.ndarray, outcome_weeks: np.ndarray) -> None:
        """Add products and weeks of other pitches and outcomes."""
        self.pitch_weeks = distinct(np.concatenate([self.pitch_weeks, pitch_weeks]))
        self.outcome_weeks = distinct(np.concatenate([self.outcome_weeks, outcome_weeks]))

    def add(self, other: "GatheredEvidence", product_count: int) -> None:
        """Add what was found in later partitions."""
        self.digests.update(other.digests)
        self.add_weeks(other.pitch_weeks, other.outcome_weeks)
        for name, evidence in other.policies.items():
            self.policies[name].add(evidence, product_count)


class PartitionPasses:
    """The passes over some partitions, for all policies at once, as long as the file is open."""

    def __init__(self, store: Store, week: WeekInput, partitions: Sequence[int], file: SpillFile) -> None:
        self._store, self._week, self._partitions = store, week, partitions
        # of each chunk, by policy; those with the same settings share arrays
        self._pairs: SpillBuffer[tuple[tuple[str, PairEvidence], ...]] = SpillBuffer(file)
        self._attributes = AttributePass(store, week.previous_name, week.learned, file)
        self._multipliers: SpillBuffer[np.ndarray] = SpillBuffer(file)

    def gather_evidence(self) -> GatheredEvidence:
        """Read the ledgers and bring every pair's evidence to the week's end."""
        product_count, policies = self._week.product_count, self._week.policies
        nothing, end_ms = add_sums([], product_count), self._week.cut.end_ms
        found = GatheredEvidence(
            digests={},
            pitch_weeks=np.zeros(0, np.int64),
            outcome_weeks=np.zeros(0, np.int64),
            policies={name: PolicyEvidence(sums=nothing, measured=nothing) for name in policies},
        )
        for chunk, laps, published, scores, held in prefetch(self._read()):
            found.digests.update(input_digests(chunk))
            if any(policy.settings.neutral == "expected" for policy in policies.values()):
                found.add_weeks(*(product_weeks(chunk.outcomes, end_ms, pitches=kind) for kind in (True, False)))
            settle_at = cache(partial(settle_groups, chunk))
            ages_at = cache(partial(count_ages, *first_pairs(chunk, PAIRS_FOR_AGES)))
            newly_at = cache(partial(newly_settled, chunk))
            of_chunk: list[tuple[str, PairEvidence]] = []
            for name, policy in policies.items():
                pairs = evidence_at_week_end(chunk, policy, laps, published[name], settle_at, scores.get(name))
                summed = self._sum_up(chunk, policy, pairs, ages_at, newly_at, held.get(name, {}))
                found.policies[name].add(summed, product_count)
                of_chunk.append((name, pairs))
            self._pairs.put(tuple(of_chunk))
        return found

    def _sum_up(
        self,
        chunk: LedgerChunk,
        policy: PolicyWeek,
        pairs: PairEvidence,
        ages_at: Callable[[int, int], np.ndarray],
        newly_at: Callable[[int, int, int], tuple[np.ndarray, np.ndarray]],
        held: HeldChoices,
    ) -> PolicyEvidence:
        """Sum up a chunk for one policy."""
        settled, size, product_count = pairs.settled, pairs.size, self._week.product_count
        pitches, ages, newly = [], no_ages(), NONE_SETTLED
        if policy.settings.neutral == "expected":
            ages = ages_at(policy.end_ms, policy.maturation_ms)
            newly = newly_at(policy.end_ms, policy.previous_end_ms, policy.maturation_ms)
            pitches = [settled_pitches(chunk.outcomes.take(newly[0]), newly[1])]
        return PolicyEvidence(
            sums=pairs.sums(product_count),
            measured=pairs.measured_sums(product_count) if policy.measures else add_sums([], product_count),
            moves=pairs.score_moves() if policy.measures else ScoreMoves(),
            wins=int((settled.wins * size).sum()),
            resolved=int((settled.resolved * size).sum()),
            pitches=pitches,
            ages=ages,
            attributes=self._attributes.count(chunk, policy, newly, held),
        )

    def compute_multipliers(self, priors: Mapping[str, PolicyPriors]) -> dict[str, WeekChanges]:
        """Compute every pair's multiplier, and add up what changes."""
        changes = {name: WeekChanges() for name in self._week.policies}
        self._multipliers.clear()
        for name, pairs in self._each_chunk():
            basis, settings = priors[name], self._week.policies[name].settings
            pairs = pairs.without_share(basis.absorbed_share)  # noqa: PLW2901  # the same pairs
            before, after = new_multipliers(
                pairs, basis.priors, basis.baseline_before, settings, limits_step=basis.limits_step
            )
            changes[name].add(pairs, before, after, prior_shift(pairs, basis.priors_before, basis.priors, settings))
            self._multipliers.put(after)
        return changes

    def write_multipliers(self, priors: Mapping[str, PolicyPriors], version: str) -> None:
        """Write a version that nobody reads yet; skip the partitions that a killed run has written of it."""
        if not len(self._multipliers):
            self.compute_multipliers(priors)
        written = {name: written_partitions(self._store, version, name) for name in self._week.policies}
        with WriteBehind() as behind:
            for (name, pairs), counts, multipliers in zip(
                self._each_chunk(), self._attributes, self._multipliers, strict=True
            ):
                if not written[name].issuperset(pairs.contacts.partitions):
                    basis = priors[name]
                    left = pairs.without_share(basis.absorbed_share)
                    choices = pack_counts(pairs.contacts, counts, basis.segment_ratios)
                    fields = {"multipliers": _pack(left, multipliers), CHOICES: choices}
                    behind.call(self._write, version, name, pairs.contacts.partitions, fields)

    def _read(self) -> Iterator[ReadChunk]:
        """Read the ledgers chunk by chunk, with laps, what the last version holds, and scores of today."""
        store, previous_name = self._store, self._week.previous_name
        for chunk in read_chunks(store, self._week.cut, self._partitions, self._week.seen):
            published = {
                name: None if previous_name is None else read_published(store, chunk, previous_name, name)
                for name in self._week.policies
            }
            scores = read_current_scores(store, chunk, self._week.consolidators)
            laps, held = read_laps(store, chunk.contacts, self._week.later_weeks), self._attributes.read_held(chunk)
            yield chunk, laps, published, scores, held

    def _each_chunk(self) -> Iterator[tuple[str, PairEvidence]]:
        return chain.from_iterable(self._pairs)

    def _write(
        self, version: str, name: str, partitions: Sequence[int], arrays: Mapping[str, Mapping[int, Sequence[bytes]]]
    ) -> None:
        for kind, fields in arrays.items():
            write_fields(self._store, kind, f"{version}:{name}", fields)
        record_written_partitions(self._store, version, name, partitions)


def input_digests(chunk: LedgerChunk) -> Iterator[tuple[int, bytes]]:
    """Yield each partition's number and a digest of its part of the chunk."""
    words = chunk.outcomes.view("<u8").reshape(-1, len(DIGEST_WEIGHTS))
    record_digests = np.empty(len(words), np.uint64)
    hash_records(words, DIGEST_WEIGHTS, record_digests)
    has_pairs = np.zeros(len(chunk.contacts.digests), bool)  # else all events come after the cut: not counted
    has_pairs[chunk.contact] = True
    starts = np.append(chunk.starts, len(record_digests))
    for partition, span in chunk.contacts.spans():
        first, last = starts[np.searchsorted(chunk.contact, [span.start, span.stop])]
        digest = hashlib.blake2b(record_digests[first:last].data, digest_size=16)
        digest.update(chunk.contacts.digests[span][has_pairs[span]].tobytes())
        yield partition, digest.digest()


def _pack(pairs: PairEvidence, multipliers: np.ndarray) -> dict[int, list[bytes]]:
    """Pack a version's records: in each partition, one array after each contact that has any pairs."""
    packed = pack_pairs(pairs.laps, pairs.recursions, pairs.columns(multipliers), pairs.ends.tolist(), pairs.group)
    has_pairs = np.diff(pairs.ends) > 0
    fields: dict[int, list[bytes]] = {}
    for partition, span in pairs.contacts.spans():
        own = [b""] * (2 * (span.stop - span.start))
        own[::2], own[1::2] = pairs.contacts.digests[span].tolist(), packed[span]
        if not has_pairs[span].all():
            own = list(compress(own, np.repeat(has_pairs[span], 2)))
        if own:
            fields[partition] = own
    return fields
