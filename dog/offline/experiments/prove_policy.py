"""Compare a challenger with the champion: is it at least as good on held-out weeks, and what would change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dog.core.policy.policy import Policy, policy_version
from dog.errors import Conflict, NotFound, NotReady
from dog.offline.evaluation.replay import Proof, prove
from dog.offline.evaluation.value_difference import ValueDifference
from dog.offline.experiments.logged_value import compare_on_log
from dog.offline.experiments.replay_columns import held_out_from, read_columns
from dog.services.policies.check_policy import check_policy
from dog.services.policies.policy_store import read_active
from dog.services.publishing.preview_policy import DEFAULT_SAMPLE, preview_policy
from dog.services.run_records import keep_run
from dog.services.runtime import Runtime
from dog.storage.proofs import KeptProof, keep_proof

MARGIN = 0.005
"""Log loss, in nats a pitch, by which a challenger that is at least as good may be worse at the most."""


class NotProved(Conflict):
    """The policy is not proved to be at least as good as the one in force."""

    code = "not_proved"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a challenger beside the champion.

    Parameters
    ----------
    held_out
        Log loss on held-out weeks: what the models say.
    logged
        Wins on logged decisions with propensities; None where they cannot tell.
    silence
        Why they cannot; empty where they can.

    """

    held_out: Proof
    logged: ValueDifference | None = None
    silence: str = ""

    @property
    def proved(self) -> bool:
        """Whether the challenger is at least as good: the log says so, or leaves it open and the held-out weeks do."""
        if self.logged is not None and (self.logged.not_worse or self.logged.worse):
            return self.logged.not_worse
        return self.held_out.not_worse(MARGIN)

    def sentence(self) -> str:
        """Say what was found, and what of it decided."""
        if self.logged is None:
            return f"judged by the models alone ({self.silence}): {self.held_out.sentence()}"
        by = "judged by logged propensities"
        if not (self.logged.not_worse or self.logged.worse):
            by = "logged propensities leave it open, so judged by the models"
        return f"{by}: {self.logged.sentence()}; {self.held_out.sentence()}"

    def metrics(self) -> dict[str, float | None]:
        """Write it as numbers by name."""
        return {**self.held_out.metrics(), **(self.logged.metrics() if self.logged else {})}


def prove_policy(
    runtime: Runtime,
    tenant: str,
    content: bytes | Mapping[str, Any],
    against: str,
    *,
    held_out_weeks: int = 8,
    sample: int = DEFAULT_SAMPLE,
    seed: int = 0,
    trust_scores: bool = False,
    report: Callable[[float], None] = lambda _: None,
) -> tuple[Verdict, dict[str, Any]]:
    """Compare a policy with an active one: wins on the log, log loss on held-out weeks, lists of a sample of contacts.

    What came of it is kept for tenants that require a proof (`proof_rule`).
    On held-out weeks both are walked forward with weights, consolidation and reinforcement; rules are
    not replayed there. On the log both make each list again with everything but laps: `compare_on_log`. What changes in
    today's lists is told by `preview_policy`.

    Raises
    ------
    NotFound
        The policy to compare with is not active, or no contact is loaded.
    NotReady
        There is too little history.

    """
    store, started_ms = runtime.store(tenant), runtime.clock()
    active = read_active(store)
    if against not in active:
        raise NotFound(f"policy '{against}' is not active; active are {', '.join(active)}", code="unknown_policy")
    (version, champion), challenger = active[against], check_policy(store, content, runtime.today())
    columns, data = read_columns(runtime, tenant, champion, seed=seed, trust_scores=trust_scores, report=report)
    proof = prove(columns, champion, challenger, held_out_from(columns, held_out_weeks), seed)
    verdict = _weigh(runtime, tenant, against, champion, challenger, proof, seed)
    kept = KeptProof(verdict.proved, runtime.clock(), verdict.sentence())
    keep_proof(store, policy_version(challenger), version, kept)
    changes = preview_policy(runtime, tenant, against, content, sample=sample)
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
        metrics=verdict.metrics(),
        outcome=f"{'at least as good' if verdict.proved else 'not proved'}; {verdict.sentence()}",
    )
    return verdict, changes


def _weigh(
    runtime: Runtime, tenant: str, name: str, champion: Policy, challenger: Policy, proof: Proof, seed: int
) -> Verdict:
    try:
        return Verdict(proof, compare_on_log(runtime, tenant, name, champion, challenger, seed))
    except NotReady as error:
        return Verdict(proof, None, error.message)


def require_proof(verdict: Verdict) -> None:
    """Refuse what is not at least as good.

    Raises
    ------
    NotProved
        The log speaks against it; or leaves it open, and the interval on held-out weeks reaches above `MARGIN`, or
        there were too few contacts for one.

    """
    if not verdict.proved:
        raise NotProved(f"not proved to be at least as good (margin {MARGIN} nats): {verdict.sentence()}")
