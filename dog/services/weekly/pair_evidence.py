"""One chunk of pairs on its way through one week and policy: evidence first, multipliers once priors are known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

import numpy as np

from dog.core.learning import evidence as ev
from dog.core.learning.distinct_rows import RowGroups, group_rows
from dog.core.learning.evidence import Evidence
from dog.core.learning.priors import PairSums, Priors, sum_pairs
from dog.core.learning.recursion import damping, recursions_due
from dog.core.learning.reinforcement import reinforce
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.settlement import Settled, settle
from dog.core.records import PAIRS
from dog.storage.ledgers import Chunk, Previous, spans
from dog.storage.pair_records import NarrowPairs, narrow

DAY_MS = 86_400_000
CONTACT = np.dtype("V16")
ARRAYS = ("ends", "laps", "recursions", "kind", "times", "damped")


@dataclass(frozen=True, slots=True)
class WeekView:
    """How one week looks at the ledgers for one policy.

    Parameters
    ----------
    before
        Version of the week before; None for the first.
    settings
        The policy's reinforcement.
    end_ms
        First instant after the week, milliseconds since 1970.
    absorb_ms
        Last outcome that a model refreshed since has learnt from, milliseconds since 1970; 0 where none was.
    later_weeks
        Names of the weeks after it, whose laps do not count yet.

    """

    before: str | None
    settings: Reinforcement
    end_ms: int
    absorb_ms: int
    later_weeks: Sequence[str]


@dataclass(slots=True)
class Evolved:
    """What one week holds of a chunk's pairs; their multipliers are those in force until now (NaN: none).

    Parameters
    ----------
    partitions, sizes, contacts
        Whose pairs: partitions, how many of the contacts belong to each of them, and the contacts' digests.
    ends
        Where each contact's pairs begin, and the end of the last, shape (contacts + 1,).
    laps, recursions
        Of each contact, shape (contacts,).
    kind
        Which of `pairs` stands for each pair, contact by contact, shape (pairs,).
    times
        How many pairs are of each kind, shape (kinds,).
    damped
        Recursions of each kind's contacts, shape (kinds,).
    pairs
        One pair of each kind.
    newly_damped
        Contacts that reached a recursion.
    absorbed
        Pairs of which a refreshed model has learnt some evidence.

    """

    partitions: list[int]
    sizes: list[int]
    contacts: list[bytes]
    ends: np.ndarray
    laps: np.ndarray
    recursions: np.ndarray
    kind: np.ndarray
    times: np.ndarray
    damped: np.ndarray
    pairs: NarrowPairs
    newly_damped: int
    absorbed: int

    @property
    def evidence(self) -> Evidence:
        """The evidence held of each kind of pair."""
        names = ("evidence_wins", "evidence_pitches", "evidence_expected", "evidence_scored")
        return Evidence(*(self.pairs.floats(name) for name in names))

    def sums(self, product_count: int) -> PairSums:
        """Sum the evidence by product, for the priors."""
        return sum_pairs(self.pairs.columns["product"], self.evidence, product_count, self.times)

    def take_apart(self) -> tuple["Evolved", dict[str, np.ndarray]]:
        """Take the arrays out, by name, to be put aside; `put_together` undoes it."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        arrays["contacts"] = np.frombuffer(b"".join(self.contacts), CONTACT)
        hollow: dict[str, Any] = {**dict.fromkeys(ARRAYS), "contacts": [], "pairs": replace(self.pairs, columns={})}
        return replace(self, **hollow), {**arrays, **self.pairs.columns}


def put_together(hollow: Evolved, arrays: dict[str, np.ndarray]) -> Evolved:
    """Put the arrays back in."""
    own: dict[str, Any] = {name: arrays.pop(name) for name in ARRAYS}
    own["contacts"] = arrays.pop("contacts").tolist()
    return replace(hollow, pairs=replace(hollow.pairs, columns=arrays), **own)


@dataclass(frozen=True, slots=True)
class SettledKinds:
    """A chunk's pairs as settled at some instant: which are of one kind, and what became of each kind."""

    kinds: RowGroups
    settled: Settled


Settle = Callable[[int, int], SettledKinds]
"""Settle a chunk as seen at an instant, with an age at which open pitches count as lost, both in milliseconds."""


def settle_kinds(chunk: Chunk, as_of_ms: int, maturation_ms: int) -> SettledKinds:
    """Settle a chunk, and tell which of its pairs are of one kind."""
    settled = settle(chunk.outcomes, chunk.starts, as_of_ms, maturation_ms)
    columns = (settled.wins, settled.losses, settled.pending, settled.expected, settled.scored)
    kinds = group_rows([chunk.product, *columns])
    return SettledKinds(kinds, settled.take(kinds.first))


def evolve(chunk: Chunk, view: WeekView, laps: np.ndarray, previous: Previous | None, settled_at: Settle) -> Evolved:
    """Bring a chunk's evidence from the last version to this week, one pair of each kind for all of them."""
    maturation_ms = round(view.settings.maturation_days * DAY_MS)
    now = settled_at(view.end_ms, maturation_ms)
    recursions = np.zeros(len(chunk.contacts), np.int64) if previous is None else previous.recursions
    differs = [] if previous is None else [previous.kind]  # besides what is settled by now
    at_refresh = settled_at(view.absorb_ms, maturation_ms) if view.absorb_ms else None
    if at_refresh is not None:
        differs.append(at_refresh.kinds.group)
    due = recursions_due(laps, view.settings.recursion.laps) > recursions
    recursions = recursions + due
    if recursions.any():
        differs += [recursions[chunk.contact], due[chunk.contact]]
    kinds, settled = now.kinds, now.settled
    if differs and not now.kinds.all_distinct:
        kinds = group_rows([now.kinds.group, *differs])
        settled = now.settled.take(now.kinds.group[kinds.first])
    evidence, multiplier = ev.of(settled), np.full(len(kinds.size), np.nan)
    if previous is not None:
        held = previous.records.take(previous.kind[kinds.first])
        evidence, multiplier = ev.gather(_held(held), _counted(held), evidence), held["multiplier"]
    absorbed = 0
    if at_refresh is not None:
        gathered = evidence.pitches
        then = ev.of(at_refresh.settled.take(at_refresh.kinds.group[kinds.first]))
        evidence = ev.absorb(evidence, then, ev.of(settled), view.settings.absorb)
        absorbed = int(kinds.size[evidence.pitches < gathered].sum())
    if view.settings.recursion.reading == "evidence" and due.any():
        factor = np.where(due[chunk.contact[kinds.first]], damping(evidence.raw_rates, view.settings.recursion.n), 1.0)
        evidence = ev.damp(evidence, factor)
    columns = _columns(chunk.product[kinds.first], settled, evidence, multiplier)
    contact, kind, times = chunk.contact, kinds.group, kinds.size
    pitched = settled.pitches > 0  # a pair not pitched by the week's end has no record
    if not pitched.all():
        seen = pitched[kind]
        contact, kind, times = contact[seen], kind[seen], np.where(pitched, times, 0)
    ends = np.searchsorted(contact, np.arange(len(chunk.contacts) + 1))
    return Evolved(
        chunk.partitions,
        chunk.sizes,
        chunk.contacts,
        ends,
        laps,
        recursions,
        kind,
        times,
        recursions[chunk.contact[kinds.first]],
        narrow(columns),
        int(due.sum()),
        absorbed,
    )


def _held(previous: np.ndarray) -> Evidence:
    return Evidence(
        previous["evidence_wins"],
        previous["evidence_pitches"],
        previous["evidence_expected"],
        previous["evidence_scored"].astype(np.float64),
    )


def _counted(previous: np.ndarray) -> Evidence:
    wins = previous["wins"].astype(np.float64)
    return Evidence(wins, wins + previous["losses"], previous["expected"], previous["scored"].astype(np.float64))


def _columns(
    product: np.ndarray, settled: Settled, evidence: Evidence, multiplier: np.ndarray
) -> dict[str, np.ndarray]:
    return {
        "product": product,
        "pending": settled.pending,
        "wins": settled.wins,
        "losses": settled.losses,
        "expected": settled.expected,
        "scored": settled.scored,
        "evidence_wins": evidence.wins,
        "evidence_pitches": evidence.pitches,
        "evidence_expected": evidence.expected,
        "evidence_scored": evidence.scored.astype(PAIRS["evidence_scored"]),
        "multiplier": multiplier,
    }


def multiply(
    chunk: Evolved, priors: Priors, old_baseline: np.ndarray, settings: Reinforcement
) -> tuple[np.ndarray, np.ndarray]:
    """Tell each kind's multiplier until now (its own, else its product's, else 1) and the new one, shape (kinds,)."""
    product, own = chunk.pairs.columns["product"], chunk.pairs.floats("multiplier")
    padded = np.concatenate([old_baseline, np.ones(max(0, len(priors.product_rates) - len(old_baseline)))])
    before = np.where(np.isnan(own), padded[product], own)
    return before, _reinforced(chunk, priors, before, settings)


def shift_of(chunk: Evolved, before: Priors | None, now: Priors, settings: Reinforcement) -> np.ndarray | None:
    """Tell by which ratio the outcomes of others alone would move each kind: the priors' doing, shape (kinds,)."""
    if before is None:
        return None
    ratio = _reinforced(chunk, now, np.nan, settings) / _reinforced(chunk, before, np.nan, settings)
    return np.asarray(ratio)


def _reinforced(chunk: Evolved, priors: Priors, before: np.ndarray | float, settings: Reinforcement) -> np.ndarray:
    return reinforce(chunk.pairs.columns["product"], chunk.evidence, priors, chunk.damped, before, settings).value


def pack(chunk: Evolved, multipliers: np.ndarray) -> dict[int, list[bytes]]:
    """Pack the new version's records: in each partition, one array after each contact that has any pairs."""
    packed = chunk.pairs.with_multipliers(multipliers).pack(
        chunk.laps, chunk.recursions, chunk.ends.tolist(), chunk.kind
    )
    has_pairs = np.diff(chunk.ends) > 0
    fields: dict[int, list[bytes]] = {}
    for partition, span in spans(chunk.partitions, chunk.sizes):
        own = [b""] * (2 * (span.stop - span.start))
        own[::2], own[1::2] = chunk.contacts[span], packed[span]
        if not has_pairs[span].all():
            own = list(compress(own, np.repeat(has_pairs[span], 2)))
        if own:
            fields[partition] = own
    return fields
