"""Evaluate a policy on the history: every figure from what was known before each pitch."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from dog.core.learning.reinforcement import trust_of
from dog.errors import NotReady
from dog.models.importance import Importance
from dog.models.train import HELD_OUT_DAYS, REFERENCE_MODELS
from dog.offline.evaluation.alternative_settings import alternatives_to
from dog.offline.evaluation.evaluation_result import (
    CONSOLIDATED,
    MULTIPLIED,
    Basis,
    Evaluation,
)
from dog.offline.evaluation.impact import measure_impact
from dog.offline.evaluation.model_advice import assess_models
from dog.offline.evaluation.prediction_quality import (
    GroupQuality,
    PredictionQuality,
    measure_groups,
    measure_prediction,
)
from dog.offline.evaluation.predictions import not_replayed, parts_of, predict
from dog.offline.evaluation.start_curve import read_start_curve
from dog.offline.evaluation.win_rate_advice import TOGETHER, assess_win_rates
from dog.offline.history.pitches import past_record
from dog.offline.history.read_history import History, read_transactions
from dog.offline.replay.replay_policy import ReplayInput
from dog.offline.replay.scored_history import REFIT_WEEKS, ScoredHistory, read_active_policy, read_scored_history
from dog.offline.replay.served_prediction import serve
from dog.offline.statistics.score_change import Prediction
from dog.services.policies.tenant_schema import tenant_schema
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
) -> Evaluation:
    """Walk the history forward in time and judge models, consolidated score, multipliers and traffic split.

    Models and calibrations are fitted again every `refit_weeks` weeks. With `trust_scores`, loaded scores also count
    for pitches made before their `as_of`: only you know how they were made. The same seed and history give the same
    figures. `report` gets the share done and the current step. Raises `NotFound` where the policy is not active,
    `NotReady` where no week of pitches is complete.
    """
    store = runtime.store(tenant)
    version, chosen = read_active_policy(store, policy)
    scored = read_scored_history(
        runtime,
        tenant,
        chosen,
        refit_weeks=refit_weeks,
        seed=seed,
        trust_scores=trust_scores,
        report=lambda share, text: report(0.5 * share, text),
    )
    past, pitches = scored.past, scored.past.pitches
    predictions, replayed, score = predict(chosen, past, lambda share: report(0.5 + 0.1 * share, "multipliers"))
    judged = _measure_all(past, predictions, lambda share: report(0.6 + 0.12 * share, "judging"))
    report(0.72, "win rates")
    settings, refreshed = chosen.reinforcement, past.refreshed(chosen)
    win_rates = assess_win_rates(
        pitches,
        past_record(pitches, pitches.pair),
        replayed,
        score,
        {TOGETHER: predictions[MULTIPLIED], **parts_of(score, replayed, settings)},
        alternatives_to(
            settings, lambda changed: serve(score, past.replay(score, changed, refreshed).multiplier, changed)
        ),
        trust=trust_of(replayed.priors, settings) if settings.neutral == "expected" else None,
    )
    models = assess_models(past, chosen)
    groups = _measure_groups(scored.history, predictions, report)
    report(0.9, "importance")
    refitted = [name for name in scored.scores.refitted if name in REFERENCE_MODELS]
    importance = _importance(read_transactions(store), refitted, seed)
    return Evaluation(
        basis=_basis(
            scored,
            tenant=store.tenant.name,
            policy=chosen.name,
            policy_version=version,
            made_at=_iso(runtime.clock()),
            refit_weeks=refit_weeks,
            seed=seed,
            trusted_scores=trust_scores,
            not_replayed=not_replayed(chosen, scored.past, tenant_schema(store)),
        ),
        win_rates=win_rates,
        models=models,
        judged=judged,
        groups=groups,
        importance=importance,
        impact=measure_impact(pitches, seed),
        start=read_start_curve(store, runtime.clock()),
    )


def _measure_all(
    past: ReplayInput, predictions: Mapping[str, Prediction], report: Callable[[float], None]
) -> dict[str, PredictionQuality]:
    judged = {}
    for done, (name, told) in enumerate(predictions.items(), 1):
        if (found := measure_prediction(past.pitches, told)) is not None:
            judged[name] = found
        report(done / len(predictions))
    return judged


def _measure_groups(
    history: History, predictions: Mapping[str, Prediction], report: Report
) -> dict[str, list[GroupQuality]]:
    pitches, groups = history.pitches, {}
    shown = {name: predictions[name] for name in (CONSOLIDATED, MULTIPLIED)}
    categories, of_product = np.unique(history.categories, return_inverse=True)
    segments, of_contact = np.unique(history.segments, return_inverse=True)
    kinds = {
        "product": (pitches.product, history.product_ids),
        "category": (of_product[pitches.product], categories.tolist()),
        "segment": (of_contact[pitches.contact], segments.tolist()),
    }
    for done, (kind, (group, names)) in enumerate(kinds.items()):
        report(0.8 + 0.03 * done, f"by {kind}")
        groups[kind] = measure_groups(pitches, shown, group, names)
    return groups


def _importance(transactions: pd.DataFrame, refitted: list[str], seed: int) -> dict[str, Importance]:
    """Measure feature importance of the refitted models on the last weeks of the transactions."""
    found: dict[str, Importance] = {}
    for name in refitted:
        cutoff = transactions["occurred_at"].max() - pd.Timedelta(days=HELD_OUT_DAYS)
        try:
            found[name] = REFERENCE_MODELS[name].importance(transactions, cutoff, seed)
        except NotReady:
            continue
    return found


def _basis(scored: ScoredHistory, **given: Any) -> Basis:
    pitches = scored.past.pitches
    return Basis(
        **given,
        first_at=_iso(int(pitches.at_ms.min())),
        last_at=_iso(int(pitches.at_ms.max())),
        pitches=len(pitches),
        wins=int(pitches.won.sum()),
        contacts=len(np.unique(pitches.contact)),
        pairs=len(np.unique(pitches.pair)),
        refitted=scored.scores.refitted,
        left_out=scored.scores.left_out,
        fingerprint=scored.fingerprint,
    )


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
