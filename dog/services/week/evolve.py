"""One chunk of pairs on its way through one week and policy: evidence first, multipliers once priors are known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dog.core import evidence as ev
from dog.core.evidence import Evidence
from dog.core.priors import PairSums, Priors, sum_pairs
from dog.core.recursion import damping, recursions_due
from dog.core.reinforcement import reinforce
from dog.core.settings import Reinforcement
from dog.core.settlement import Settled
from dog.storage.ledgers import Chunk, read_previous
from dog.storage.pair_records import PAIRS, NarrowPairs, narrow
from dog.storage.store import Store

DAY_MS = 86_400_000
CONTACT = np.dtype("V16")


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
    ends
        Where each contact's pairs begin, and the end of the last, shape (contacts + 1,).
    laps, recursions
        Of each contact, shape (contacts,).
    pairs
        The pairs, contact by contact.
    newly_damped
        Contacts that reached a recursion.
    absorbed
        Pairs of which a refreshed model has learnt some evidence.

    """

    partitions: list[int]
    contacts: list[bytes]
    ends: np.ndarray
    laps: np.ndarray
    recursions: np.ndarray
    pairs: NarrowPairs
    newly_damped: int
    absorbed: int

    @property
    def evidence(self) -> Evidence:
        """The evidence held of each pair."""
        names = ("evidence_wins", "evidence_pitches", "evidence_expected", "evidence_scored")
        return Evidence(*(self.pairs.floats(name) for name in names))

    def sums(self, product_count: int) -> PairSums:
        """Sum the evidence by product, for the priors."""
        return sum_pairs(self.pairs.columns["product"], self.evidence, product_count)

    def take_apart(self) -> tuple["Evolved", dict[str, np.ndarray]]:
        """Take the arrays out, by name, to be put aside; `put_together` undoes it."""
        contacts = np.frombuffer(b"".join(self.contacts), CONTACT)
        arrays = {"contacts": contacts, "ends": self.ends, "laps": self.laps, "recursions": self.recursions}
        nothing = np.zeros(0)
        pairs = replace(self.pairs, columns={})
        hollow = replace(self, contacts=[], ends=nothing, laps=nothing, recursions=nothing, pairs=pairs)
        return hollow, {**arrays, **self.pairs.columns}


def put_together(hollow: Evolved, arrays: dict[str, np.ndarray]) -> Evolved:
    """Put the arrays back in."""
    contacts, ends, laps, recursions = (arrays.pop(name) for name in ("contacts", "ends", "laps", "recursions"))
    pairs = replace(hollow.pairs, columns=arrays)
    return replace(hollow, contacts=contacts.tolist(), ends=ends, laps=laps, recursions=recursions, pairs=pairs)


Settle = Callable[[int, int], Settled]
"""Settle a chunk as seen at an instant, with an age at which open pitches count as lost, both in milliseconds."""


def evolve(store: Store, chunk: Chunk, view: WeekView, laps: np.ndarray, settled_at: Settle) -> Evolved:
    """Bring a chunk's evidence from the last version to this week."""
    maturation_ms = round(view.settings.maturation_days * DAY_MS)
    settled = settled_at(view.end_ms, maturation_ms)
    evidence = now = ev.of(settled)
    recursions, multiplier = np.zeros(len(chunk.contacts), np.int64), np.full(len(chunk.product), np.nan)
    if view.before is not None:
        recursions, previous = read_previous(store, chunk, view.before, view.policy)
        evidence, multiplier = ev.gather(_held(previous), _counted(previous), now), previous["multiplier"]
    absorbed = 0
    if view.absorb_ms:
        gathered = evidence.pitches
        at_refresh = ev.of(settled_at(view.absorb_ms, maturation_ms))
        evidence = ev.absorb(evidence, at_refresh, now, view.settings.absorb)
        absorbed = int((evidence.pitches < gathered).sum())
    due = recursions_due(laps, view.settings.recursion.laps) > recursions
    if view.settings.recursion.reading == "evidence" and due.any():
        factor = np.where(due[chunk.contact], damping(evidence.raw_rates, view.settings.recursion.n), 1.0)
        evidence = ev.damp(evidence, factor)
    contact, columns = chunk.contact, _columns(chunk.product, settled, evidence, multiplier)
    pitched = settled.pitches > 0  # a pair not pitched by the week's end has no record
    if not pitched.all():
        contact, columns = contact[pitched], {name: column[pitched] for name, column in columns.items()}
    ends = np.searchsorted(contact, np.arange(len(chunk.contacts) + 1))
    damped = int(due.sum())
    return Evolved(chunk.partitions, chunk.contacts, ends, laps, recursions + due, narrow(columns), damped, absorbed)


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
    """Tell each pair's multiplier until now (its own, else its product's, else 1) and the new one, shape (pairs,)."""
    product, own = chunk.pairs.columns["product"], chunk.pairs.floats("multiplier")
    padded = np.concatenate([old_baseline, np.ones(max(0, len(priors.product_rates) - len(old_baseline)))])
    before = np.where(np.isnan(own), padded[product], own)
    return before, _reinforced(chunk, priors, before, settings)


def shift_of(chunk: Evolved, before: Priors | None, now: Priors, settings: Reinforcement) -> np.ndarray | None:
    """Tell by which ratio the outcomes of others alone would move each pair: the priors' doing, shape (pairs,)."""
    if before is None:
        return None
    ratio = _reinforced(chunk, now, np.nan, settings) / _reinforced(chunk, before, np.nan, settings)
    return np.asarray(ratio)


def _reinforced(chunk: Evolved, priors: Priors, before: np.ndarray | float, settings: Reinforcement) -> np.ndarray:
    recursions = np.repeat(chunk.recursions, np.diff(chunk.ends)) if chunk.recursions.any() else 0
    return reinforce(chunk.pairs.columns["product"], chunk.evidence, priors, recursions, before, settings).value


def pack(chunk: Evolved, multipliers: np.ndarray) -> dict[bytes, bytes]:
    """Pack the new version's records, one array a contact that has any."""
    ends = chunk.ends.tolist()
    packed = chunk.pairs.with_multipliers(multipliers).pack(chunk.laps, chunk.recursions, ends)
    return {digest: packed[place] for place, digest in enumerate(chunk.contacts) if ends[place + 1] > ends[place]}
