"""Fit the consolidation of every active policy to the outcomes of past pitches, weekly and after scores were loaded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from dog.core.calibration import enough_outcomes
from dog.core.consolidation_fit import (
    MIN_PITCHED,
    ConsolidationFit,
    ModelPast,
    fit_consolidation,
    measure_gains,
    settled_weeks,
)
from dog.core.iso_weeks import DAY_MS, utc_weeks
from dog.core.learning.event_states import WON
from dog.core.learning.win_rates import global_rate
from dog.core.policy.model_directions import with_directions
from dog.core.policy.policy import Policy
from dog.core.score_axes import Axis, Load, standardise
from dog.services.policies.policy_store import policies_by_name
from dog.services.runner import Runner
from dog.services.runner_tasks import Edge, no_edge
from dog.services.weekly.describe_loads import describe_loads
from dog.services.weekly.past_scores import PastScores, read_past_scores
from dog.storage.catalogue import read_models
from dog.storage.consolidation_fits import put_fit, read_fits, read_load_history
from dog.storage.model_dates import read_directions
from dog.storage.store import Store

GROWN_PITCHES, GROWN_WINS = 1000, 100
"""From here on a fit to scores of pitch time replaces one to held-out scores."""
MAX_FITTED = 20_000
"""Pitches with scores that a fit uses at most; contacts come in random order."""
BASES = ("current", "held out", "pitch time")
"""What a fit can rest on, the best last."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One model's scores of past pitches as it gives them without their outcomes, NaN where none, and their load."""

    raw: np.ndarray
    load: Load


HoldOut = Callable[[PastScores], Mapping[str, Sequence[HeldOut]]]


def refresh_consolidation(
    runner: Runner, store: Store, now_ms: int, hold_out: HoldOut = lambda _: {}, edge: Edge = no_edge
) -> None:
    """Describe the scores as they are stored now, and fit every active policy.

    `hold_out` returns scores of past pitches by models that were fitted without their outcomes, by model. A fit in use
    stays until there is a better founded one.
    """
    describe_loads(runner, store, now_ms, edge)
    if read_models(store):  # else no pitch has a score
        with threadpool_limits(1, "blas"):  # sums are in one order, and threads cost more than they give
            fit_policies(store, now_ms, hold_out)


def fit_policies(store: Store, now_ms: int, hold_out: HoldOut) -> None:
    """Fit every active policy, as `refresh_consolidation` does."""
    stated = read_directions(store)
    policies = {name: with_directions(policy, stated) for name, policy in policies_by_name(store).items()}
    past = read_past_scores(store, sorted({model for policy in policies.values() for model in policy.primary_models}))
    loads, fits = read_load_history(store), read_fits(store)
    sources = _sources(past, loads, hold_out(past))
    found: list[tuple[Policy, ConsolidationFit | None]] = []
    for name, policy in policies.items():
        fit = next((it for other, it in found if _fits_alike(policy, other)), None) or _fit(
            policy, past, sources, now_ms
        )
        found.append((policy, fit))
        if fit is not None and _better_founded(fit, fits.get(name)):
            put_fit(store, name, replace(fit, fitted_at_ms=now_ms))


def _fits_alike(one: Policy, other: Policy) -> bool:
    """Return whether two policies have the same fit: it depends on their models and on when a pitch counts as lost."""
    return one.models == other.models and one.reinforcement.maturation_days == other.reinforcement.maturation_days


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a model's scores lie, by axis, on one basis: of past pitches, shape (pitches,), and on average."""

    places: Mapping[Axis, np.ndarray]
    centres: Mapping[Axis, float]


Sources = Mapping[str, Mapping[str, _Source]]
"""By basis and model."""


def _sources(
    past: PastScores, loads: Mapping[int, Mapping[str, Load]], held_out: Mapping[str, Sequence[HeldOut]]
) -> Sources:
    newest = loads[max(loads)] if loads else {}
    found: dict[str, dict[str, _Source]] = {basis: {} for basis in BASES}
    for model, current in past.current.items():
        load = newest.get(model)
        if load is None:
            continue
        today = {axis: standardise(current, load, axis) for axis in load.scales}
        known = ~np.isnan(current)
        centres = {
            axis: float(places[known].mean()) if known.sum() >= MIN_PITCHED else 0.0 for axis, places in today.items()
        }
        forward = _at_pitch_time(past, model, today, loads)
        found["current"][model] = _Source(today, centres)
        found["pitch time"][model] = _Source(forward, centres)
        found["held out"][model] = _Source(_with_held_out(forward, held_out.get(model, ())), centres)
    return found


def _at_pitch_time(
    past: PastScores, model: str, today: Mapping[Axis, np.ndarray], loads: Mapping[int, Mapping[str, Load]]
) -> dict[Axis, np.ndarray]:
    """Return the recorded scores where there are some, else today's where they are older than the pitch."""
    old = past.at_ms >= past.known_from_ms[model]  # False where there is no score
    found = {axis: np.where(old, places, np.nan) for axis, places in today.items()}
    recorded = past.recorded[model]
    for number in np.unique(past.load[~np.isnan(recorded)]).tolist():
        then = loads.get(number, {}).get(model)
        rows = np.flatnonzero((past.load == number) & ~np.isnan(recorded))
        for axis, places in found.items():
            if then is not None and axis in then.scales:
                places[rows] = standardise(recorded[rows], then, axis)
    return found


def _with_held_out(forward: Mapping[Axis, np.ndarray], held_out: Sequence[HeldOut]) -> Mapping[Axis, np.ndarray]:
    """Fill the gaps of scores of pitch time by those of held-out models."""
    found = dict(forward)
    for one in held_out:
        found = {
            axis: np.where(np.isnan(places), standardise(one.raw, one.load, axis), places)
            for axis, places in found.items()
            if axis in one.load.scales
        }
    return found


def _fit(policy: Policy, past: PastScores, sources: Sources, now_ms: int) -> ConsolidationFit | None:
    """Fit a policy on the best basis with enough outcomes; None where there is nothing to fit."""
    weeks = utc_weeks(past.at_ms)
    known = past.settled(now_ms, round(policy.reinforcement.maturation_days * DAY_MS))
    settled = np.flatnonzero(settled_weeks(weeks, known))
    if not len(settled):
        return None
    won, week = past.result[settled] == WON, weeks[settled]
    base_rate = global_rate(float(won.sum()), len(won))
    scored = {basis: _scored(policy, sources[basis], settled) for basis in BASES}
    chosen = next((basis for basis in reversed(BASES) if enough_outcomes(won[scored[basis]])), BASES[0])
    usable = np.flatnonzero(scored[chosen])[:MAX_FITTED]
    settled, won, week = (part[: usable[-1] + 1] if len(usable) else part for part in (settled, won, week))
    models = [_model_past(policy, name, sources[chosen].get(name), settled) for name in policy.primary_models]
    fit = fit_consolidation(models, won, week, base_rate)
    return replace(measure_gains(fit, models, won, week, base_rate), basis=chosen)


def _scored(policy: Policy, sources: Mapping[str, _Source], settled: np.ndarray) -> np.ndarray:
    """Mark the settled pitches for which any model of a policy has a score."""
    scored = np.zeros(len(settled), bool)
    for name in policy.primary_models:
        if name in sources:
            scored |= ~np.isnan(next(iter(sources[name].places.values()))[settled])
    return scored


def _model_past(policy: Policy, name: str, source: _Source | None, settled: np.ndarray) -> ModelPast:
    settings = policy.models[name]
    absent: Mapping[Axis, np.ndarray] = {"log_odds": np.full(len(settled), np.nan)}
    return ModelPast(
        name=name,
        weight=settings.weight,
        lower_is_better=settings.direction == "lower_is_better",
        places=absent if source is None else {axis: places[settled] for axis, places in source.places.items()},
        centres={"log_odds": 0.0} if source is None else source.centres,
    )


def _better_founded(fit: ConsolidationFit, known: ConsolidationFit | None) -> bool:
    """Return whether a fit replaces the one in use."""
    if known is None or known.intercept is None or fit.basis == known.basis:
        return True
    if BASES.index(fit.basis) < BASES.index(known.basis):
        return False
    grown = fit.pitches >= GROWN_PITCHES and fit.wins >= GROWN_WINS
    return known.basis == "current" or grown or fit.wins >= known.wins
