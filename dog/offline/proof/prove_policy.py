"""Compare a challenger with the champion: whether it is at least as good, and what would change."""

from collections.abc import Callable, Mapping
from typing import Any

from dog.core.policy.policy import policy_version
from dog.errors import Conflict, NotReady
from dog.offline.proof.logged_value import compare_on_log
from dog.offline.proof.policy_proof import MAX_EXTRA_LOG_LOSS, PolicyProof
from dog.offline.proof.proof_report import proof_files
from dog.offline.replay.held_out import compare_held_out
from dog.offline.replay.scored_history import held_out_start, read_active_policy, read_replay_input
from dog.services.policies.check_policy import check_policy
from dog.services.publishing.preview_policy import DEFAULT_SAMPLE, preview_policy
from dog.services.run_records import keep_run
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_catalogue
from dog.storage.proofs import KeptProof, keep_proof
from dog.storage.run_log import Run


class NotProved(Conflict):
    """The policy is not proved to be at least as good as the active one."""

    code = "not_proved"


def prove_policy(
    runtime: Runtime,
    tenant: str,
    content: bytes | Mapping[str, Any],
    against: str | None = None,
    *,
    held_out_weeks: int = 8,
    sample: int = DEFAULT_SAMPLE,
    seed: int = 0,
    trust_scores: bool = False,
    report: Callable[[float], None] = lambda _: None,
    runner: Runner | None = None,
) -> tuple[PolicyProof, dict[str, Any], Run]:
    """Compare a policy with an active one: wins on the log, log loss on held-out weeks, lists of a sample of contacts.

    `against` names the active one, None the default; `runner` runs the tasks that read and score the history.

    On held-out weeks weights, consolidation and reinforcement of both are replayed, but no rules. On the log both make
    each list again with everything but laps (`compare_on_log`). The second value returned holds the changes of today's
    lists (`preview_policy`), the third is the record of the run. The result is kept for tenants that require a proof
    (`proof_rule`).

    Raises `NotFound` where the policy to compare with is not active or no contact is loaded, `NotReady` where there is
    too little history.
    """
    store, started_ms = runtime.store(tenant), runtime.clock()
    version, champion = read_active_policy(store, against)
    challenger = check_policy(store, content, runtime.today())
    past, data = read_replay_input(
        runtime, tenant, champion, seed=seed, trust_scores=trust_scores, report=report, runner=runner
    )
    held_out = compare_held_out(past, champion, challenger, held_out_start(past, held_out_weeks), seed)
    try:
        proof = PolicyProof(held_out, compare_on_log(runtime, tenant, champion.name, champion, challenger, seed))
    except NotReady as error:
        proof = PolicyProof(held_out, not_logged=error.message)
    kept = KeptProof(proof.proved, runtime.clock(), proof.sentence())
    keep_proof(store, policy_version(challenger), version, kept)
    changes = preview_policy(runtime, tenant, champion.name, content, sample=sample)
    run = keep_run(
        runtime,
        tenant,
        "prove",
        started_ms=started_ms,
        settings={
            "challenger": policy_version(challenger),
            "champion": version,
            "held_out_weeks": held_out_weeks,
        },
        data=data,
        seed=seed,
        metrics=proof.metrics(),
        outcome=f"{'at least as good' if proof.proved else 'not proved'}; {proof.sentence()}",
        files=proof_files(proof, changes, champion.name, read_catalogue(store).name_of),
    )
    return proof, changes, run


def require_proof(proof: PolicyProof) -> None:
    """Refuse a policy that is not proved to be at least as good.

    Raises `NotProved` where the log shows that it is worse; or the log is inconclusive, and the interval on held-out
    weeks exceeds `MAX_EXTRA_LOG_LOSS`, or there were too few contacts for an interval.
    """
    if not proof.proved:
        raise NotProved(f"not proved to be at least as good (margin {MAX_EXTRA_LOG_LOSS} nats): {proof.sentence()}")
