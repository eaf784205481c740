"""The weekly job for one week: from the ledgers to a new version of all multipliers.

freeze the input -> settle what occurred by the week's end -> evidence (news, absorption, recursion)
                 -> priors and trust -> multipliers -> sanity gate -> arrays of the new version -> flip the pointer

What the week starts from and what it learns over all pairs is in `week_start.py`, the arithmetic of a pair in
`dog/core/learning/pair_evidence.py`, the sweeps over all partitions in `week_tasks.py`; which weeks are due, and
the lease and history of the job, are in `run_recompute.py`.

A run may be killed anywhere: nothing it wrote is read before the pointer flips, and the next run works from the same
frozen input towards a version of the same name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial

import numpy as np

from dog.core.iso_weeks import format_week
from dog.core.learning.reinforcement import product_multipliers
from dog.core.learning.sanity_gate import check_week
from dog.core.learning.week_changes import MultiplierMove
from dog.core.policy.policy import Policy
from dog.services.runner import Runner
from dog.services.runner_tasks import Edge, no_edge
from dog.services.weekly.week_start import freeze_input
from dog.services.weekly.week_tasks import WeekSweeps
from dog.storage.multiplier_versions import (
    MultiplierVersion,
    drop_old_versions,
    publish_version,
    write_baseline,
)
from dog.storage.policy_versions import read_default_policy
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
    policies: Mapping[str, Policy],
    week: int,
    *,
    runner: Runner,
    zone: tzinfo,
    now_ms: int,
    token: int,
    dry_run: bool = False,
    force: bool = False,
    checkpoint: Edge = no_edge,
    replay: Replay | None = None,
) -> WeekResult:
    """Recompute one week's multipliers for every active policy and publish them as one version.

    `token` is the fencing token of the caller's lease. A dry run computes and reports, and writes nothing; `force`
    publishes also what the sanity gate considers unlikely. The checkpoint is called with the share done. As part of a
    replay the week continues from what that has made of the week before, and becomes active with its last week only.

    Raises
    ------
    WeekHeld
        The sanity gate holds the week; the active version stays.

    """
    name = format_week(week)
    week_start = freeze_input(store, policies, week, zone, now_ms, dry_run=dry_run, replay=replay)
    with WeekSweeps.begin(runner, store, week_start.input) as sweeps:
        gathered = sweeps.gather(partial(_report, checkpoint, 0.0, 0.5))  # settles the pitches first
        version = week_start.name_version(week, gathered.digests)
        learned = {policy: week_start.learn(store, policy, gathered) for policy in policies}
        priors = {policy: found.priors for policy, found in learned.items()}
        changes = sweeps.compute(priors, partial(_report, checkpoint, 0.5, 0.2))
        if not dry_run:
            for policy, changed in changes.items():
                rate, before = priors[policy].priors.global_rate, week_start.week_before(policy)
                check_week(name, policy, changed, rate, before, force=force)
            sweeps.write(priors, version, partial(_report, checkpoint, 0.7, 0.29))
    default = read_default_policy(store)
    main = changes[default if default in policies else min(policies)]
    outcome = "dry run"
    if not dry_run:
        for policy, basis in priors.items():
            settings = policies[policy].reinforcement
            baseline_before = basis.baseline_before if basis.limits_step else np.nan
            baseline = product_multipliers(basis.priors, baseline_before, settings).value
            write_baseline(store, version, policy, baseline)
        described = MultiplierVersion(
            version=version,
            week=week,
            published_at_ms=now_ms,
            timezone=str(zone),
            policies={policy: week_start.describe(policy, learned[policy], changes[policy]) for policy in changes},
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


def _report(checkpoint: Edge, start: float, length: float, share: float) -> None:
    checkpoint(start + length * share)
