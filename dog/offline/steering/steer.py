"""The weekly job that proves and publishes safer settings of the multiplier, for policies that allow it.

A policy allows it by `[reinforcement] self_steer = true`. Once a week was published, the safer alternatives of its
settings are replayed over the history beside the active ones. One is published if it is better by both intervals
(`HeldOutComparison.better`); of several, the one with the lowest log loss. Riskier settings are never tried: to go back
is up to a person.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from dog.core.iso_weeks import WEEK_MS, format_week, iso_time
from dog.core.policy.policy import Policy, policy_version
from dog.errors import NotReady
from dog.offline.replay.held_out import HeldOutComparison, compare_held_out
from dog.offline.replay.replay_policy import ReplayInput
from dog.offline.replay.scored_history import MIN_HELD_OUT_PITCHES, read_replay_input
from dog.offline.steering.safer_settings import is_safer, safer_alternatives
from dog.services.background_job import recorded
from dog.services.job_lease import Lease
from dog.services.policies.policy_store import VersionMovedOn, read_active_policies, store_policy
from dog.services.policies.proof_rule import check_proof_rule
from dog.services.publishing.publication_record import keep_publication
from dog.services.run_records import keep_run
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.audit_log import Actor, current_actor, record_audit_entry
from dog.storage.job_log import Job, list_jobs, new_job_id
from dog.storage.multiplier_versions import read_publications
from dog.storage.policy_versions import activate_policy, policies_from_files, record_publisher
from dog.storage.proofs import KeptProof, keep_proof
from dog.storage.store import Store

STEER = "steer"
AUTHOR = "jobs steer"
JUDGED_WEEKS = 26
"""The settings are not fitted to the history, so all of it could judge them; older weeks tell less of the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """What was decided for one policy: `version` is the one published, None where the settings stay."""

    policy: str
    version: str | None
    sentence: str
    tried: tuple[str, ...] = ()


def steering_policies(store: Store) -> dict[str, tuple[str, Policy]]:
    """Return version and policy of the active policies that allow steering, by name."""
    return {name: found for name, found in read_active_policies(store).items() if found[1].reinforcement.self_steer}


def steer_due(runtime: Runtime, tenant: str, runner: Runner | None = None) -> list[Steered]:
    """Steer once after each published week; nothing where no policy allows it."""
    store = runtime.store(tenant)
    published = read_publications(store)
    if not published or not steering_policies(store):
        return []
    week = format_week(max(published))
    if any(
        job.name == STEER and job.parameters.get("week") == week and job.state == "done" for job in list_jobs(store)
    ):
        return []
    return steer(runtime, tenant, week=week, runner=runner)


def steer(
    runtime: Runtime,
    tenant: str,
    *,
    week: str = "",
    seed: int = 0,
    trust_scores: bool = False,
    report: Callable[[float, str], None] = lambda _share, _text: None,
    runner: Runner | None = None,
) -> list[Steered]:
    """Prove and publish safer settings of every policy that allows it, where they are better.

    `runner` runs the tasks that read and score the history, by default this process.
    Each policy's decision is recorded as a run, the whole as a job, and a publication in the audit log. Raises
    `Conflict` where another process is doing it.
    """
    store = runtime.store(tenant)
    job = Job(job_id=new_job_id(), name=STEER, state="queued", created_at_ms=runtime.clock(), parameters={"week": week})
    done: list[Steered] = []
    with (
        Lease(store, STEER, runtime.stopping) as lease,
        _acting(),
        recorded(runtime, store, lease, job, report) as watched,
    ):
        allowed = steering_policies(store)
        for place, (name, (version, policy)) in enumerate(allowed.items()):
            one = _Steering(runtime, tenant, runner, seed=seed, trust_scores=trust_scores, renew=lease.renew)
            done.append(one.steer(name, version, policy))
            watched((place + 1) / len(allowed), name)
        job.counts.update(policies=len(done), published=sum(one.version is not None for one in done))
    return done


@contextmanager
def _acting() -> Iterator[None]:
    """Sign what is changed inside as done by this job."""
    token = current_actor.set(Actor("job", AUTHOR, socket.gethostname()))
    try:
        yield
    finally:
        current_actor.reset(token)


class _Steering:
    def __init__(
        self,
        runtime: Runtime,
        tenant: str,
        runner: Runner | None,
        *,
        seed: int,
        trust_scores: bool,
        renew: Callable[[], None],
    ) -> None:
        self.runtime, self.tenant, self.store, self.runner = runtime, tenant, runtime.store(tenant), runner
        self.seed, self.trust_scores, self.renew = seed, trust_scores, renew

    def steer(self, name: str, version: str, policy: Policy) -> Steered:
        """Decide on one policy, publish and record it."""
        started_ms = self.runtime.clock()
        try:
            past, data = read_replay_input(
                self.runtime,
                self.tenant,
                policy,
                seed=self.seed,
                trust_scores=self.trust_scores,
                report=lambda _: self.renew(),
                runner=self.runner,
            )
            since = _judged_from(past)
        except NotReady as error:
            return Steered(policy=name, version=None, sentence=f"nothing can be proved yet: {error.message}")
        compared = dict(self._compare(past, policy, since))
        better = [label for label, (_, proof) in compared.items() if proof.better]
        chosen = min(better, key=lambda label: compared[label][1].challenger, default=None)
        found = Steered(
            policy=name,
            version=None,
            sentence=f"the settings stay: none of {', '.join(compared) or 'no safer ones'} is proved better",
            tried=tuple(compared),
        )
        metrics: dict[str, float | None] = {}
        if chosen is not None:
            challenger, proof = compared[chosen]
            metrics = dict(proof.metrics())
            found = replace(found, sentence=f"{chosen}: {proof.sentence()}")
            found = replace(found, version=self._publish(version, policy, challenger, found.sentence))
        keep_run(
            self.runtime,
            self.tenant,
            STEER,
            started_ms=started_ms,
            settings={"policy": name, "version": version, "tried": list(found.tried), "published": found.version},
            data=data,
            seed=self.seed,
            metrics=metrics,
            outcome=found.sentence,
        )
        return found

    def _compare(
        self, past: ReplayInput, policy: Policy, since: int
    ) -> Iterator[tuple[str, tuple[Policy, HeldOutComparison]]]:
        for label, settings in safer_alternatives(policy.reinforcement).items():
            challenger = replace(policy, reinforcement=settings)
            self.renew()
            yield label, (challenger, compare_held_out(past, policy, challenger, since, self.seed))

    def _publish(self, version: str, champion: Policy, challenger: Policy, why: str) -> str:
        """Publish safer settings in place of the version that they were compared with."""
        if not is_safer(challenger.reinforcement, champion.reinforcement):
            raise AssertionError("only safer settings are tried")
        store, now_ms, name = self.store, self.runtime.clock(), champion.name
        new = policy_version(challenger)
        keep_proof(store, new, version, KeptProof(proved=True, at_ms=now_ms, sentence=why))
        store_policy(store, challenger, AUTHOR, why, now_ms, activate=False)
        expected = check_proof_rule(store, name, new, version)
        from_file = name in policies_from_files(store)  # a changed file acts later as before
        if activate_policy(store, name, new, expected, by_file=from_file) is not None:
            raise VersionMovedOn(f"policy '{name}' was changed meanwhile; nothing is published")
        record_publisher(store, name, new, by=AUTHOR, at=iso_time(now_ms))
        record_audit_entry(
            *(store.redis, store.tenant.name, "policy.steer", name), version=new, replaced=version, reason=why
        )
        keep_publication(
            self.runtime, self.tenant, challenger, new, (version, champion), started_ms=now_ms, author=AUTHOR
        )
        return new


def _judged_from(past: ReplayInput) -> int:
    at_ms = past.pitches.at_ms
    since = int(at_ms.max()) + 1 - JUDGED_WEEKS * WEEK_MS
    if (count := int((at_ms >= since).sum())) < MIN_HELD_OUT_PITCHES:
        raise NotReady(f"{count} pitches are in the last {JUDGED_WEEKS} weeks, {MIN_HELD_OUT_PITCHES} are needed")
    return since
