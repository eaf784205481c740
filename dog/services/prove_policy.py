"""Compare a challenger with the champion: is it at least as good on held-out weeks, and what would change."""

from collections.abc import Callable, Mapping
from typing import Any

from dog.core.policy import policy_version
from dog.errors import Conflict, NotFound
from dog.evaluation.replay import Proof, prove
from dog.services.house import House
from dog.services.policies import read_active
from dog.services.preview_policy import DEFAULT_SAMPLE, preview_policy
from dog.services.publish_policy import check_policy, today_of
from dog.services.replay_columns import held_out_from, read_columns
from dog.services.runs import keep_run
from dog.storage.proofs import KeptProof, keep_proof

MARGIN = 0.005
"""Log loss, in nats a pitch, by which a challenger that is at least as good may be worse at the most."""


class NotProved(Conflict):
    """The policy is not proved to be at least as good as the one in force."""

    code = "not_proved"


def prove_policy(
    house: House,
    tenant: str,
    content: bytes | Mapping[str, Any],
    against: str,
    *,
    held_out_weeks: int = 8,
    sample: int = DEFAULT_SAMPLE,
    seed: int = 0,
    trust_scores: bool = False,
    report: Callable[[float], None] = lambda _: None,
) -> tuple[Proof, dict[str, Any]]:
    """Compare a policy with an active one: log loss on held-out weeks, and the lists of a sample of contacts.

    What came of it is kept for tenants that require a proof (`proof_rule`).
    Both are walked forward over the history with weights, consolidation and reinforcement; rules, laps and streaks
    are not replayed. What the rules change is seen in the lists: `preview_policy`.

    Raises
    ------
    NotFound
        The policy to compare with is not active, or no contact is loaded.
    NotReady
        There is too little history.

    """
    store, started_ms = house.store(tenant), house.clock()
    active = read_active(store)
    if against not in active:
        raise NotFound(f"policy '{against}' is not active; active are {', '.join(active)}", code="unknown_policy")
    (version, champion), challenger = active[against], check_policy(store, content, today_of(house))
    columns, data = read_columns(house, tenant, champion, seed=seed, trust_scores=trust_scores, report=report)
    proof = prove(columns, champion, challenger, held_out_from(columns, held_out_weeks), seed)
    kept = KeptProof(proof.not_worse(MARGIN), house.clock(), proof.sentence())
    keep_proof(store, policy_version(challenger), version, kept)
    changes = preview_policy(house, tenant, against, content, sample=sample)
    keep_run(
        house,
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
        outcome=f"{'at least as good' if proof.not_worse(MARGIN) else 'not proved'}; {proof.sentence()}",
    )
    return proof, changes


def require_proof(proof: Proof) -> None:
    """Refuse what is not at least as good.

    Raises
    ------
    NotProved
        The interval reaches above `MARGIN`, or there were too few contacts for one.

    """
    if not proof.not_worse(MARGIN):
        raise NotProved(f"not proved to be at least as good (margin {MARGIN}): {proof.sentence()}")
