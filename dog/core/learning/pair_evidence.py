"""A chunk of pairs on its way through one week, for one policy.

settle -> add the week's news -> scores for pitches without one -> absorb what a retrained model has seen
       -> damp where a recursion is due -> (once the sums over all pairs are known) measured absorption, multipliers

Pending pitches count in part (`delay_curve.py`), for priors and multipliers of the week alone: they are not evidence
that is kept.

Pairs that are equal in all that matters are grouped first, and each group is computed once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dog.core.iso_weeks import DAY_MS
from dog.core.learning.absorption import ScoreMoves, score_moves, take_out
from dog.core.learning.delay_curve import NO_CURVE
from dog.core.learning.distinct_rows import RowGroups, group_rows
from dog.core.learning.evidence import (
    Evidence,
    absorb,
    add_evidence,
    add_news,
    counted_evidence,
    damp,
    fill_scores,
    pending_evidence,
    settled_evidence,
    stored_evidence,
)
from dog.core.learning.ledger_chunk import ContactBlock, LedgerChunk, PublishedPairs
from dog.core.learning.priors import PairSums, Priors, sum_pairs
from dog.core.learning.recursion import damping, recursions_due
from dog.core.learning.reinforcement import reinforce
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.settlement import Settled, settle
from dog.core.records import PAIRS


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWeek:
    """How one policy sees a week; instants in milliseconds since 1970."""

    settings: Reinforcement
    end_ms: int  # first instant after the week
    previous_end_ms: int  # first instant after the week of the version before; 0 where there is none
    retrained: tuple[tuple[int, float], ...] = ()  # training cut-offs passed since then, and the share each takes out
    delay_curve: tuple[float, ...] = NO_CURVE  # of the version before
    measures: bool = False  # whether scores changed since the version before, and what they know is to be measured
    tenant_recursion: bool | None = None  # whether the tenant's laps reach one; None: each contact's own laps do

    @property
    def maturation_ms(self) -> int:
        """Age at which an open pitch counts as lost."""
        return round(self.settings.maturation_days * DAY_MS)


@dataclass(frozen=True, slots=True)
class SettledGroups:
    """A chunk's pairs as settled at some instant: which pairs are equal, and the counts of each group."""

    groups: RowGroups
    settled: Settled


Settle = Callable[[int, int, tuple[float, ...]], SettledGroups]
"""Settles a chunk as seen at an instant, with an age at which open pitches count as lost, both in milliseconds, and a
delay curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairEvidence:
    """A chunk's pairs at the end of a week: the groups of equal pairs, and the group of each pair."""

    contacts: ContactBlock
    ends: np.ndarray  # index of each contact's first pair, and the end of the last, shape (contacts + 1,)
    laps: np.ndarray  # shape (contacts,)
    recursions: np.ndarray  # shape (contacts,)
    group: np.ndarray  # group of each pair, contact by contact, shape (pairs,)
    size: np.ndarray  # pairs in each group, shape (groups,), as all below
    product: np.ndarray
    settled: Settled
    evidence: Evidence
    pending: Evidence  # what pending pitches count for
    multiplier: np.ndarray  # published before; NaN where none was
    damped: np.ndarray  # recursions of the group's contacts
    score: np.ndarray  # consolidated score of today where it is measured, else NaN
    newly_damped: int  # contacts that reached a recursion
    absorbed: int  # pairs of which a retrained model has seen some evidence

    def sums(self, product_count: int) -> PairSums:
        """Sum the evidence by product, for the priors; pending pitches in part."""
        return sum_pairs(self.product, self.weighed, product_count, self.size)

    @property
    def weighed(self) -> Evidence:
        """The evidence, pending pitches in part."""
        return add_evidence(self.evidence, self.pending) if self.pending.pitches.any() else self.evidence

    @property
    def is_measured(self) -> np.ndarray:
        """Mark the groups with evidence and a score of today, from which the absorbed share is measured."""
        return np.asarray((self.evidence.pitches > 0) & ~np.isnan(self.score) & (self.size > 0))

    def measured_sums(self, product_count: int) -> PairSums:
        """Sum the evidence of the measured pairs by product."""
        chosen = self.is_measured
        return sum_pairs(self.product[chosen], self.evidence.take(chosen), product_count, self.size[chosen])

    def score_moves(self) -> ScoreMoves:
        """Sum how far the scores of measured pairs moved towards their outcomes."""
        chosen = self.is_measured
        of = self.evidence.take(chosen)
        whole = np.asarray(self.settled.resolved[chosen], np.float64)
        return score_moves(of.wins, of.pitches, of.expected, self.score[chosen], self.size[chosen], whole=whole)

    def without_share(self, share: float) -> "PairEvidence":
        """Return the pairs without the share of their evidence that the scores of today know."""
        if not share:
            return self
        taken = np.where(self.is_measured, share, 0.0)
        left = take_out(self.evidence, taken)
        absorbed = max(self.absorbed, int(self.size[self.is_measured].sum()))
        return replace(self, evidence=replace(left, scored=_as_stored(left.scored)), absorbed=absorbed)

    def columns(self, multipliers: np.ndarray) -> dict[str, np.ndarray]:
        """Return the fields of `dog.core.records.PAIRS` of each group, with new multipliers."""
        counts = {name: getattr(self.settled, name) for name in ("pending", "wins", "losses", "expected", "scored")}
        left = {f"evidence_{name}": getattr(self.evidence, name) for name in ("wins", "pitches", "expected", "scored")}
        parts = {f"part_{name}": getattr(self.pending, name) for name in ("pitches", "expected", "scored")}
        return {"product": self.product, **counts, **left, **parts, "multiplier": multipliers}


def settle_groups(
    chunk: LedgerChunk, as_of_ms: int, maturation_ms: int, delay_curve: tuple[float, ...] = NO_CURVE
) -> SettledGroups:
    """Settle a chunk and group its equal pairs."""
    settled = settle(chunk.outcomes, chunk.starts, as_of_ms, maturation_ms, delay_curve)
    columns = [settled.wins, settled.losses, settled.pending, settled.expected, settled.scored]
    if settled.part_pitches.any():
        columns += [settled.part_pitches, settled.part_expected, settled.part_scored]
    groups = group_rows([chunk.product, *columns])
    return SettledGroups(groups, settled.take(groups.first))


def evidence_at_week_end(
    chunk: LedgerChunk,
    policy: PolicyWeek,
    laps: np.ndarray,
    previous: PublishedPairs | None,
    settle_at: Settle,
    score: np.ndarray | None = None,
) -> PairEvidence:
    """Bring a chunk's evidence from the last version to the week's end.

    `score` is the consolidated score of today of each pair, NaN where there is none; None where the policy's
    multipliers do not compare wins with expected ones.
    """
    recursion = policy.settings.recursion
    now = settle_at(policy.end_ms, policy.maturation_ms, policy.delay_curve)
    cutoffs = [(settle_at(cutoff_ms, policy.maturation_ms, NO_CURVE), share) for cutoff_ms, share in policy.retrained]
    recursions = np.zeros(len(laps), np.int64) if previous is None else previous.recursions
    due = recursions_due(laps, recursion.laps) > recursions
    if policy.tenant_recursion is not None:  # the laps of all contacts count together
        due = np.full(len(laps), policy.tenant_recursion)
    recursions = recursions + due
    if score is not None:  # where it does not matter it must not split groups
        matters = now.settled.resolved > (0 if policy.measures else now.settled.scored)
        matters |= now.settled.part_pitches > now.settled.part_scored
        score = np.where(matters[now.groups.group], score, np.nan)
    groups, settled = _split_groups(chunk, now, previous, [it.groups for it, _ in cutoffs], score, recursions, due)

    counted = evidence = settled_evidence(settled)
    pending = pending_evidence(settled)
    multiplier, absorbed = np.full(len(groups.size), np.nan), 0
    if previous is not None:
        held = previous.records.take(previous.group[groups.first])
        evidence, multiplier = add_news(stored_evidence(held), counted_evidence(held), counted), held["multiplier"]
    of_group = np.full(len(groups.size), np.nan) if score is None else score[groups.first]
    if score is not None:
        evidence, pending = fill_scores(evidence, of_group), fill_scores(pending, of_group)
    for at_cutoff, share in cutoffs:
        then = settled_evidence(at_cutoff.settled.take(at_cutoff.groups.group[groups.first]))
        left = absorb(evidence, then, counted, share)
        absorbed = max(absorbed, int(groups.size[left.pitches < evidence.pitches].sum()))
        evidence = left
    contact = chunk.contact[groups.first]
    if recursion.reading == "evidence" and due.any():
        evidence = damp(evidence, np.where(due[contact], damping(evidence.raw_rates, recursion.n), 1.0))

    of_pair, group, size = _drop_unpitched(chunk.contact, groups, settled)
    return PairEvidence(
        contacts=chunk.contacts,
        ends=np.searchsorted(of_pair, np.arange(len(laps) + 1)),
        laps=laps,
        recursions=recursions,
        group=group,
        size=size,
        product=chunk.product[groups.first],
        settled=settled,
        evidence=replace(evidence, scored=_as_stored(evidence.scored)),
        pending=pending.map(_as_stored),
        multiplier=multiplier,
        damped=recursions[contact],
        score=of_group if policy.measures else np.full(len(groups.size), np.nan),
        newly_damped=int(due.sum()),
        absorbed=absorbed,
    )


def _split_groups(
    chunk: LedgerChunk,
    now: SettledGroups,
    previous: PublishedPairs | None,
    at_cutoffs: Sequence[RowGroups],
    score: np.ndarray | None,
    recursions: np.ndarray,
    due: np.ndarray,
) -> tuple[RowGroups, Settled]:
    """Split the groups of pairs that are settled alike but differ in what else their evidence depends on."""
    differing = [] if previous is None else [previous.group]
    differing += [groups.group for groups in at_cutoffs]
    if score is not None and not np.isnan(score).all():
        differing.append(score)
    if recursions.any():
        differing += [recursions[chunk.contact], due[chunk.contact]]
    if not differing or now.groups.all_distinct:
        return now.groups, now.settled
    groups = group_rows([now.groups.group, *differing])
    return groups, now.settled.take(now.groups.group[groups.first])


def _drop_unpitched(
    contact: np.ndarray, groups: RowGroups, settled: Settled
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Drop pairs not pitched by the week's end: they have no record. Return contact, group and group sizes."""
    pitched = settled.pitches > 0
    if pitched.all():
        return contact, groups.group, groups.size
    kept = pitched[groups.group]
    return contact[kept], groups.group[kept], np.where(pitched, groups.size, 0)


def _as_stored(scored: np.ndarray) -> np.ndarray:
    """Round to the precision that a version stores."""
    return scored.astype(PAIRS["evidence_scored"]).astype(np.float64)


def new_multipliers(
    pairs: PairEvidence, priors: Priors, old_baseline: np.ndarray, settings: Reinforcement, *, limits_step: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return each group's old multiplier (its own, else its product's, else 1) and its new one, shape (groups,).

    Without `limits_step` the new one may be any number of steps away.
    """
    padded = np.concatenate([old_baseline, np.ones(max(0, len(priors.product_rates) - len(old_baseline)))])
    before = np.where(np.isnan(pairs.multiplier), padded[pairs.product], pairs.multiplier)
    return before, _reinforced(pairs, priors, before if limits_step else np.nan, settings)


def prior_shift(pairs: PairEvidence, before: Priors | None, now: Priors, settings: Reinforcement) -> np.ndarray | None:
    """Return by which ratio new priors alone, made by the outcomes of others, move each group, shape (groups,)."""
    if before is None:
        return None
    ratio = _reinforced(pairs, now, np.nan, settings) / _reinforced(pairs, before, np.nan, settings)
    return np.asarray(ratio)


def _reinforced(pairs: PairEvidence, priors: Priors, before: np.ndarray | float, settings: Reinforcement) -> np.ndarray:
    return reinforce(pairs.product, pairs.weighed, priors, pairs.damped, before, settings).value
