"""The weekly job: from the ledgers to a new version of all multipliers, week by week, in order.

due weeks -> for each: settle what occurred by its end -> evidence (news, absorption, recursion)
          -> priors -> multipliers -> arrays of the new version -> flip the pointer
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import tzinfo
from typing import Any

import numpy as np
import orjson

from dog.core import evidence as ev
from dog.core.evidence import Evidence
from dog.core.recursion import damping, recursions_due
from dog.core.reinforcement import Multipliers, Priors, fit_priors, product_multipliers, reinforce
from dog.core.settings import Reinforcement
from dog.core.settlement import Settled, settle
from dog.core.weeks import format_week, week_end_ms, week_of
from dog.errors import InvalidInput
from dog.storage.catalogue import read_catalogue
from dog.storage.contacts import write_arrays
from dog.storage.ledgers import Chunk, read_chunks, read_laps, read_previous
from dog.storage.models import read_models
from dog.storage.store import Store
from dog.storage.versions import (
    PAIRS,
    Version,
    drop_old_versions,
    pack_pairs,
    publish_version,
    read_baseline,
    read_versions,
    read_weeks,
    write_baseline,
)

DAY_MS = 86_400_000
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Move:
    """How one pair's multiplier moves."""

    contact: bytes
    product: int
    before: float
    after: float
    wins: int
    pitches: int


@dataclass(frozen=True, slots=True)
class WeekResult:
    """What one week's recompute did, or would do."""

    week: str
    version: str
    outcome: str  # published, repeated, fenced, unchanged, dry run
    counts: Mapping[str, float]
    movers: Sequence[Move] = ()


def due_weeks(store: Store, now_ms: int, zone: tzinfo, until: int | None = None) -> list[int]:
    """List the weeks that have ended and are not published, in order, up to the last ended or the named one.

    Raises
    ------
    InvalidInput
        The named week has not ended.

    """
    last = week_of(now_ms, zone) - 1
    if until is not None and until > last:
        raise InvalidInput(f"week {format_week(until)} has not ended; the last that has is {format_week(last)}")
    published = read_weeks(store)
    first = max(published) + 1 if published else _first_week(store, zone, last)
    return list(range(first, (last if until is None else until) + 1))


def _first_week(store: Store, zone: tzinfo, last: int) -> int:
    earliest = min((int(chunk.outcomes["at"].min()) for chunk in read_chunks(store)), default=None)
    return last if earliest is None else min(last, week_of(earliest, zone))


def recompute_week(
    store: Store,
    policies: Mapping[str, Reinforcement],
    week: int,
    zone: tzinfo,
    now_ms: int,
    token: int,
    *,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> WeekResult:
    """Recompute one week's multipliers for every active policy and publish them as one version.

    Parameters
    ----------
    store
        Whose multipliers.
    policies
        Reinforcement settings by name of policy.
    week
        The week; only what occurred before its end is seen.
    zone
        Time zone that says when the week ends; stored with the version.
    now_ms
        The current instant, milliseconds since 1970.
    token
        Fencing token of the caller's lease.
    dry_run
        Compute and report, write nothing.
    progress
        Told the share done, 0 to 1.

    Returns
    -------
    What was done, or would be, with the largest movers.

    """
    versions = read_versions(store)
    published = read_weeks(store)
    before = published[max(published)] if published else None
    previous = next((version for version in versions if version.version == before), None)
    end_ms = week_end_ms(week, zone)
    later = [format_week(w) for w in range(week + 1, week_of(now_ms, zone) + 1)]
    chunks = list(read_chunks(store))
    products = max(len(read_catalogue(store)), 1 + max((int(c.product.max()) for c in chunks), default=-1))
    refresh_ms = _refresh(store, end_ms)
    version = _name_version(before, week, policies, chunks, end_ms, refresh_ms)
    documents: dict[str, Any] = {}
    counted = "recommended" if "recommended" in policies else min(policies)
    counts = {"pairs": 0, "moved": 0, "up": 0, "down": 0, "recursions": 0, "absorbed": 0}
    movers: list[Move] = []
    for done, (name, settings) in enumerate(sorted(policies.items())):
        known = previous.policies.get(name) if previous else None
        absorbed_ms = known["absorbed_until_ms"] if known else 0
        absorbs_ms = refresh_ms if refresh_ms > absorbed_ms else 0
        steps = [_evolve(store, chunk, before, name, settings, end_ms, absorbs_ms, later) for chunk in chunks]
        priors = fit_priors(*_joined(steps), products)
        old_baseline = read_baseline(store, before, name) if before else np.zeros(0)
        baseline = product_multipliers(priors, _previous_baseline(old_baseline, products), settings).value
        documents[name] = _describe(settings, priors, max(refresh_ms, absorbed_ms))
        for step in steps:
            result = _multiply(step, priors, _previous_of(step, old_baseline), settings)
            if name == counted:
                _count(counts, movers, step, result, old_baseline)
            if not dry_run:
                write_arrays(store, "multipliers", f"{version}:{name}", _pack(step, result))
        if not dry_run:
            write_baseline(store, version, name, baseline)
        progress((done + 1) / len(policies))
    outcome = "dry run"
    if not dry_run:
        described = Version(version, week, now_ms, str(zone), documents, counts)
        outcome = publish_version(store, described, token)
        drop_old_versions(store, version)
    movers.sort(key=lambda move: -abs(np.log(move.after / move.before)))
    return WeekResult(format_week(week), version, outcome, counts, movers[:20])


@dataclass(frozen=True, slots=True)
class _Step:
    """One chunk on its way through one week and policy."""

    chunk: Chunk
    settled: Settled
    evidence: Evidence
    laps: np.ndarray  # (contacts,)
    recursions: np.ndarray  # (contacts,)
    previous: np.ndarray  # PAIRS of the last version, (pairs,)
    newly_damped: int  # contacts
    absorbed: int  # pairs


def _evolve(
    store: Store,
    chunk: Chunk,
    before: str | None,
    policy: str,
    settings: Reinforcement,
    end_ms: int,
    refresh_ms: int,
    later: Sequence[str],
) -> _Step:
    """Settle a chunk and bring its evidence from the last version to this week."""
    maturation_ms = round(settings.maturation_days * DAY_MS)
    settled = settle(chunk.outcomes, chunk.starts, end_ms, maturation_ms)
    now = ev.of(settled)
    recursions, previous = read_previous(store, chunk, before, policy)
    held = Evidence(
        previous["evidence_wins"],
        previous["evidence_pitches"],
        previous["evidence_expected"],
        previous["evidence_scored"].astype(np.float64),
    )
    counted = Evidence(
        previous["wins"].astype(np.float64),
        previous["wins"].astype(np.float64) + previous["losses"],
        previous["expected"],
        previous["scored"].astype(np.float64),
    )
    evidence = ev.gather(held, counted, now)
    absorbed = 0
    if refresh_ms:
        gathered = evidence.pitches
        at_refresh = ev.of(settle(chunk.outcomes, chunk.starts, refresh_ms, maturation_ms))
        evidence = ev.absorb(evidence, at_refresh, now, settings.absorb)
        absorbed = int((evidence.pitches < gathered).sum())
    laps = read_laps(store, chunk.contacts, later)
    due = recursions_due(laps, settings.recursion.laps) > recursions
    if settings.recursion.reading == "evidence":
        factor = np.where(due[chunk.contact], damping(evidence.raw_rates, settings.recursion.n), 1.0)
        evidence = ev.damp(evidence, factor)
    return _Step(chunk, settled, evidence, laps, recursions + due, previous, int(due.sum()), absorbed)


def _joined(steps: Sequence[_Step]) -> tuple[np.ndarray, Evidence]:
    if not steps:
        return np.zeros(0, np.int64), ev.nothing(0)
    parts = zip(
        *((s.evidence.wins, s.evidence.pitches, s.evidence.expected, s.evidence.scored) for s in steps),
        strict=True,
    )
    return np.concatenate([step.chunk.product for step in steps]), Evidence(*map(np.concatenate, parts))


def _previous_baseline(old: np.ndarray, products: int) -> np.ndarray:
    return np.concatenate([old, np.ones(products - len(old))]) if len(old) < products else old[:products]


def _previous_of(step: _Step, old_baseline: np.ndarray) -> np.ndarray:
    """Tell the multiplier in force until now: the pair's own, else its product's, else 1."""
    own = step.previous["multiplier"]
    known = step.chunk.product < len(old_baseline)
    of_product = np.where(
        known, old_baseline[np.where(known, step.chunk.product, 0)] if len(old_baseline) else 1.0, 1.0
    )
    return np.where(np.isnan(own), of_product, own)


def _multiply(step: _Step, priors: Priors, previous: np.ndarray, settings: Reinforcement) -> Multipliers:
    recursions = step.recursions[step.chunk.contact]
    return reinforce(step.chunk.product, step.evidence, priors, recursions, previous, settings)


def _pack(step: _Step, result: Multipliers) -> dict[bytes, bytes]:
    """Pack the new version's records, one array a contact; a pair not pitched by the week's end has none."""
    pairs = np.zeros(len(step.chunk.product), PAIRS)
    settled, evidence = step.settled, step.evidence
    pairs["product"], pairs["pending"] = step.chunk.product, settled.pending
    pairs["wins"], pairs["losses"] = settled.wins, settled.losses
    pairs["expected"], pairs["scored"] = settled.expected, settled.scored
    pairs["evidence_wins"], pairs["evidence_pitches"] = evidence.wins, evidence.pitches
    pairs["evidence_expected"], pairs["evidence_scored"] = evidence.expected, evidence.scored
    pairs["multiplier"] = result.value
    pitched = settled.pitches > 0
    pairs, contact = pairs[pitched], step.chunk.contact[pitched]
    ends = np.searchsorted(contact, np.arange(len(step.chunk.contacts) + 1))
    return {
        digest: pack_pairs(int(step.laps[place]), int(step.recursions[place]), pairs[ends[place] : ends[place + 1]])
        for place, digest in enumerate(step.chunk.contacts)
        if ends[place + 1] > ends[place]
    }


def _count(
    counts: dict[str, int], movers: list[Move], step: _Step, result: Multipliers, old_baseline: np.ndarray
) -> None:
    """Count how many pairs move, and note the largest movers."""
    before = _previous_of(step, old_baseline)
    pitched = step.settled.pitches > 0
    change = np.where(pitched, np.log(np.maximum(result.value, 1e-300) / before), 0.0)
    counts["pairs"] += int(pitched.sum())
    counts["moved"] += int((change != 0).sum())
    counts["up"] += int((change > 0).sum())
    counts["down"] += int((change < 0).sum())
    counts["recursions"] += step.newly_damped
    counts["absorbed"] += step.absorbed
    for pair in np.argsort(-np.abs(change), kind="stable")[:20]:
        if change[pair]:
            chunk, settled = step.chunk, step.settled
            movers.append(
                Move(
                    chunk.contacts[chunk.contact[pair]],
                    int(chunk.product[pair]),
                    float(before[pair]),
                    float(result.value[pair]),
                    int(settled.wins[pair]),
                    int(settled.pitches[pair]),
                )
            )


def _refresh(store: Store, end_ms: int) -> int:
    """Find the newest as_of among refreshed models (not a first load) that lies before the week's end; 0 if none."""
    refreshed = [
        model["as_of_ms"] for model in read_models(store).values() if model.get("previous_as_of_ms") is not None
    ]
    return max((as_of for as_of in refreshed if as_of <= end_ms), default=0)


def _describe(settings: Reinforcement, priors: Priors, absorbed_until_ms: int) -> dict[str, Any]:
    return {
        "settings": asdict(settings),
        "global_rate": priors.global_rate,
        "product_strength": priors.product_strength,
        "pair_strength": priors.pair_strength,
        "product_rates": priors.product_rates.tolist(),
        "score_ratios": priors.score_ratios.tolist(),
        "absorbed_until_ms": absorbed_until_ms,
    }


def _name_version(
    before: str | None,
    week: int,
    policies: Mapping[str, Reinforcement],
    chunks: Sequence[Chunk],
    end_ms: int,
    refresh_ms: int,
) -> str:
    """Name the version by what goes into it, so that doing the work twice is harmless."""
    named = hashlib.blake2b(digest_size=8)
    settings = {name: asdict(policies[name]) for name in sorted(policies)}
    named.update(orjson.dumps([before, week, settings, refresh_ms]))
    for chunk in chunks:
        named.update(b"".join(chunk.contacts))
        seen = chunk.outcomes[chunk.outcomes["at"].astype(np.int64) < end_ms].copy()
        seen["arrival"] = 0
        named.update(seen.tobytes())
    return f"{format_week(week)}-{named.hexdigest()}"
