"""One chunk of pairs on its way through one week and policy: evidence first, multipliers once priors are known."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dog.core import evidence as ev
from dog.core.evidence import Evidence
from dog.core.priors import PairSums, Priors, sum_pairs
from dog.core.recursion import damping, recursions_due
from dog.core.reinforcement import reinforce
from dog.core.settings import Reinforcement
from dog.core.settlement import Settled, settle
from dog.storage.ledgers import Chunk, read_laps, read_previous
from dog.storage.pair_records import PAIRS, pack_pairs
from dog.storage.store import Store

DAY_MS = 86_400_000
LARGEST_MOVERS = 20
SPREAD_BOUNDS = (0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.25, 1.5, 2.0, 4.0)
"""Upper bounds of the classes in which a version tells how its multipliers are spread."""
FAR = 1.25
"""Ratio from which on a multiplier counts as moved far."""


@dataclass(frozen=True, slots=True)
class WeekView:
    """How one week looks at the ledgers for one policy.

    Parameters
    ----------
    before
        Version of the week before; None for the first.
    policy, settings
        The policy's name and reinforcement.
    end_ms
        First instant after the week, milliseconds since 1970.
    absorb_ms
        Last outcome that a model refreshed since has learnt from, milliseconds since 1970; 0 where none was.
    later_weeks
        Names of the weeks after it, whose laps do not count yet.

    """

    before: str | None
    policy: str
    settings: Reinforcement
    end_ms: int
    absorb_ms: int
    later_weeks: Sequence[str]


@dataclass(slots=True)
class Evolved:
    """What one week holds of a chunk's pairs; their multipliers are those in force until now (NaN: none).

    Parameters
    ----------
    partitions, contacts
        Whose pairs.
    contact
        Place of each pair's contact in `contacts`, ascending, shape (pairs,).
    laps, recursions
        Of each contact, shape (contacts,).
    pairs
        Records of `PAIRS`, shape (pairs,).
    newly_damped
        Contacts that reached a recursion.
    absorbed
        Pairs of which a refreshed model has learnt some evidence.

    """

    partitions: list[int]
    contacts: list[bytes]
    contact: np.ndarray
    laps: np.ndarray
    recursions: np.ndarray
    pairs: np.ndarray
    newly_damped: int
    absorbed: int

    @property
    def evidence(self) -> Evidence:
        """The evidence held of each pair."""
        names = ("evidence_wins", "evidence_pitches", "evidence_expected", "evidence_scored")
        return Evidence(*(self.pairs[name].astype(np.float64) for name in names))

    def sums(self, product_count: int) -> PairSums:
        """Sum the evidence by product, for the priors."""
        return sum_pairs(self.pairs["product"], self.evidence, product_count)


def evolve(store: Store, chunk: Chunk, view: WeekView) -> Evolved:
    """Settle a chunk and bring its evidence from the last version to this week."""
    maturation_ms = round(view.settings.maturation_days * DAY_MS)
    settled = settle(chunk.outcomes, chunk.starts, view.end_ms, maturation_ms)
    now = ev.of(settled)
    recursions, previous = read_previous(store, chunk, view.before, view.policy)
    evidence = ev.gather(_held(previous), _counted(previous), now)
    absorbed = 0
    if view.absorb_ms:
        gathered = evidence.pitches
        at_refresh = ev.of(settle(chunk.outcomes, chunk.starts, view.absorb_ms, maturation_ms))
        evidence = ev.absorb(evidence, at_refresh, now, view.settings.absorb)
        absorbed = int((evidence.pitches < gathered).sum())
    laps = read_laps(store, chunk.contacts, view.later_weeks)
    due = recursions_due(laps, view.settings.recursion.laps) > recursions
    if view.settings.recursion.reading == "evidence":
        factor = np.where(due[chunk.contact], damping(evidence.raw_rates, view.settings.recursion.n), 1.0)
        evidence = ev.damp(evidence, factor)
    pitched = settled.pitches > 0  # a pair not pitched by the week's end has no record
    pairs = _records(chunk.product, settled, evidence, previous["multiplier"])[pitched]
    return Evolved(
        chunk.partitions,
        chunk.contacts,
        chunk.contact[pitched],
        laps,
        recursions + due,
        pairs,
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


def _records(product: np.ndarray, settled: Settled, evidence: Evidence, multiplier: np.ndarray) -> np.ndarray:
    pairs = np.zeros(len(product), PAIRS)
    pairs["product"], pairs["pending"] = product, settled.pending
    pairs["wins"], pairs["losses"] = settled.wins, settled.losses
    pairs["expected"], pairs["scored"] = settled.expected, settled.scored
    pairs["evidence_wins"], pairs["evidence_pitches"] = evidence.wins, evidence.pitches
    pairs["evidence_expected"], pairs["evidence_scored"] = evidence.expected, evidence.scored
    pairs["multiplier"] = multiplier
    return pairs


@dataclass(frozen=True, slots=True)
class Move:
    """How one pair's multiplier moves."""

    contact: bytes
    product: int
    before: float
    after: float
    wins: int
    pitches: int


@dataclass(slots=True)
class Movement:
    """What a week's recompute moves, added up chunk by chunk."""

    pairs: int = 0
    pitches: int = 0  # resolved ones
    moved: int = 0
    up: int = 0
    down: int = 0
    recursions: int = 0
    absorbed: int = 0
    shifted: int = 0  # pairs that the outcomes of others alone would move by more than a quarter
    broken: int = 0  # pairs whose multiplier is no positive number, or that won more than was pitched
    movers: list[Move] = field(default_factory=list)
    spread: np.ndarray = field(default_factory=lambda: np.zeros(len(SPREAD_BOUNDS) + 1, np.int64))
    multiplier_sum: float = 0.0
    wins: float = 0.0  # of resolved pitches that carry a score; where only some of a pair's do, in proportion
    expected: float = 0.0  # their calibrated scores, summed
    scored: int = 0

    def add(self, chunk: Evolved, before: np.ndarray, after: np.ndarray, shift: np.ndarray) -> None:
        """Add a chunk: multipliers before and after, and the ratio that new priors alone make, shape (pairs,)."""
        evidence = chunk.evidence
        sound = np.isfinite(after) & (after > 0) & (evidence.wins >= 0) & (evidence.wins <= evidence.pitches)
        change = np.log(np.where(sound, after, before) / before)
        self.pairs += len(after)
        self.pitches += int(chunk.pairs["wins"].sum()) + int(chunk.pairs["losses"].sum())
        self.moved += int((change != 0).sum())
        self.up += int((change > 0).sum())
        self.down += int((change < 0).sum())
        self.recursions += chunk.newly_damped
        self.absorbed += chunk.absorbed
        self.shifted += int((np.abs(np.log(shift)) > np.log(FAR)).sum())
        self.broken += int((~sound).sum())
        self._note_spread(chunk, after[sound])
        self._note_movers(chunk, before, after, change)

    def _note_spread(self, chunk: Evolved, multipliers: np.ndarray) -> None:
        places = np.searchsorted(SPREAD_BOUNDS, multipliers)
        self.spread += np.bincount(places, minlength=len(self.spread))
        self.multiplier_sum += float(multipliers.sum())
        resolved = np.maximum(chunk.pairs["wins"] + chunk.pairs["losses"], 1)
        self.wins += float((chunk.pairs["wins"] * np.minimum(chunk.pairs["scored"] / resolved, 1)).sum())
        self.expected += float(chunk.pairs["expected"].sum())
        self.scored += int(chunk.pairs["scored"].sum())

    def summary(self) -> dict[str, Any]:
        """Say how the multipliers are spread, and how the scores agreed with what was won."""
        return {
            "spread_bounds": SPREAD_BOUNDS,
            "spread": self.spread.tolist(),
            "multiplier_sum": self.multiplier_sum,
            "scored_pitches": self.scored,
            "predicted_rate": self.expected / self.scored if self.scored else None,
            "observed_rate": self.wins / self.scored if self.scored else None,
        }

    def _note_movers(self, chunk: Evolved, before: np.ndarray, after: np.ndarray, change: np.ndarray) -> None:
        for place in np.argsort(-np.abs(change), kind="stable")[:LARGEST_MOVERS]:
            if change[place]:
                pair = chunk.pairs[place]
                wins, pitches = int(pair["wins"]), int(pair["wins"]) + int(pair["losses"]) + int(pair["pending"])
                contact = chunk.contacts[chunk.contact[place]]
                self.movers.append(
                    Move(contact, int(pair["product"]), float(before[place]), float(after[place]), wins, pitches)
                )
        self.movers.sort(key=lambda move: -abs(np.log(move.after / move.before)))
        del self.movers[LARGEST_MOVERS:]

    def counts(self) -> dict[str, int]:
        """Say what is shown of a job."""
        return {
            name: getattr(self, name)
            for name in ("pairs", "pitches", "moved", "up", "down", "shifted", "recursions", "absorbed")
        }


def multiply(
    chunk: Evolved, priors: Priors, old_baseline: np.ndarray, settings: Reinforcement
) -> tuple[np.ndarray, np.ndarray]:
    """Tell each pair's multiplier until now (its own, else its product's, else 1) and the new one, shape (pairs,)."""
    product, own = chunk.pairs["product"], chunk.pairs["multiplier"]
    padded = np.concatenate([old_baseline, np.ones(max(0, len(priors.product_rates) - len(old_baseline)))])
    before = np.where(np.isnan(own), padded[product], own)
    return before, _reinforced(chunk, priors, before, settings)


def shift_of(chunk: Evolved, before: Priors | None, now: Priors, settings: Reinforcement) -> np.ndarray:
    """Tell by which ratio the outcomes of others alone would move each pair: the priors' doing, shape (pairs,)."""
    if before is None:
        return np.ones(len(chunk.pairs))
    ratio = _reinforced(chunk, now, np.nan, settings) / _reinforced(chunk, before, np.nan, settings)
    return np.asarray(ratio)


def _reinforced(chunk: Evolved, priors: Priors, before: np.ndarray | float, settings: Reinforcement) -> np.ndarray:
    recursions = chunk.recursions[chunk.contact]
    return reinforce(chunk.pairs["product"], chunk.evidence, priors, recursions, before, settings).value


def pack(chunk: Evolved, multipliers: np.ndarray) -> dict[bytes, bytes]:
    """Pack the new version's records, one array a contact that has any."""
    pairs = chunk.pairs.copy()
    pairs["multiplier"] = multipliers
    ends = np.searchsorted(chunk.contact, np.arange(len(chunk.contacts) + 1)).tolist()
    packed = pack_pairs(chunk.laps, chunk.recursions, pairs, ends)
    return {digest: packed[place] for place, digest in enumerate(chunk.contacts) if ends[place + 1] > ends[place]}
