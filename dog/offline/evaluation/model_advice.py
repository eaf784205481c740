"""Whether the consolidated score beats each of its models, and which model to drop where it does not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from dog.core.policy.policy import Policy
from dog.offline.evaluation.works import Run, run_in_turn
from dog.offline.replay.replay_policy import ReplayInput
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.probabilities import log_losses
from dog.offline.statistics.score_change import Prediction, ScoreChange, compare_predictions


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAdvice:
    """The consolidated score against each model alone, on the pitches that both score.

    `worse_than` names the models that it ranks worse than, or predicts worse, by contacts and by weeks. `drop` is the
    model without which the log loss is lowest, None where it is lowest with all.
    """

    changes: Mapping[str, ScoreChange]
    worse_than: tuple[str, ...]
    drop: str | None

    @property
    def advice(self) -> str:
        """One sentence."""
        if not self.worse_than:
            return "The consolidated score is as good as each of its models alone, or better."
        below = ", ".join(f"{name} ({self.changes[name].sentence()})" for name in self.worse_than)
        fix = f"set the weight of {self.drop} to 0" if self.drop else "dropping any one model would not fix it"
        return f"The consolidated score is worse than these models alone: {below}; {fix}."


def assess_models(past: ReplayInput, policy: Policy, run: Run = run_in_turn) -> ModelAdvice:
    """Compare the consolidated score, walking forward, with each model, and with the score without each model.

    Of a policy that stacks, the pitches count that were made once there was a fit, if there are any.
    """
    score, won = past.consolidate(policy), past.pitches.won
    if policy.consolidation == "stacking" and past.forward is not None:
        fitted = past.forward.fitted if past.rows is None else past.forward.fitted[past.rows]
        score = np.where(fitted, score, np.nan) if fitted.any() else score
    pooled = Prediction(score, score)
    works = [
        partial(compare_predictions, past.pitches.clusters, won, Prediction(alone, alone), pooled)
        for alone in past.calibrated
    ]
    changes: dict[str, ScoreChange] = dict(zip((model.name for model in past.models), run(works), strict=True))
    worse = tuple(name for name, change in changes.items() if change.ranks_worse() or change.log_loss.above(0))
    return ModelAdvice(changes=changes, worse_than=worse, drop=_drop(past, policy, score) if worse else None)


def _drop(past: ReplayInput, policy: Policy, score: Floats) -> str | None:
    """Return the model without which the log loss is lowest; None where it is lowest with all."""
    known = ~np.isnan(score)
    won = past.pitches.won[known]
    best, found = float(log_losses(won, score[known]).mean()), None
    for model in past.models:
        models = {**policy.models, model.name: replace(policy.models[model.name], weight=0.0)}
        if not any(settings.weight for settings in models.values()):
            continue
        without = past.consolidate(replace(policy, models=models))[known]
        loss = float(log_losses(won, without).mean())  # NaN, never lower, where only that model has a score
        if loss < best:
            best, found = loss, model.name
    return found
