"""Search the settings that predict best on the history; draft them only where held-out weeks prove them better."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dog.core.policy import Policy, policy_version
from dog.errors import InvalidInput, NotFound
from dog.evaluation.replay import Columns, Proof, prove, replay
from dog.evaluation.tuning_charts import draw_progress, draw_settings
from dog.services.house import House
from dog.services.policies import publish_policy, read_active
from dog.services.replay_columns import held_out_from, read_columns
from dog.services.runs import keep_run
from dog.services.tune_space import GRID, current, suggest, with_settings
from dog.storage.proofs import KeptProof, keep_proof
from dog.storage.runs import Run

SAMPLERS = ("tpe", "random", "grid", "cmaes")
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
    house: House,
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

    Running it again, or in several processes at once, goes on with the same study as long as policy, data,
    sampler and seed are the same.

    Parameters
    ----------
    house, tenant, name
        Whose policy.
    sampler
        One of `SAMPLERS`.
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
    optuna = _optuna()
    started_ms, active = house.clock(), read_active(house.store(tenant))
    if name not in active:
        raise NotFound(f"policy '{name}' is not active; active are {', '.join(active)}", code="unknown_policy")
    version, champion = active[name]
    columns, data = read_columns(
        house,
        tenant,
        champion,
        seed=seed,
        trust_scores=trust_scores,
        report=lambda share: report(share * 0.3, "reading"),
    )
    since = held_out_from(columns, held_out_weeks)
    title = f"{tenant}-{name}-{policy_version(champion)}-{data}-{held_out_weeks}-{sampler}-{seed}"
    study = _open(optuna, house, title, sampler, seed)
    _search(optuna, study, columns.before(since).of_contacts(MOST_PITCHES, seed), champion, sampler, trials, report)
    chosen = dict(study.best_params)
    challenger = with_settings(champion, chosen)
    report(0.97, "proving")
    proof = prove(columns, champion, challenger, since, seed)
    draft = _draft(house, tenant, challenger, version, proof) if proof.better else None
    return _kept(house, tenant, study, champion, chosen, proof, draft, data, seed, started_ms, held_out_weeks, sampler)


def _optuna() -> Any:
    try:
        import optuna  # noqa: PLC0415  # an extra, and a second to import
    except ImportError:
        raise InvalidInput("tuning needs Optuna; install it: pip install -r requirements-tune.txt") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _open(optuna: Any, house: House, title: str, sampler: str, seed: int) -> Any:
    samplers = {
        "tpe": lambda: optuna.samplers.TPESampler(seed=seed),
        "random": lambda: optuna.samplers.RandomSampler(seed=seed),
        "grid": lambda: optuna.samplers.GridSampler({key: list(of) for key, of in GRID.items()}, seed=seed),
        "cmaes": lambda: optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False),
    }
    folder = house.settings.data_dir / "studies"
    folder.mkdir(parents=True, exist_ok=True)
    backend = optuna.storages.journal.JournalFileBackend(str(folder / f"{title}.journal"))
    storage = optuna.storages.JournalStorage(backend)
    return optuna.create_study(study_name=title, storage=storage, sampler=samplers[sampler](), load_if_exists=True)


def _search(
    optuna: Any, study: Any, columns: Columns, champion: Policy, sampler: str, trials: int, report: Report
) -> None:
    models = [model.name for model in columns.models]
    complete = optuna.trial.TrialState.COMPLETE
    done = len(study.get_trials(states=(complete,), deepcopy=False))
    if sampler != "grid" and not study.get_trials(deepcopy=False):
        study.enqueue_trial(current(champion, models))

    def objective(trial: Any) -> float:
        losses = replay(columns, with_settings(champion, suggest(trial, models, grid=sampler == "grid")))
        if np.isnan(losses).all():
            raise optuna.TrialPruned
        return float(np.nanmean(losses))

    def tell(_study: Any, _trial: Any) -> None:
        count = len(study.get_trials(states=(complete,), deepcopy=False))
        report(
            0.3 + 0.65 * min(1.0, count / trials), f"trial {count} of {trials}, best log loss {study.best_value:.5f}"
        )

    if done < trials:
        enough = optuna.study.MaxTrialsCallback(trials, states=(complete,))
        study.optimize(objective, n_trials=trials - done, callbacks=[tell, enough])


def _draft(house: House, tenant: str, challenger: Policy, champion: str, proof: Proof) -> str:
    store, now_ms, found = house.store(tenant), house.clock(), proof.sentence()
    version = publish_policy(store, challenger, "jobs tune", found, now_ms, activate=False)
    keep_proof(store, version, champion, KeptProof(proved=True, at_ms=now_ms, sentence=found))
    return version


def _kept(
    house: House,
    tenant: str,
    study: Any,
    champion: Policy,
    chosen: dict[str, Any],
    proof: Proof,
    draft: str | None,
    data: str,
    seed: int,
    started_ms: int,
    held_out_weeks: int,
    sampler: str,
) -> Tuned:
    finished = [trial for trial in study.get_trials(deepcopy=False) if trial.value is not None]
    values = np.array([trial.value for trial in finished])
    of_trials = [dict(trial.params) for trial in finished]
    verdict = f"drafted {champion.name} {draft}" if draft else "drafted nothing: the champion is not beaten"
    run = keep_run(
        house,
        tenant,
        "tune",
        started_ms=started_ms,
        settings={
            "policy": policy_version(champion),
            "sampler": sampler,
            "trials": len(finished),
            "held_out_weeks": held_out_weeks,
        },
        data=data,
        seed=seed,
        metrics={"best_log_loss": float(study.best_value), **proof.metrics()},
        outcome=f"{verdict}; {proof.sentence()}",
        files={"settings.png": draw_settings(of_trials, values), "progress.png": draw_progress({sampler: values})},
    )
    return Tuned(draft, chosen, len(finished), proof, run)
