"""Read the history once, with each model's calibrated score at each pitch: what is evaluated, tuned and proved on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from dog.core.iso_weeks import week_end_ms, week_of
from dog.core.policy.policy import Policy
from dog.errors import NotFound, NotReady
from dog.offline.history.laps_by_week import read_laps_by_week
from dog.offline.history.pitches import Pitches
from dog.offline.history.read_history import History, read_history
from dog.offline.replay.calibrated_scores import calibrate_forward
from dog.offline.replay.model_scores import PitchScores, score_pitches
from dog.offline.replay.past_rules import read_past_columns
from dog.offline.replay.replay_policy import ReplayInput
from dog.services.policies.policy_store import read_active_policies
from dog.services.run_records import fingerprint
from dog.services.runner import LocalRunner, Runner
from dog.services.runtime import Runtime
from dog.storage.policy_versions import read_default_policy
from dog.storage.store import Store

REFIT_WEEKS = 4
MIN_HELD_OUT_PITCHES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredHistory:
    """The history, the models' scores on it, both as replay input, and a hash of all of it."""

    history: History
    scores: PitchScores
    past: ReplayInput
    fingerprint: str


def read_active_policy(store: Store, name: str | None) -> tuple[str, Policy]:
    """Return version and policy of an active policy, of None the default; `NotFound` where none has that name."""
    active = read_active_policies(store)
    name = read_default_policy(store) if name is None else name
    if name not in active:
        raise NotFound(f"policy '{name}' is not active; active are {', '.join(active)}", code="unknown_policy")
    return active[name]


def read_scored_history(
    runtime: Runtime,
    tenant: str,
    policy: Policy,
    *,
    refit_weeks: int = REFIT_WEEKS,
    seed: int,
    trust_scores: bool,
    report: Callable[[float, str], None],
    runner: Runner | None = None,
) -> ScoredHistory:
    """Read all resolved pitches; score and calibrate them walking forward, fitting again every `refit_weeks` weeks.

    Raises `NotReady` where no week is complete.
    """
    store, zone = runtime.store(tenant), runtime.settings.zone
    runner = runner or LocalRunner(runtime)
    maturation_days = policy.reinforcement.maturation_days
    history = read_history(runner, runtime, store, maturation_days, lambda share: report(0.3 * share, "reading"))
    pitches = history.pitches
    weeks = _week_starts(runtime, pitches)
    blocks = weeks[:-1:refit_weeks]
    with threadpool_limits(1, "blas"):  # sums are in one order, as in the workers
        scores = score_pitches(
            runner,
            store,
            policy,
            history,
            blocks,
            seed=seed,
            trust_scores=trust_scores,
            report=lambda share: report(0.3 + 0.6 * share, "models"),
        )
        forward = calibrate_forward(runner, scores.models, pitches, blocks)
    laps = read_laps_by_week(store, history.contacts, weeks, zone)
    past = ReplayInput(
        pitches=pitches,
        models=scores.models,
        calibrated=forward.calibrated,
        forward=forward,
        week_starts_ms=weeks,
        product_count=len(history.product_ids),
        streaks=history.streaks,
        laps=laps,
        columns=cache(partial(read_past_columns, runtime, store, history)),
    )
    return ScoredHistory(history=history, scores=scores, past=past, fingerprint=_fingerprint(history, past))


def _week_starts(runtime: Runtime, pitches: Pitches) -> NDArray[np.int64]:
    """Return the first instants of all weeks of the history, and the end of the last."""
    zone = runtime.settings.zone
    first = week_of(int(pitches.at_ms.min()), zone)
    last = week_of(max(int(pitches.at_ms.max()), int(pitches.settled_ms.max())), zone)
    return np.array([week_end_ms(week - 1, zone) for week in range(first, last + 2)], np.int64)


def _fingerprint(history: History, past: ReplayInput) -> str:
    pitches, streaks, laps = history.pitches, history.streaks, past.laps
    arrays = (pitches.contact, pitches.product, pitches.at_ms, pitches.settled_ms, pitches.won)
    of_laps = (laps.contact, laps.week, laps.laps, laps.of_tenant) if laps else ()
    return fingerprint(*arrays, streaks.length, streaks.days, *(model.raw for model in past.models), *of_laps)


def read_replay_input(
    runtime: Runtime,
    tenant: str,
    policy: Policy,
    *,
    seed: int,
    trust_scores: bool,
    report: Callable[[float], None],
    runner: Runner | None = None,
) -> tuple[ReplayInput, str]:
    """Read the history as replay input, with its fingerprint.

    Raises `NotReady` where no week is complete, or no model has scores as old as the pitches.
    """
    found = read_scored_history(
        runtime,
        tenant,
        policy,
        seed=seed,
        trust_scores=trust_scores,
        report=lambda share, _text: report(share),
        runner=runner,
    )
    if not found.scores.models:
        why = "; ".join(f"{name}: {text}" for name, text in found.scores.left_out.items())
        raise NotReady(f"no model can be judged on this history: {why}", code="no_forward_scores")
    report(1.0)
    return found.past, found.fingerprint


def held_out_start(past: ReplayInput, weeks: int) -> int:
    """Return the first instant of the last `weeks` weeks in which anything was pitched.

    Weeks without pitches, between campaigns, do not count: intervals that draw weeks need several. Raises `NotReady`
    where fewer than 100 pitches lie before it, or after it.
    """
    pitches = past.pitches
    first = np.unique(pitches.week)[-weeks:][0]
    after = int((pitches.week >= first).sum())
    if min(after, len(pitches) - after) < MIN_HELD_OUT_PITCHES:
        raise NotReady(
            f"{after} pitches are in the last {weeks} weeks with pitches and {len(pitches) - after} before them; "
            f"at least {MIN_HELD_OUT_PITCHES} are needed on either side: change --held-out-weeks or load more feedback",
            code="too_few_pitches",
        )
    return int(pitches.at_ms[pitches.week >= first].min())
