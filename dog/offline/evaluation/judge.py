"""All figures of an evaluation but the basis, each a task of its own: models, multipliers, groups, controls, start."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from dog.core.learning.reinforcement import trust_of
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import START
from dog.errors import NotReady
from dog.offline.evaluation.alternative_settings import alternatives_to
from dog.offline.evaluation.evaluation_result import CONSOLIDATED, MULTIPLIED
from dog.offline.evaluation.impact import measure_impact
from dog.offline.evaluation.model_advice import assess_models
from dog.offline.evaluation.prediction_quality import measure_groups, measure_prediction
from dog.offline.evaluation.predictions import parts_of
from dog.offline.evaluation.start_curve import read_start_curve
from dog.offline.evaluation.win_rate_advice import TOGETHER, WinRateEvidence, assess_win_rates
from dog.offline.evaluation.works import Run, Work
from dog.offline.history.pitches import past_record
from dog.offline.history.read_history import History, read_transactions
from dog.offline.replay.replay_policy import ReplayInput
from dog.offline.replay.scored_history import ScoredHistory
from dog.offline.replay.served_prediction import serve
from dog.offline.replay.weekly_multipliers import WeeklyMultipliers
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.score_change import Prediction
from dog.services.runner import LocalRunner, Runner
from dog.services.runner_tasks import Edge
from dog.services.runtime import Runtime

if TYPE_CHECKING:
    from dog.models.importance import Importance

Task = Callable[[Runtime], Any]
"""What a task does: its data are bound to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What is judged: predictions by name, the replayed weeks, and the consolidated score of each pitch."""

    predictions: Mapping[str, Prediction]
    weeks: WeeklyMultipliers
    score: Floats


def judge(
    runner: Runner,
    scored: ScoredHistory,
    policy: Policy,
    replayed: Replayed,
    *,
    tenant: str,
    now_ms: int,
    seed: int,
    edge: Edge,
) -> dict[str, Any]:
    """Return the fields of `Evaluation` but its basis; the tasks that take longest are begun first."""
    pitches = scored.past.pitches
    refitted = [name for name in scored.scores.refitted if name != START]
    tasks: dict[str, Task] = {
        "start": partial(_start, tenant, now_ms),
        "importance": partial(_importance, tenant, refitted, seed) if refitted else _pure(dict),
        "impact": _pure(measure_impact, pitches, seed),
    }
    judged = {
        name: _pure(measure_prediction, pitches.clusters, pitches.won, told)
        for name, told in replayed.predictions.items()
    }
    groups = _groups(scored.history, replayed.predictions)
    every = [*tasks.values(), *judged.values(), *groups.values()]
    found = list(runner.map(run_task, every, edge=lambda share: edge(0.5 * share)))
    qualities = found[len(tasks) : len(tasks) + len(judged)]

    def run(works: Sequence[Work]) -> list[Any]:
        return list(runner.map(run_task, [_pure(work) for work in works], edge=lambda share: edge(0.5 + 0.5 * share)))

    return {
        **dict(zip(tasks, found[: len(tasks)], strict=True)),
        "judged": {name: quality for name, quality in zip(judged, qualities, strict=True) if quality is not None},
        "groups": dict(zip(groups, found[-len(groups) :], strict=True)),
        "models": assess_models(scored.past, policy, run),
        "win_rates": _win_rates(scored.past, policy, replayed, run),
    }


def run_task(runtime: Runtime, task: Task) -> Any:
    """Do what is bound to a task, after the system has got back what earlier ones took: their arrays are large."""
    pa.system_memory_pool().release_unused()
    return task(runtime)


def _pure(function: Callable[..., Any], *arguments: Any) -> Task:
    """Bind arguments to a function that needs no runtime."""
    return partial(_without_runtime, function, arguments)


def _without_runtime(function: Callable[..., Any], arguments: Sequence[Any], _runtime: Runtime) -> Any:
    return function(*arguments)


def _win_rates(past: ReplayInput, policy: Policy, replayed: Replayed, run: Run) -> WinRateEvidence:
    settings, score, weeks = policy.reinforcement, replayed.score, replayed.weeks
    sent = replace(past, models=[], calibrated=[], forward=None, streaks=None, columns=None)
    replay = partial(_told_by, sent, score, past.refreshed(policy))
    return assess_win_rates(
        past.pitches,
        past_record(past.pitches, past.pitches.pair),
        weeks,
        score,
        {TOGETHER: replayed.predictions[MULTIPLIED], **parts_of(score, weeks, settings)},
        alternatives_to(settings, replay),
        trust_of(weeks.priors, settings) if settings.neutral == "expected" else None,
        run,
    )


def _told_by(past: ReplayInput, score: Floats, refreshed: Mapping[int, Floats], settings: Reinforcement) -> Prediction:
    return serve(score, past.replay(score, settings, refreshed).multiplier, settings)


def _groups(history: History, predictions: Mapping[str, Prediction]) -> dict[str, Task]:
    """Return the tasks that measure the largest groups of pitches, by kind."""
    pitches, shown = history.pitches, {name: predictions[name] for name in (CONSOLIDATED, MULTIPLIED)}
    categories, of_product = np.unique(history.categories, return_inverse=True)
    segments, of_contact = np.unique(history.segments, return_inverse=True)
    kinds = {
        "product": (pitches.product, history.product_ids),
        "category": (of_product[pitches.product], categories.tolist()),
        "segment": (of_contact[pitches.contact], segments.tolist()),
    }
    return {
        kind: _pure(measure_groups, pitches.contact, pitches.won, shown, group, names)
        for kind, (group, names) in kinds.items()
    }


def _start(tenant: str, now_ms: int, runtime: Runtime) -> Mapping[str, Any] | None:
    return read_start_curve(runtime.store(tenant), now_ms)


def _importance(tenant: str, refitted: Sequence[str], seed: int, runtime: Runtime) -> "dict[str, Importance]":
    """Measure feature importance of the refitted models on the last weeks of the transactions."""
    from dog.models.train import HELD_OUT_DAYS, REFERENCE_MODELS  # noqa: PLC0415  # slow to import, and large

    found: dict[str, Importance] = {}
    transactions = read_transactions(LocalRunner(runtime), runtime.store(tenant))
    for name in refitted:
        cutoff = transactions["occurred_at"].max() - pd.Timedelta(days=HELD_OUT_DAYS)
        try:
            found[name] = REFERENCE_MODELS[name].importance(transactions, cutoff, seed)
        except NotReady:
            continue
    return found
