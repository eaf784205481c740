"""Evaluate a policy on the history: every figure from what was known before each pitch."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dog.core.iso_weeks import week_end_ms, week_of
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.policy.policy import Policy
from dog.errors import NotFound, NotReady
from dog.offline.evaluation.discrimination import Floats
from dog.offline.evaluation.evaluation import CONSOLIDATED, MULTIPLIED, WIN_RATE, Basis, Evaluation
from dog.offline.evaluation.figures import Judged, judge, judge_groups
from dog.offline.evaluation.forward_multipliers import Walked, walk_weeks
from dog.offline.evaluation.forward_scores import ModelScores, calibrate_forward, pool
from dog.offline.evaluation.impact import measure_impact
from dog.offline.evaluation.pitches import Pitches, past_record
from dog.offline.evaluation.remedies import remedies_of
from dog.offline.evaluation.week_laps import WeekLaps
from dog.offline.evaluation.win_rate_advice import weigh_win_rates
from dog.offline.experiments.forward_models import ForwardModels, score_forward
from dog.offline.experiments.read_pitches import History, read_history
from dog.offline.experiments.read_week_laps import read_week_laps
from dog.offline.experiments.train_models import read_transactions
from dog.offline.models.importance import Importance, churn_importance, collaborative_importance, frequency_importance
from dog.offline.models.train import HELD_OUT_DAYS
from dog.services.policies.policy_store import DEFAULT_POLICY, read_active
from dog.services.run_records import fingerprint
from dog.services.runtime import Runtime
from dog.storage.store import Store

Report = Callable[[float, str], None]

REFIT_WEEKS = 4
IMPORTANCES: Mapping[str, Callable[[pd.DataFrame, pd.Timestamp, int], Importance]] = {
    "churn": churn_importance,
    "frequency": frequency_importance,
    "cf": collaborative_importance,
}


def evaluate(
    runtime: Runtime,
    tenant: str,
    policy: str = DEFAULT_POLICY,
    *,
    refit_weeks: int = REFIT_WEEKS,
    seed: int = 0,
    trust_scores: bool = False,
    report: Report = lambda _share, _text: None,
) -> Evaluation:
    """Walk the history forward in time and judge models, consolidated score, multipliers and traffic split.

    Parameters
    ----------
    runtime, tenant, policy
        Whose history, and the active policy to judge.
    refit_weeks
        Weeks between two fits of models and calibrations, 1 or more.
    seed
        The same seed and history give the same figures.
    trust_scores
        Whether loaded scores count for pitches made before their `as_of`: only you know how they were made.
    report
        Told the share done and what is being done.

    Raises
    ------
    NotFound
        The policy is not active.
    NotReady
        No week of pitches has come to an end.

    """
    store = runtime.store(tenant)
    active = read_active(store)
    if policy not in active:
        raise NotFound(f"policy '{policy}' is not active; active are {', '.join(active)}", code="unknown_policy")
    version, chosen = active[policy]
    history = read_history(
        runtime, store, chosen.reinforcement.maturation_days, lambda share: report(0.15 * share, "reading")
    )
    pitches = history.pitches
    weeks, blocks = weeks_of(runtime, pitches, refit_weeks)
    models = score_forward(
        store,
        chosen,
        history,
        blocks,
        seed=seed,
        trust_scores=trust_scores,
        report=lambda share: report(0.15 + 0.3 * share, "models"),
    )
    laps = read_week_laps(store, history.contact_ids, weeks, runtime.settings.zone)
    predictions, walked = _predict(chosen, history, models, weeks, blocks, laps, report)
    lists = _lists(pitches, weeks)
    judged = _judge_all(pitches, predictions, lists, lambda share: report(0.6 + 0.15 * share, "judging"))
    data = fingerprint_of(history, models.models, laps)
    basis = _basis(runtime, store, policy, version, history, models, refit_weeks, seed, data, trust_scores=trust_scores)
    report(0.75, "win rates")
    score, past = predictions[CONSOLIDATED], past_record(pitches, pitches.pair)

    def walk(changed: Reinforcement) -> Floats:
        return walk_weeks(pitches, score, weeks, changed, len(history.product_ids), laps=laps).multiplier

    win_rates = weigh_win_rates(pitches, past, walked, score, remedies_of(chosen.reinforcement, walk))
    groups = {}
    names = {
        "product": np.array(history.product_ids, np.str_)[pitches.product],
        "category": history.categories[pitches.product],
        "segment": history.segments[pitches.contact],
    }
    for done, (kind, of) in enumerate(names.items()):
        report(0.8 + 0.03 * done, f"by {kind}")
        groups[kind] = judge_groups(pitches, {name: predictions[name] for name in (CONSOLIDATED, MULTIPLIED)}, of)
    report(0.9, "importance")
    importance = _importance(read_transactions(store), models, seed)
    return Evaluation(basis, win_rates, judged, groups, importance, measure_impact(pitches, seed))


def weeks_of(runtime: Runtime, pitches: Pitches, refit_weeks: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the first instants of the weeks, and of the blocks between two fits; the end closes the weeks."""
    zone = runtime.settings.zone
    first = week_of(int(pitches.at_ms.min()), zone)
    last = week_of(max(int(pitches.at_ms.max()), int(pitches.settled_ms.max())), zone)
    starts = np.array([week_end_ms(week - 1, zone) for week in range(first, last + 2)], np.int64)
    return starts, starts[:-1:refit_weeks]


def _lists(pitches: Pitches, weeks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give one number to all that a contact was pitched in a week."""
    week = np.searchsorted(weeks, pitches.at_ms, side="right") - 1
    return np.unique(pitches.contact * len(weeks) + week, return_inverse=True)[1].astype(np.int64)


def _predict(
    policy: Policy,
    history: History,
    models: ForwardModels,
    weeks: NDArray[np.int64],
    blocks: NDArray[np.int64],
    laps: WeekLaps | None,
    report: Report,
) -> tuple[dict[str, Floats], Walked]:
    pitches = history.pitches
    calibrated = [calibrate_forward(model, pitches, blocks) for model in models.models]
    report(0.5, "multipliers")
    consolidated = pool(calibrated, models.models, policy.consolidation, len(pitches))
    walked = walk_weeks(
        pitches,
        consolidated,
        weeks,
        policy.reinforcement,
        len(history.product_ids),
        lambda share: report(0.5 + 0.1 * share, "multipliers"),
        laps,
    )
    predictions = {model.name: rates for model, rates in zip(models.models, calibrated, strict=True)}
    predictions[CONSOLIDATED] = consolidated
    predictions[MULTIPLIED] = consolidated * walked.multiplier
    predictions[WIN_RATE] = walked.win_rate
    return predictions, walked


def _judge_all(
    pitches: Pitches, predictions: Mapping[str, Floats], lists: NDArray[np.int64], report: Callable[[float], None]
) -> dict[str, Judged]:
    judged = {}
    for done, (name, rates) in enumerate(predictions.items(), 1):
        if (found := judge(pitches, rates, lists)) is not None:
            judged[name] = found
        report(done / len(predictions))
    return judged


def _importance(transactions: pd.DataFrame, models: ForwardModels, seed: int) -> dict[str, Importance]:
    """Tell what the refitted models live on, over the last weeks of the transactions."""
    found: dict[str, Importance] = {}
    for name in models.refitted:
        cutoff = transactions["occurred_at"].max() - pd.Timedelta(days=HELD_OUT_DAYS)
        try:
            found[name] = IMPORTANCES[name](transactions, cutoff, seed)
        except NotReady:
            continue
    return found


def _basis(
    runtime: Runtime,
    store: Store,
    policy: str,
    version: str,
    history: History,
    models: ForwardModels,
    refit_weeks: int,
    seed: int,
    data: str,
    *,
    trust_scores: bool,
) -> Basis:
    pitches = history.pitches
    return Basis(
        store.tenant.name,
        policy,
        version,
        _iso(runtime.clock()),
        _iso(int(pitches.at_ms.min())),
        _iso(int(pitches.at_ms.max())),
        len(pitches),
        int(pitches.won.sum()),
        len(np.unique(pitches.contact)),
        len(np.unique(pitches.pair)),
        refit_weeks,
        seed,
        models.refitted,
        models.left_out,
        trust_scores,
        data,
    )


def fingerprint_of(history: History, models: Sequence[ModelScores], laps: WeekLaps | None) -> str:
    """Hash pitches, verdicts, laps and what models said: all that figures, trials and proofs are made of."""
    pitches, runs = history.pitches, history.runs
    arrays = (pitches.contact, pitches.product, pitches.at_ms, pitches.settled_ms, pitches.won, runs.run, runs.days)
    of_laps = (laps.contact, laps.week, laps.laps) if laps else ()
    return fingerprint(*arrays, *(model.raw for model in models), *of_laps)


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
