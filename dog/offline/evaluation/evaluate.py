"""Evaluate a policy on the history: every figure from what was known before each pitch."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from threadpoolctl import threadpool_limits

from dog.offline.evaluation.evaluation_result import Basis, Evaluation
from dog.offline.evaluation.judge import Replayed, judge
from dog.offline.evaluation.predictions import not_replayed, predict
from dog.offline.replay.scored_history import REFIT_WEEKS, ScoredHistory, read_active_policy, read_scored_history
from dog.services.policies.tenant_schema import tenant_schema
from dog.services.runner import LocalRunner, Runner
from dog.services.runtime import Runtime

Report = Callable[[float, str], None]


def evaluate(
    runtime: Runtime,
    tenant: str,
    policy: str | None = None,
    *,
    refit_weeks: int = REFIT_WEEKS,
    seed: int = 0,
    trust_scores: bool = False,
    report: Report = lambda _share, _text: None,
    runner: Runner | None = None,
) -> Evaluation:
    """Walk the history forward in time and judge models, consolidated score, multipliers and traffic split.

    Models and calibrations are fitted again every `refit_weeks` weeks. With `trust_scores`, loaded scores also count
    for pitches made before their `as_of`: only you know how they were made. The same seed and history give the same
    figures, by whichever runner. `report` gets the share done and the current step. Raises `NotFound` where the policy
    is not active, `NotReady` where no week of pitches is complete.
    """
    store, runner = runtime.store(tenant), runner or LocalRunner(runtime)
    version, chosen = read_active_policy(store, policy)
    scored = read_scored_history(
        runtime,
        tenant,
        chosen,
        refit_weeks=refit_weeks,
        seed=seed,
        trust_scores=trust_scores,
        report=lambda share, text: report(0.5 * share, text),
        runner=runner,
    )
    with threadpool_limits(1, "blas"):  # sums are in one order, as in the workers
        predictions, weeks, score = predict(chosen, scored.past, lambda share: report(0.5 + 0.1 * share, "multipliers"))
        figures = judge(
            runner,
            scored,
            chosen,
            Replayed(predictions=predictions, weeks=weeks, score=score),
            tenant=tenant,
            now_ms=runtime.clock(),
            seed=seed,
            edge=lambda share: report(0.6 + 0.33 * share, "judging"),
        )
    basis = _basis(
        scored,
        tenant=store.tenant.name,
        policy=chosen.name,
        policy_version=version,
        made_at=_iso(runtime.clock()),
        refit_weeks=refit_weeks,
        seed=seed,
        trusted_scores=trust_scores,
        not_replayed=not_replayed(chosen, scored.past, tenant_schema(store)),
    )
    return Evaluation(basis=basis, **figures)


def _basis(scored: ScoredHistory, **given: Any) -> Basis:
    pitches = scored.past.pitches
    return Basis(
        **given,
        first_at=_iso(int(pitches.at_ms.min())),
        last_at=_iso(int(pitches.at_ms.max())),
        pitches=len(pitches),
        read_share=scored.history.read_share,
        wins=int(pitches.won.sum()),
        contacts=pitches.clusters.contacts[1],
        pairs=int(pitches.pair.max()) + 1,
        refitted=scored.scores.refitted,
        left_out=scored.scores.left_out,
        fingerprint=scored.fingerprint,
    )


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
