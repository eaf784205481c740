"""Search the settings that predict best on the history; draft them only where held-out weeks prove them better."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dog.core.policy.policy import Policy, policy_version
from dog.errors import NotFound
from dog.offline.evaluation.replay import Proof, prove, replay
from dog.offline.evaluation.tuning_report import Search, search_files
from dog.offline.experiments.replay_columns import held_out_from, read_columns
from dog.offline.experiments.study import Study, finished, import_optuna, importances, search
from dog.offline.experiments.tune_space import current, space_of, with_settings
from dog.services.policies.policy_store import publish_policy, read_active
from dog.services.run_records import code_version, fingerprint, keep_run
from dog.services.runtime import Runtime
from dog.storage.proofs import KeptProof, keep_proof
from dog.storage.run_log import Run

MOST_PITCHES = 200_000
Report = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a search found.

    Parameters
    ----------
    draft
        Version of the drafted policy; None where the champion was not beaten.
    settings
        The best settings, by name.
    trials
        Trials of the study, those of other processes included.
    proof
        The best settings beside the champion on the weeks held out.
    run
        Its record.

    """

    draft: str | None
    settings: dict[str, Any]
    trials: int
    proof: Proof
    run: Run


def tune(
    runtime: Runtime,
    tenant: str,
    name: str,
    *,
    sampler: str = "tpe",
    trials: int = 200,
    held_out_weeks: int = 8,
    seed: int = 0,
    trust_scores: bool = False,
    report: Report = lambda _share, _text: None,
) -> Tuned:
    """Try settings of an active policy on the weeks before those held out; draft the best where it is proved better.

    Running it again, or in several processes at once, goes on with the same study as long as program, policy, data,
    sampler and seed are the same.

    Parameters
    ----------
    runtime, tenant, name
        Whose policy.
    sampler
        One of `study.SAMPLERS`.
    trials
        Trials of the study, all processes together.
    held_out_weeks
        The last so many weeks are not seen by the search.
    seed
        The same seed, data and single process find the same.
    trust_scores
        Whether loaded scores count for pitches made before their `as_of`, too.
    report
        Told the share done and the best log loss so far.

    Raises
    ------
    InvalidInput
        Optuna is not installed.
    NotFound
        The policy is not active.
    NotReady
        There is too little history.

    """
    optuna = import_optuna()
    started_ms, active = runtime.clock(), read_active(runtime.store(tenant))
    if name not in active:
        raise NotFound(f"policy '{name}' is not active; active are {', '.join(active)}", code="unknown_policy")
    version, champion = active[name]
    columns, data = read_columns(
        runtime,
        tenant,
        champion,
        seed=seed,
        trust_scores=trust_scores,
        report=lambda share: report(share * 0.3, "reading"),
    )
    since = held_out_from(columns, held_out_weeks)
    question = fingerprint(tenant, policy_version(champion), data, held_out_weeks, code_version())
    of = Study(runtime.settings.data_dir / "studies", f"{name}-{question[:12]}", sampler, seed)
    study, searched = of.open(optuna), columns.before(since).of_contacts(MOST_PITCHES, seed)
    space = space_of(searched, champion)
    search(optuna, study, of, searched, champion, space, trials, lambda share, text: report(0.3 + 0.65 * share, text))
    chosen = dict(study.best_params)
    challenger = with_settings(champion, chosen)
    report(0.96, "proving")
    proof = prove(columns, champion, challenger, since, seed)
    draft = _draft(runtime, tenant, challenger, version, proof) if proof.better else None
    report(0.98, "drawing")
    tried, values = finished(study)
    found = Search(
        policy=name,
        version=policy_version(champion),
        in_force=current(champion, space),
        chosen=chosen,
        in_force_log_loss=float(np.nanmean(replay(searched, champion))),
        trials=tried,
        values=values,
        studies={sampler: values, **of.others(optuna)},
        importances=importances(optuna, study, seed),
        not_tuned=space.not_tuned,
        verdict=f"Drafted {name} {draft}" if draft else "Drafted nothing, the policy in force is not beaten",
        comparison=proof.sentence(),
        basis={"sampler": sampler, "seed": seed, "weeks held out": held_out_weeks, "data": data},
    )
    run = _keep(runtime, tenant, found, proof, started_ms=started_ms, held_out_weeks=held_out_weeks)
    return Tuned(draft, chosen, len(values), proof, run)


def _draft(runtime: Runtime, tenant: str, challenger: Policy, champion: str, proof: Proof) -> str:
    store, now_ms, found = runtime.store(tenant), runtime.clock(), proof.sentence()
    version = publish_policy(store, challenger, "jobs tune", found, now_ms, activate=False)
    keep_proof(store, version, champion, KeptProof(proved=True, at_ms=now_ms, sentence=found))
    return version


def _keep(runtime: Runtime, tenant: str, found: Search, proof: Proof, *, started_ms: int, held_out_weeks: int) -> Run:
    return keep_run(
        runtime,
        tenant,
        "tune",
        started_ms=started_ms,
        settings={
            "policy": found.version,
            "sampler": found.basis["sampler"],
            "trials": len(found.values),
            "held_out_weeks": held_out_weeks,
        },
        data=found.basis["data"],
        seed=found.basis["seed"],
        metrics={
            "best_log_loss": float(found.values.min()),
            "in_force_log_loss": found.in_force_log_loss,
            **proof.metrics(),
            **{f"importance.{name}": share for name, share in found.importances.items()},
        },
        outcome=f"{found.verdict}; {found.comparison}",
        files=search_files(found),
    )
