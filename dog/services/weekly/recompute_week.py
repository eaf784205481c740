"""The weekly job: from the ledgers to a new version of all multipliers, week by week, in order.

due weeks -> for each: freeze the input -> settle what occurred by its end -> evidence (news, absorption,
          recursion) -> priors -> multipliers -> sanity gate -> arrays of the new version -> flip the pointer

A run may be killed anywhere: nothing it wrote is seen before the pointer flips, and the next run works from
the same frozen input towards a version of the same name.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import tzinfo
from functools import partial
from typing import Any

import numpy as np
import orjson

from dog.core.iso_weeks import format_week, week_end_ms, week_of
from dog.core.learning.priors import Priors, fit_priors, read_priors
from dog.core.learning.reinforcement import product_multipliers
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.services.weekly.gate import pass_gate
from dog.services.weekly.movement import Move
from dog.services.weekly.pair_evidence import WeekView
from dog.services.weekly.partition_pass import Edge, Expected
from dog.services.weekly.worker_pool import ALONE, Crew, SharedSweep
from dog.storage.catalogue import read_catalogue, read_models
from dog.storage.ledgers import Cut, freeze_cut, read_cut
from dog.storage.store import Store
from dog.storage.versions import (
    Version,
    drop_old_versions,
    publish_version,
    read_baseline,
    read_versions,
    read_weeks,
    write_baseline,
)


@dataclass(frozen=True, slots=True)
class WeekResult:
    """What one week's recompute did, or would do."""

    week: str
    version: str
    outcome: str  # published, repeated, fenced, dry run
    counts: Mapping[str, float]
    movers: Sequence[Move] = ()
    spread: Sequence[int] = ()  # pairs by multiplier, in the classes of SPREAD_BOUNDS


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
    crew: Crew = ALONE,
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
    crew
        Other processes to share the partitions with.

    Returns
    -------
    What was done, or would be, with the largest movers.

    Raises
    ------
    Held
        The sanity gate holds the week; the version in force stays.

    """
    run = _prepare(store, week, zone, now_ms, dry_run=dry_run)
    views = {name: run.view(name, settings) for name, settings in sorted(policies.items())}
    with SharedSweep(crew, store, run.cut, views, run.product_count) as sweep:
        gathered = sweep.gather(partial(_within, edge, 0.0, 0.5))
        version = run.name_version(policies, gathered.digests)
        expected = {name: run.expect(store, name, fit_priors(sums)) for name, sums in gathered.sums.items()}
        movements = sweep.move(expected, partial(_within, edge, 0.5, 0.2))
        if not dry_run:
            for name, movement in movements.items():
                pass_gate(format_week(week), name, movement, expected[name].priors, run.previous, force=force)
            sweep.write(version, partial(_within, edge, 0.7, 0.29))
    counts = movements["recommended" if "recommended" in policies else min(policies)]
    outcome = "dry run"
    if not dry_run:
        for name, basis in expected.items():
            baseline = product_multipliers(basis.priors, basis.baseline_before, policies[name]).value
            write_baseline(store, version, name, baseline)
        documents = {
            name: _describe(policies[name], expected[name].priors, run.absorbed_until(name))
            | {"summary": movement.summary()}
            for name, movement in movements.items()
        }
        described = Version(
            version=version,
            week=week,
            published_at_ms=now_ms,
            timezone=str(zone),
            policies=documents,
            counts=counts.counts(),
            arrivals=run.cut.arrivals,
        )
        outcome = publish_version(store, described, token)
        drop_old_versions(store, version)
    return WeekResult(format_week(week), version, outcome, counts.counts(), counts.movers, counts.spread.tolist())


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

    def view(self, policy: str, settings: Reinforcement) -> WeekView:
        absorbed_ms = self._absorbed_before(policy)
        absorb_ms = self.refresh_ms if self.refresh_ms > absorbed_ms else 0
        return WeekView(self.before, settings, self.cut.end_ms, absorb_ms, self.later_weeks)

    def absorbed_until(self, policy: str) -> int:
        return max(self.refresh_ms, self._absorbed_before(policy))

    def expect(self, store: Store, policy: str, priors: Priors) -> Expected:
        known = self.previous.policies.get(policy) if self.previous else None
        before = read_priors(known, self.product_count) if known else None
        baseline = read_baseline(store, self.before, policy) if self.before else np.zeros(0)
        return Expected(priors, before, _resized(baseline, self.product_count))

    def _absorbed_before(self, policy: str) -> int:
        known = self.previous.policies.get(policy) if self.previous else None
        return known["absorbed_until_ms"] if known else 0

    def name_version(self, policies: Mapping[str, Reinforcement], digests: Mapping[int, bytes]) -> str:
        """Name the version by what goes into it, so that doing the work twice is harmless."""
        settings = {name: asdict(policies[name]) for name in sorted(policies)}
        named = hashlib.blake2b(digest_size=8)
        named.update(orjson.dumps([self.before, self.week, settings, self.refresh_ms]))
        named.update(b"".join(digests[partition] for partition in sorted(digests)))
        return f"{format_week(self.week)}-{named.hexdigest()}"


def _prepare(store: Store, week: int, zone: tzinfo, now_ms: int, *, dry_run: bool) -> _Run:
    versions, published = read_versions(store), read_weeks(store)
    before = published[max(published)] if published else None
    previous = next((version for version in versions if version.version == before), None)
    end_ms = week_end_ms(week, zone)
    cut = read_cut(store, end_ms) if dry_run else freeze_cut(store, week, end_ms)
    later_weeks = [format_week(later) for later in range(week + 1, week_of(now_ms, zone) + 1)]
    product_count = len(read_catalogue(store))  # read after the cut: a product is numbered before its first event
    return _Run(week, cut, before, previous, _refresh(store, end_ms), later_weeks, product_count)


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
