"""An Optuna study of settings: kept in a journal file, shared by processes, continued after a kill."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dog.core.policy.policy import Policy
from dog.errors import InvalidInput
from dog.extras import install_extra
from dog.offline.replay.replay_policy import ReplayInput, replay_losses
from dog.offline.statistics.discrimination import Floats
from dog.offline.tuning.search_space import GRID, SearchSpace, current_settings, suggest, with_settings

SAMPLERS = ("tpe", "random", "grid", "cmaes")
SEED_STEP = 100_003
MIN_TRIALS_FOR_IMPORTANCE = 10


def import_optuna() -> Any:
    """Import Optuna, an extra; `InvalidInput` where it is not installed."""
    try:
        import optuna  # noqa: PLC0415  # an extra, and a second to import
    except ImportError:
        raise InvalidInput(f"tuning needs Optuna; install it: {install_extra('tune')}") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialJournal:
    """Where the trials of a study are kept, and how new ones are sampled.

    `name` stands for policy, data and program: studies of the same name try the same question.
    """

    folder: Path
    name: str
    sampler: str
    seed: int

    def path(self, sampler: str) -> Path:
        """Return the file of the study of the same question with a sampler."""
        return self.folder / f"{self.name}-{sampler}-{self.seed}.journal"

    def open(self, optuna: Any, sampler: str = "") -> Any:
        """Create the study or continue it."""
        path = self.path(sampler or self.sampler)
        path.parent.mkdir(parents=True, exist_ok=True)
        storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
        return optuna.create_study(
            study_name=path.stem, storage=storage, sampler=self.make_sampler(optuna, 0), load_if_exists=True
        )

    def make_sampler(self, optuna: Any, trial_number: int) -> Any:
        """Return the sampler of a trial, seeded by its number, so that no two processes sample the same settings."""
        samplers, seed = optuna.samplers, (self.seed * SEED_STEP + trial_number) % 2**32
        make: dict[str, Callable[[], Any]] = {
            "tpe": lambda: samplers.TPESampler(seed=seed),
            "random": lambda: samplers.RandomSampler(seed=seed),
            "grid": lambda: samplers.GridSampler({key: list(of) for key, of in GRID.items()}, seed=seed),
            "cmaes": lambda: samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False),
        }
        return make[self.sampler]()

    def of_other_samplers(self, optuna: Any) -> dict[str, Floats]:
        """Return the log losses that other samplers reached on the same question, by sampler."""
        known = [other for other in SAMPLERS if other != self.sampler and self.path(other).exists()]
        found = {other: finished_trials(self.open(optuna, other))[1] for other in known}
        return {other: values for other, values in found.items() if len(values)}


def run_trials(
    optuna: Any,
    study: Any,
    journal: TrialJournal,
    past: ReplayInput,
    champion: Policy,
    space: SearchSpace,
    *,
    trials: int,
    report: Callable[[float, str], None],
) -> None:
    """Try settings until the study has `trials` finished trials, including those of other processes."""
    complete = optuna.trial.TrialState.COMPLETE
    done = len(study.get_trials(states=(complete,), deepcopy=False))
    if journal.sampler != "grid" and not done:
        study.enqueue_trial(current_settings(champion, space), skip_if_exists=True)

    def objective(trial: Any) -> float:
        if journal.sampler in ("tpe", "random"):
            study.sampler = journal.make_sampler(optuna, trial.number)
        losses = replay_losses(past, with_settings(champion, suggest(trial, space, grid=journal.sampler == "grid")))
        if np.isnan(losses).all():
            raise optuna.TrialPruned
        return float(np.nanmean(losses))

    def report_trial(_study: Any, _trial: Any) -> None:
        count = len(study.get_trials(states=(complete,), deepcopy=False))
        text = f"trial {count} of {trials}"
        if count:
            text += f", best log loss {study.best_value:.5f}"
        report(min(1.0, count / trials), text)

    if done < trials:
        enough = optuna.study.MaxTrialsCallback(trials, states=(complete,))
        study.optimize(objective, n_trials=trials - done, callbacks=[report_trial, enough])


def finished_trials(study: Any) -> tuple[list[dict[str, Any]], Floats]:
    """Return settings and log losses of the finished trials, by trial number."""
    done = [trial for trial in study.get_trials(deepcopy=False) if trial.value is not None]
    return [dict(trial.params) for trial in done], np.array([trial.value for trial in done], np.float64)


def importances(optuna: Any, study: Any, seed: int) -> dict[str, float]:
    """Return the share of the variance of the log loss that each setting explains, by functional ANOVA.

    The largest come first; empty below 10 finished trials, or where all are equally good.

    References
    ----------
    Hutter, Hoos, Leyton-Brown 2014, "An Efficient Approach for Assessing Hyperparameter Importance".

    """
    _, values = finished_trials(study)
    if len(values) < MIN_TRIALS_FOR_IMPORTANCE or np.ptp(values) == 0:
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed)
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(share) for name, share in found.items()}
