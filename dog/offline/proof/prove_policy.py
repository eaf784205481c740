"""Compare a challenger with the champion: whether it is at least as good, and what would change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dog.core.policy.policy import policy_version
from dog.errors import Conflict, NotReady
from dog.offline.off_policy.value_difference import ValueDifference
from dog.offline.proof.logged_value import compare_on_log
from dog.offline.replay.held_out import HeldOutComparison, compare_held_out
from dog.offline.replay.scored_history import held_out_start, read_active_policy, read_replay_input
from dog.services.policies.check_policy import check_policy
from dog.services.publishing.preview_policy import DEFAULT_SAMPLE, preview_policy
from dog.services.run_records import keep_run
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.proofs import KeptProof, keep_proof

MAX_EXTRA_LOG_LOSS = 0.005
"""Log loss, in nats a pitch, by which a challenger may be worse and still count as at least as good."""


class NotProved(Conflict):
    """The policy is not proved to be at least as good as the active one."""

    code = "not_proved"


@dataclass(frozen=True, slots=True)
class PolicyProof:
    """A challenger compared with the champion.

    `held_out` compares log losses, `logged` wins on decisions with propensities; where those cannot be compared it is
    None and `not_logged` says why.
    """

    held_out: HeldOutComparison
    logged: ValueDifference | None = None
    not_logged: str = ""

    @property
    def proved(self) -> bool:
        """Whether the challenger is at least as good, by the log; if that is inconclusive, by the held-out weeks."""
        if self.logged is not None and (self.logged.not_worse or self.logged.worse):
            return self.logged.not_worse
        return self.held_out.not_worse(MAX_EXTRA_LOG_LOSS)

    def sentence(self) -> str:
        """Return the result, and which comparison decided, as one sentence."""
        if self.logged is None:
            return f"judged by the models alone ({self.not_logged}): {self.held_out.sentence()}"
        by = "judged by logged propensities"
        if not (self.logged.not_worse or self.logged.worse):
            by = "logged propensities leave it open, so judged by the models"
        return f"{by}: {self.logged.sentence()}; {self.held_out.sentence()}"

    def metrics(self) -> dict[str, float | None]:
        """Return the figures by name."""
        return {**self.held_out.metrics(), **(self.logged.metrics() if self.logged else {})}


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
) -> tuple[PolicyProof, dict[str, Any]]:
    """Compare a policy with an active one: wins on the log, log loss on held-out weeks, lists of a sample of contacts.

    `against` names the active one, None the default; `runner` runs the tasks that read and score the history.

    On held-out weeks weights, consolidation and reinforcement of both are replayed, but no rules. On the log both make
    each list again with everything but laps (`compare_on_log`). The second value returned holds the changes of today's
    lists (`preview_policy`). The result is kept for tenants that require a proof (`proof_rule`).

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
    keep_run(
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
    )
    return proof, changes


def require_proof(proof: PolicyProof) -> None:
    """Refuse a policy that is not proved to be at least as good.

    Raises `NotProved` where the log shows that it is worse; or the log is inconclusive, and the interval on held-out
    weeks exceeds `MAX_EXTRA_LOG_LOSS`, or there were too few contacts for an interval.
    """
    if not proof.proved:
        raise NotProved(f"not proved to be at least as good (margin {MAX_EXTRA_LOG_LOSS} nats): {proof.sentence()}")
