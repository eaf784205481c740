"""The weekly job: from the ledgers to a new version of all multipliers, week by week, in order.

due weeks -> for each: freeze the input -> settle what occurred by its end -> evidence (news, absorption,
          recursion) -> priors -> multipliers -> sanity gate -> arrays of the new version -> flip the pointer

A run may be killed anywhere: nothing it wrote is seen before the pointer flips, and the next run works from
the same frozen input towards a version of the same name.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import tzinfo
from functools import partial
from typing import Any

import numpy as np
import orjson

from dog.core.priors import Priors, add_sums, fit_priors, read_priors
from dog.core.reinforcement import product_multipliers
from dog.core.settings import Reinforcement
from dog.core.weeks import format_week, week_end_ms, week_of
from dog.errors import InvalidInput
from dog.services.evolve import Evolved, Move, Movement, WeekView, evolve, multiply, pack, shift_of
from dog.services.gate import pass_gate
from dog.storage.catalogue import read_catalogue
from dog.storage.contacts import write_arrays
from dog.storage.ledgers import Chunk, Cut, freeze_cut, read_chunks, read_cut
from dog.storage.models import read_models
from dog.storage.store import Store
from dog.storage.versions import (
    Version,
    drop_old_versions,
    note_written,
    publish_version,
    read_baseline,
    read_versions,
    read_weeks,
    write_baseline,
    written_partitions,
)

Edge = Callable[[float], None]
"""Called at every partition's edge with the share done, 0 to 1; what it raises ends the run there."""


@dataclass(frozen=True, slots=True)
class WeekResult:
    """What one week's recompute did, or would do."""

    week: str
    version: str
    outcome: str  # published, repeated, fenced, dry run
    counts: Mapping[str, float]
    movers: Sequence[Move] = ()
    spread: Sequence[int] = ()  # pairs by multiplier, in the classes of SPREAD_BOUNDS


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
    earliest = min(
        (int(chunk.outcomes["at"].min()) for chunk in read_chunks(store) if len(chunk.outcomes)), default=None
    )
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
    force: bool = False,
    edge: Edge = lambda _: None,
) -> WeekResult:
    """Recompute one week's multipliers for every active policy and publish them as one version.

    Parameters
    ----------
    store
        Whose multipliers.
    policies
        Reinforcement settings by name of policy.
    week
        The week; only what occurred before its end, and had arrived when its recompute first began, is seen.
    zone
        Time zone that says when the week ends; stored with the version.
    now_ms
        The current instant, milliseconds since 1970.
    token
        Fencing token of the caller's lease.
    dry_run
        Compute and report, write nothing.
    force
        Publish also what the sanity gate holds to be unlikely.
    edge
        Told the share done at every partition's edge.

    Returns
    -------
    What was done, or would be, with the largest movers.

    Raises
    ------
    Held
        The sanity gate holds the week; the version in force stays.

    """
    run = _prepare(store, week, zone, now_ms, dry_run=dry_run)
    documents: dict[str, Any] = {}
    movements: dict[str, Movement] = {}
    version = ""
    for done, (name, settings) in enumerate(sorted(policies.items())):
        view = run.view(name, settings)
        chunks = _evolve_all(store, run, view, partial(_within, edge, done / len(policies), 0.7 / len(policies)))
        version = version or run.name_version(policies)
        sums = add_sums((chunk.sums(run.product_count) for chunk in chunks), run.product_count)
        priors = fit_priors(sums)
        old_baseline = read_baseline(store, run.before, name) if run.before else np.zeros(0)
        multipliers = [multiply(chunk, priors, old_baseline, settings) for chunk in chunks]
        movements[name] = Movement()
        for chunk, (before, after) in zip(chunks, multipliers, strict=True):
            shift = shift_of(chunk, run.priors_before(name), priors, settings)
            movements[name].add(chunk, before, after, shift)
        if not dry_run:
            pass_gate(format_week(week), name, movements[name], priors, run.previous, force=force)
            written = written_partitions(store, version, name)
            for chunk, (_, after) in zip(chunks, multipliers, strict=True):
                if not written.issuperset(chunk.partitions):
                    write_arrays(store, "multipliers", f"{version}:{name}", pack(chunk, after))
                    note_written(store, version, name, chunk.partitions)
                edge((done + 0.9) / len(policies))
            baseline = product_multipliers(priors, _resized(old_baseline, run.product_count), settings).value
            write_baseline(store, version, name, baseline)
        documents[name] = _describe(settings, priors, run.absorbed_until(name)) | {"summary": movements[name].summary()}
    counted = movements["recommended" if "recommended" in policies else min(policies)]
    outcome = "dry run"
    if not dry_run:
        described = Version(version, week, now_ms, str(zone), documents, counted.counts(), run.cut.arrivals)
        outcome = publish_version(store, described, token)
        drop_old_versions(store, version)
    return WeekResult(format_week(week), version, outcome, counted.counts(), counted.movers, counted.spread.tolist())


@dataclass(slots=True)
class _Run:
    """What a week's recompute starts from."""

    week: int
    cut: Cut
    before: str | None  # the version it goes on from
    previous: Version | None  # its description
    refresh_ms: int
    later_weeks: list[str]
    product_count: int
    input_digests: list[bytes]  # one a partition, in order

    def view(self, policy: str, settings: Reinforcement) -> WeekView:
        absorbed_ms = self._absorbed_before(policy)
        absorb_ms = self.refresh_ms if self.refresh_ms > absorbed_ms else 0
        return WeekView(self.before, policy, settings, self.cut.end_ms, absorb_ms, self.later_weeks)

    def absorbed_until(self, policy: str) -> int:
        return max(self.refresh_ms, self._absorbed_before(policy))

    def priors_before(self, policy: str) -> Priors | None:
        known = self.previous.policies.get(policy) if self.previous else None
        return read_priors(known, self.product_count) if known else None

    def _absorbed_before(self, policy: str) -> int:
        known = self.previous.policies.get(policy) if self.previous else None
        return known["absorbed_until_ms"] if known else 0

    def name_version(self, policies: Mapping[str, Reinforcement]) -> str:
        """Name the version by what goes into it, so that doing the work twice is harmless."""
        settings = {name: asdict(policies[name]) for name in sorted(policies)}
        named = hashlib.blake2b(digest_size=8)
        named.update(orjson.dumps([self.before, self.week, settings, self.refresh_ms]))
        named.update(b"".join(self.input_digests))
        return f"{format_week(self.week)}-{named.hexdigest()}"


def _prepare(store: Store, week: int, zone: tzinfo, now_ms: int, *, dry_run: bool) -> _Run:
    versions, published = read_versions(store), read_weeks(store)
    before = published[max(published)] if published else None
    previous = next((version for version in versions if version.version == before), None)
    end_ms = week_end_ms(week, zone)
    cut = read_cut(store, end_ms) if dry_run else freeze_cut(store, week, end_ms)
    later_weeks = [format_week(later) for later in range(week + 1, week_of(now_ms, zone) + 1)]
    product_count = len(read_catalogue(store))  # read after the cut: a product is numbered before its first event
    return _Run(week, cut, before, previous, _refresh(store, end_ms), later_weeks, product_count, [])


def _evolve_all(store: Store, run: _Run, view: WeekView, edge: Edge) -> list[Evolved]:
    """Read the ledgers, chunk by chunk; the first policy's reading also notes what was read."""
    first, evolved = not run.input_digests, []
    for chunk in read_chunks(store, run.cut):
        if first:
            run.input_digests += _digests(store, chunk)
        evolved.append(evolve(store, chunk, view))
        edge((chunk.partitions[-1] + 1) / store.tenant.partition_count)
    return evolved


def _digests(store: Store, chunk: Chunk) -> Iterator[bytes]:
    """Hash what a chunk holds of each of its partitions."""
    seen = np.unique(chunk.contact)  # a contact all of whose events come after the cut is not there yet
    partition_of = np.zeros(len(chunk.contacts), np.int64)
    partition_of[seen] = [store.tenant.partition_number(chunk.contacts[place]) for place in seen]
    lengths = np.diff(np.append(chunk.starts, len(chunk.outcomes)))
    outcomes = chunk.outcomes.copy()
    outcomes["arrival"] = 0
    of_record = np.repeat(partition_of[chunk.contact], lengths)
    for partition in chunk.partitions:
        contacts = b"".join(chunk.contacts[place] for place in seen[partition_of[seen] == partition])
        yield hashlib.blake2b(contacts + outcomes[of_record == partition].tobytes(), digest_size=16).digest()


def _within(edge: Edge, start: float, length: float, share: float) -> None:
    edge(start + length * share)


def _resized(baseline: np.ndarray, product_count: int) -> np.ndarray:
    return np.concatenate([baseline, np.ones(max(0, product_count - len(baseline)))])[:product_count]


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
