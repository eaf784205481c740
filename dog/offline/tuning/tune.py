"""Search the settings that predict best on the history; draft them only if they are better on held-out weeks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dog.core.policy.policy import Policy, policy_version
from dog.errors import NotReady
from dog.offline.replay.held_out import HeldOutComparison, compare_held_out
from dog.offline.replay.replay_policy import replay_losses
from dog.offline.replay.scored_history import held_out_start, read_active_policy, read_replay_input
from dog.offline.tuning.search_space import current_settings, space_of, with_settings
from dog.offline.tuning.study import TrialJournal, finished_trials, import_optuna, importances, run_trials
from dog.offline.tuning.tuning_report import TuningFigures, tuning_files
from dog.services.policies.policy_store import store_policy
from dog.services.run_records import code_version, fingerprint, keep_run
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.audit_log import acting_name
from dog.storage.proofs import KeptProof, keep_proof
from dog.storage.run_log import Run

MAX_SEARCHED_PITCHES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningResult:
    """What a search found: `draft` is the drafted version of `policy`, None where the champion was not beaten.

    `settings` are the best ones by name, `trials` counts those of all processes, `proof` compares the best settings
    with the champion on held-out weeks.
    """

    policy: str
    draft: str | None
    settings: dict[str, Any]
    trials: int
    proof: HeldOutComparison
    run: Run


def tune(
    runtime: Runtime,
    tenant: str,
    policy: str | None = None,
    *,
    sampler: str = "tpe",
    trials: int = 200,
    held_out_weeks: int = 8,
    seed: int = 0,
    trust_scores: bool = False,
    report: Callable[[float, str], None] = lambda _share, _text: None,
    runner: Runner | None = None,
) -> TuningResult:
    """Try settings of an active policy on all but the last weeks; draft the best if they are better on those.

    Running it again, or in several processes at once, continues the same study as long as program, policy, data,
    sampler and seed are the same.

    `policy` names the active one, None the default.

    `sampler` is one of `study.SAMPLERS`; `trials` counts those of all processes; the search does not see the last
    `held_out_weeks`. A single process with the same seed and data gives the same result. With `trust_scores`, loaded
    scores also count for pitches made before their `as_of`. `report` gets the share done and the best log loss so far.
    The history is read and scored by `runner`. Trials are made one after another: each is sampled from the results of
    those before it.

    Raises `InvalidInput` where Optuna is not installed, `NotFound` where the policy is not active, `NotReady` where
    there is too little history, or no score that was known when a pitch was made.
    """
    optuna = import_optuna()
    started_ms = runtime.clock()
    version, champion = read_active_policy(runtime.store(tenant), policy)
    name = champion.name
    past, data = read_replay_input(
        runtime,
        tenant,
        champion,
        seed=seed,
        trust_scores=trust_scores,
        report=lambda share: report(share * 0.3, "reading"),
        runner=runner,
    )
    since = held_out_start(past, held_out_weeks)
    question = fingerprint(tenant, policy_version(champion), data, held_out_weeks, code_version())
    journal = TrialJournal(
        folder=runtime.settings.data_dir / "studies", name=f"{name}-{question[:12]}", sampler=sampler, seed=seed
    )
    study, searched = journal.open(optuna), past.before(since).of_contacts(MAX_SEARCHED_PITCHES, seed)
    in_force = replay_losses(searched, champion)
    if np.isnan(in_force).all():
        raise NotReady(
            f"no pitch before the last {held_out_weeks} weeks has a score that was known when it was made, so settings "
            "cannot be compared; train models (dog jobs train), or load scores that are as old as the "
            "pitches (--trust-scores takes newer ones)"
        )
    space = space_of(searched, champion)
    run_trials(
        optuna,
        study,
        journal,
        searched,
        champion,
        space,
        trials=trials,
        report=lambda share, text: report(0.3 + 0.65 * share, text),
    )
    chosen = dict(study.best_params)
    challenger = with_settings(champion, chosen)
    report(0.96, "proving")
    proof = compare_held_out(past, champion, challenger, since, seed)
    draft = _draft(runtime, tenant, challenger, version, proof) if proof.better else None
    report(0.98, "drawing")
    tried, values = finished_trials(study)
    figures = TuningFigures(
        policy=name,
        version=policy_version(champion),
        in_force=current_settings(champion, space),
        chosen=chosen,
        in_force_log_loss=float(np.nanmean(in_force)),
        trials=tried,
        values=values,
        studies={sampler: values, **journal.of_other_samplers(optuna)},
        importances=importances(optuna, study, seed),
        not_tuned=space.not_tuned,
        verdict=f"Drafted {name} {draft}" if draft else "Drafted nothing, the active policy is not beaten",
        comparison=proof.sentence(),
        basis={"sampler": sampler, "seed": seed, "weeks held out": held_out_weeks, "data": data},
    )
    run = _keep(runtime, tenant, figures, proof, started_ms=started_ms)
    return TuningResult(policy=name, draft=draft, settings=chosen, trials=len(values), proof=proof, run=run)


def _draft(runtime: Runtime, tenant: str, challenger: Policy, champion: str, proof: HeldOutComparison) -> str:
    store, now_ms, found = runtime.store(tenant), runtime.clock(), proof.sentence()
    version = store_policy(store, challenger, acting_name(), found, now_ms, activate=False)
    keep_proof(store, version, champion, KeptProof(proved=True, at_ms=now_ms, sentence=found))
    return version


def _keep(runtime: Runtime, tenant: str, figures: TuningFigures, proof: HeldOutComparison, *, started_ms: int) -> Run:
    return keep_run(
        runtime,
        tenant,
        "tune",
        started_ms=started_ms,
        settings={
            "policy": figures.version,
            "sampler": figures.basis["sampler"],
            "trials": len(figures.values),
            "held_out_weeks": figures.basis["weeks held out"],
        },
        data=figures.basis["data"],
        seed=figures.basis["seed"],
        metrics={
            "best_log_loss": float(figures.values.min()),
            "in_force_log_loss": figures.in_force_log_loss,
            **proof.metrics(),
            **{f"importance.{name}": share for name, share in figures.importances.items()},
        },
        outcome=f"{figures.verdict}; {figures.comparison}",
        files=tuning_files(figures),
    )
