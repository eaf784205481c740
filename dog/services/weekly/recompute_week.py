"""The weekly job for one week: from the ledgers to a new version of all multipliers.

freeze the input -> settle what occurred by the week's end -> evidence (news, absorption, recursion) -> priors
                 -> multipliers -> sanity gate -> arrays of the new version -> flip the pointer

The arithmetic of a pair is in `dog/core/learning/pair_evidence.py`, the passes over all partitions in
`partition_pass.py`; which weeks are due, and the lease and history of the job, are in `run_recompute.py`.

A run may be killed anywhere: nothing it wrote is read before the pointer flips, and the next run works from the same
frozen input towards a version of the same name.
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
from dog.core.learning.pair_evidence import PolicyWeek
from dog.core.learning.priors import Priors, fit_priors, read_priors
from dog.core.learning.reinforcement import product_multipliers
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.sanity_gate import WeekBefore, check_week
from dog.core.learning.week_changes import MultiplierMove, WeekChanges
from dog.core.policy.policy import DEFAULT_POLICY
from dog.services.weekly.partition_pass import Checkpoint, PolicyPriors, WeekInput
from dog.services.weekly.tenant_laps import count_tenant_laps
from dog.services.weekly.worker_pool import NO_WORKERS, SharedPasses, WorkerPool
from dog.storage.catalogue import read_catalogue, read_models
from dog.storage.ledgers import Cut, freeze_cut, read_cut
from dog.storage.multiplier_versions import (
    MultiplierVersion,
    drop_old_versions,
    publish_version,
    read_baseline,
    read_versions,
    read_weeks,
    write_baseline,
)
from dog.storage.store import Store
from dog.storage.week_replay import Replay


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekResult:
    """What one week's recompute did, or would do."""

    week: str
    version: str = ""
    outcome: str  # published, replayed, repeated, fenced, stopped, dry run
    counts: Mapping[str, float]
    movers: Sequence[MultiplierMove] = ()
    spread: Sequence[int] = ()  # pairs by multiplier, in the classes of SPREAD_BOUNDS


def recompute_week(
    store: Store,
    policies: Mapping[str, Reinforcement],
    week: int,
    *,
    zone: tzinfo,
    now_ms: int,
    token: int,
    dry_run: bool = False,
    force: bool = False,
    checkpoint: Checkpoint = lambda _: None,
    pool: WorkerPool = NO_WORKERS,
    replay: Replay | None = None,
) -> WeekResult:
    """Recompute one week's multipliers for every active policy and publish them as one version.

    `token` is the fencing token of the caller's lease. A dry run computes and reports, and writes nothing; `force`
    publishes also what the sanity gate holds to be unlikely. The checkpoint is called with the share done. As part of a
    replay the week goes on from what that has made of the week before, and becomes active with its last week only.

    Raises
    ------
    WeekHeld
        The sanity gate holds the week; the active version stays.

    """
    name = format_week(week)
    week_start = _freeze_input(store, policies, week, zone, now_ms, dry_run=dry_run, replay=replay)
    with SharedPasses(pool, store, week_start.input) as passes:
        gathered = passes.gather_evidence(partial(_report, checkpoint, 0.0, 0.5))  # settles the pitches first
        version = week_start.name_version(week, gathered.digests)
        priors = {
            policy: week_start.priors_of(store, policy, fit_priors(sums)) for policy, sums in gathered.sums.items()
        }
        changes = passes.compute_multipliers(priors, partial(_report, checkpoint, 0.5, 0.2))
        if not dry_run:
            for policy, changed in changes.items():
                rate, before = priors[policy].priors.global_rate, week_start.week_before(policy)
                check_week(name, policy, changed, rate, before, force=force)
            passes.write_multipliers(version, partial(_report, checkpoint, 0.7, 0.29))
    main = changes[DEFAULT_POLICY if DEFAULT_POLICY in policies else min(policies)]
    outcome = "dry run"
    if not dry_run:
        for policy, basis in priors.items():
            baseline = product_multipliers(basis.priors, basis.baseline_before, policies[policy]).value
            write_baseline(store, version, policy, baseline)
        described = MultiplierVersion(
            version=version,
            week=week,
            published_at_ms=now_ms,
            timezone=str(zone),
            policies={
                policy: week_start.describe(policy, priors[policy].priors, changes[policy]) for policy in changes
            },
            counts=main.counts(),
            arrivals=week_start.input.cut.arrivals,
            end_ms=week_start.input.cut.end_ms,
            replayed=replay is not None,
        )
        outcome = publish_version(store, described, token, replay.last if replay else None)  # flips the pointer
        drop_old_versions(store, version)
    return WeekResult(
        week=name,
        version=version,
        outcome=outcome,
        counts=main.counts(),
        movers=main.movers,
        spread=main.spread.tolist(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _WeekStart:
    """The frozen input of a week, the version it goes on from, the newest refresh of a model (0: none), the replay."""

    input: WeekInput
    previous_version: MultiplierVersion | None
    refresh_ms: int
    replay: Replay | None

    def name_version(self, week: int, digests: Mapping[int, bytes]) -> str:
        """Return the version's name, a hash of its input, so that a repeated run writes the same version."""
        settings = {name: asdict(policy.settings) for name, policy in self.input.policies.items()}
        digest = hashlib.blake2b(digest_size=8)
        replayed = [self.replay.started_ms] if self.replay else []
        digest.update(orjson.dumps([self.input.previous_name, week, settings, self.refresh_ms, *replayed]))
        digest.update(b"".join(digests[partition] for partition in sorted(digests)))
        return f"{format_week(week)}-{digest.hexdigest()}"

    def priors_of(self, store: Store, policy: str, priors: Priors) -> PolicyPriors:
        """Add what the week before knew to the priors of this one."""
        known, count = _described(self.previous_version, policy), self.input.product_count
        before = read_priors(known, count) if known else None
        baseline = read_baseline(store, self.input.previous_name, policy) if self.input.previous_name else np.zeros(0)
        missing = np.ones(max(0, count - len(baseline)))
        return PolicyPriors(priors, before, np.concatenate([baseline, missing])[:count])

    def week_before(self, policy: str) -> WeekBefore | None:
        """Return what the sanity gate compares the week with."""
        if self.previous_version is None:
            return None
        counts, known = self.previous_version.counts, _described(self.previous_version, policy)
        return WeekBefore(counts.get("pairs", 0), counts.get("pitches", 0), known["global_rate"] if known else None)

    def describe(self, policy: str, priors: Priors, changes: WeekChanges) -> dict[str, Any]:
        """Describe a policy's part of the version."""
        return {
            "settings": asdict(self.input.policies[policy].settings),
            "global_rate": priors.global_rate,
            "product_strength": priors.product_strength,
            "pair_strength": priors.pair_strength,
            "product_rates": priors.product_rates.tolist(),
            "score_ratios": priors.score_ratios.tolist(),
            "absorbed_until_ms": max(self.refresh_ms, _absorbed_ms(self.previous_version, policy)),
            "summary": changes.summary(),
        }


def _freeze_input(
    store: Store,
    policies: Mapping[str, Reinforcement],
    week: int,
    zone: tzinfo,
    now_ms: int,
    *,
    dry_run: bool,
    replay: Replay | None,
) -> _WeekStart:
    versions, published = read_versions(store), read_weeks(store)
    previous_name = replay.previous if replay else published[max(published)] if published else None
    previous_version = next((version for version in versions if version.version == previous_name), None)
    end_ms = week_end_ms(week, zone)
    if replay:
        cut = Cut(end_ms, replay.arrivals)
    else:
        cut = read_cut(store, end_ms) if dry_run else freeze_cut(store, week, end_ms)
    refresh_ms = _last_refresh_ms(store, end_ms)
    product_count = len(read_catalogue(store))  # read after the cut: a product is numbered before its first event
    absorb_ms = {name: refresh_ms if refresh_ms > _absorbed_ms(previous_version, name) else 0 for name in policies}
    week_input = WeekInput(
        cut=cut,
        previous_name=previous_name,
        later_weeks=[format_week(later) for later in range(week + 1, week_of(now_ms, zone) + 1)],
        product_count=product_count,
        policies={name: PolicyWeek(policies[name], end_ms, absorb_ms[name]) for name in sorted(policies)},
    )
    week_input = count_tenant_laps(store, week_input, week)
    return _WeekStart(input=week_input, previous_version=previous_version, refresh_ms=refresh_ms, replay=replay)


def _described(version: MultiplierVersion | None, policy: str) -> Mapping[str, Any] | None:
    return version.policies.get(policy) if version else None


def _absorbed_ms(version: MultiplierVersion | None, policy: str) -> int:
    known = _described(version, policy)
    return known["absorbed_until_ms"] if known else 0


def _last_refresh_ms(store: Store, end_ms: int) -> int:
    """Return the newest as_of among refreshed models (not a first load) that lies before the week's end; 0 if none."""
    refreshed = [
        model["as_of_ms"] for model in read_models(store).values() if model.get("previous_as_of_ms") is not None
    ]
    return max((as_of for as_of in refreshed if as_of <= end_ms), default=0)


def _report(checkpoint: Checkpoint, start: float, length: float, share: float) -> None:
    checkpoint(start + length * share)
