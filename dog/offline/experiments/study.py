"""A study of settings in Optuna: kept in a file, shared by processes, gone on with after a kill."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dog.core.policy.policy import Policy
from dog.errors import InvalidInput
from dog.offline.evaluation.discrimination import Floats
from dog.offline.evaluation.replay import Columns, replay
from dog.offline.experiments.tune_space import GRID, Space, current, suggest, with_settings

SAMPLERS = ("tpe", "random", "grid", "cmaes")
SEED_STEP = 100_003
LEAST_FOR_IMPORTANCE = 10
Report = Callable[[float, str], None]


def import_optuna() -> Any:
    """Import Optuna, an extra.

    Raises
    ------
    InvalidInput
        It is not installed.

    """
    try:
        import optuna  # noqa: PLC0415  # an extra, and a second to import
    except ImportError:
        raise InvalidInput("tuning needs Optuna; install it: pip install -r requirements-tune.txt") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


@dataclass(frozen=True, slots=True)
class Study:
    """Where trials are kept, and how new ones are drawn.

    Parameters
    ----------
    folder
        Of the journals, one a study.
    name
        Names policy, data and program: the same name means the same question.
    sampler, seed
        One of `SAMPLERS`; what chance depends on.

    """

    folder: Path
    name: str
    sampler: str
    seed: int

    def path(self, sampler: str) -> Path:
        """Name the journal of the study that asks the same with a sampler."""
        return self.folder / f"{self.name}-{sampler}-{self.seed}.journal"

    def open(self, optuna: Any, sampler: str = "") -> Any:
        """Begin the study or go on with it."""
        path = self.path(sampler or self.sampler)
        path.parent.mkdir(parents=True, exist_ok=True)
        storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
        drawn = self.draw(optuna, 0)
        return optuna.create_study(study_name=path.stem, storage=storage, sampler=drawn, load_if_exists=True)

    def draw(self, optuna: Any, number: int) -> Any:
        """Make the sampler for a trial: by its number, so that no two processes draw the same settings."""
        samplers, seed = optuna.samplers, (self.seed * SEED_STEP + number) % 2**32
        made: dict[str, Callable[[], Any]] = {
            "tpe": lambda: samplers.TPESampler(seed=seed),
            "random": lambda: samplers.RandomSampler(seed=seed),
            "grid": lambda: samplers.GridSampler({key: list(of) for key, of in GRID.items()}, seed=seed),
            "cmaes": lambda: samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False),
        }
        return made[self.sampler]()

    def others(self, optuna: Any) -> dict[str, Floats]:
        """Read what the other samplers found to the same question, by their names."""
        known = [other for other in SAMPLERS if other != self.sampler and self.path(other).exists()]
        found = {other: finished(self.open(optuna, other))[1] for other in known}
        return {other: values for other, values in found.items() if len(values)}


def search(
    optuna: Any, study: Any, of: Study, columns: Columns, champion: Policy, space: Space, trials: int, report: Report
) -> None:
    """Try settings until the study has so many finished trials, those of other processes counted."""
    complete = optuna.trial.TrialState.COMPLETE
    done = len(study.get_trials(states=(complete,), deepcopy=False))
    if of.sampler != "grid" and not done:
        study.enqueue_trial(current(champion, space), skip_if_exists=True)

    def objective(trial: Any) -> float:
        if of.sampler in ("tpe", "random"):
            study.sampler = of.draw(optuna, trial.number)
        losses = replay(columns, with_settings(champion, suggest(trial, space, grid=of.sampler == "grid")))
        if np.isnan(losses).all():
            raise optuna.TrialPruned
        return float(np.nanmean(losses))

    def tell(_study: Any, _trial: Any) -> None:
        count = len(study.get_trials(states=(complete,), deepcopy=False))
        text = f"trial {count} of {trials}"
        if count:
            text += f", best log loss {study.best_value:.5f}"
        report(min(1.0, count / trials), text)

    if done < trials:
        enough = optuna.study.MaxTrialsCallback(trials, states=(complete,))
        study.optimize(objective, n_trials=trials - done, callbacks=[tell, enough])


def finished(study: Any) -> tuple[list[dict[str, Any]], Floats]:
    """Read settings and log losses of the finished trials, in the order of their numbers."""
    done = [trial for trial in study.get_trials(deepcopy=False) if trial.value is not None]
    return [dict(trial.params) for trial in done], np.array([trial.value for trial in done], np.float64)


def importances(optuna: Any, study: Any, seed: int) -> dict[str, float]:
    """Tell which share of the differences in log loss each setting explains, the largest first.

    By functional ANOVA; empty below 10 finished trials, or where all are equally good.

    References
    ----------
    Hutter, Hoos, Leyton-Brown 2014, "An Efficient Approach for Assessing Hyperparameter Importance".

    """
    _, values = finished(study)
    if len(values) < LEAST_FOR_IMPORTANCE or np.ptp(values) == 0:
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed)
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(share) for name, share in found.items()}
