"""Which settings are tuned, between which bounds, and how a policy is made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dog.core.learning.reinforcement_settings import FAMILIES, NEUTRALS
from dog.core.policy.policy import Policy
from dog.offline.evaluation.replay import Columns

METHODS = ("mean", "log_pool")
"""Reciprocal ranks and stacking need whole lists and their own fit; they are not tuned."""
REINFORCEMENT: Mapping[str, tuple[Any, ...]] = {"family": FAMILIES, "neutral": NEUTRALS}
BOUNDS: Mapping[str, tuple[float, float]] = {
    "a_max": (1.0, 5.0),
    "d_min": (0.1, 1.0),
    "explore": (0.0, 2.0),
    "max_step": (1.05, 3.0),
}
STREAK: Mapping[str, tuple[float, float]] = {
    "accept": (1.0, 2.0),
    "discard": (0.1, 1.0),
    "half_life_days": (3.0, 180.0),
}
LEAST_AFTER_VERDICTS = 100
RECURSION: Mapping[str, tuple[float, float]] = {"n": (0.0, 3.0)}
LEAST_RECURSIVE = 20
GRID: Mapping[str, tuple[Any, ...]] = {
    "family": FAMILIES,
    "neutral": NEUTRALS,
    "a_max": (1.0, 2.0, 4.0),
    "d_min": (0.25, 0.5, 1.0),
    "explore": (0.0, 0.5),
}


@dataclass(frozen=True, slots=True)
class Space:
    """What can be tuned on a history.

    Parameters
    ----------
    models
        Names of the models that it has scores of.
    streaks
        Whether accepts or discards stand before enough pitches to say something of the streak settings.
    recursion
        Whether enough contacts came to a recursion to say something of its `n`.

    """

    models: tuple[str, ...]
    streaks: bool = False
    recursion: bool = False

    @property
    def not_tuned(self) -> Mapping[str, str]:
        """Tell of which settings the history says nothing, and why."""
        found = {}
        if not self.streaks:
            found["streak"] = f"verdicts stand before fewer than {LEAST_AFTER_VERDICTS} pitches"
        if not self.recursion:
            found["recursion.n"] = f"fewer than {LEAST_RECURSIVE} contacts had laps enough for a recursion"
        return found


def space_of(columns: Columns, policy: Policy) -> Space:
    """Tell what a history lets tune of a policy."""
    after = int((columns.runs.run != 0).sum()) if columns.runs is not None else 0
    recursive = columns.laps.recursive_contacts(policy.reinforcement.recursion.laps) if columns.laps is not None else 0
    models = tuple(model.name for model in columns.models)
    return Space(models, after >= LEAST_AFTER_VERDICTS, recursive >= LEAST_RECURSIVE)


def suggest(trial: Any, space: Space, *, grid: bool) -> dict[str, Any]:
    """Ask an Optuna trial for settings by name; on the grid only those of `GRID`, the rest stay the policy's."""
    if grid:
        return {name: trial.suggest_categorical(name, list(values)) for name, values in GRID.items()}
    found: dict[str, Any] = {name: trial.suggest_categorical(name, list(of)) for name, of in REINFORCEMENT.items()}
    found |= {name: trial.suggest_float(name, low, high) for name, (low, high) in BOUNDS.items()}
    if len(space.models) > 1:
        found["consolidation"] = trial.suggest_categorical("consolidation", list(METHODS))
        found |= {f"weight.{name}": trial.suggest_float(f"weight.{name}", 0.0, 1.0) for name in space.models}
    if space.streaks:
        found |= {f"streak.{name}": trial.suggest_float(f"streak.{name}", *of) for name, of in STREAK.items()}
    if space.recursion:
        found |= {f"recursion.{name}": trial.suggest_float(f"recursion.{name}", *of) for name, of in RECURSION.items()}
    return found


def current(policy: Policy, space: Space) -> dict[str, Any]:
    """Tell a policy's own settings by name, moved to the bounds where they lie beyond, as the first trial."""
    settings = policy.reinforcement
    found: dict[str, Any] = {"family": settings.family}
    if settings.neutral in NEUTRALS:
        found["neutral"] = settings.neutral
    found |= {name: _within(getattr(settings, name), of) for name, of in BOUNDS.items()}
    if len(space.models) > 1:
        total = max(policy.models[name].weight for name in space.models) or 1.0
        if policy.consolidation in METHODS:
            found["consolidation"] = policy.consolidation
        found |= {f"weight.{name}": policy.models[name].weight / total for name in space.models}
    if space.streaks:
        found |= {f"streak.{name}": _within(getattr(settings.streak, name), of) for name, of in STREAK.items()}
    if space.recursion:
        found |= {f"recursion.{name}": _within(getattr(settings.recursion, name), of) for name, of in RECURSION.items()}
    return found


def _within(value: float, bounds: tuple[float, float]) -> float:
    return min(max(value, bounds[0]), bounds[1])


def with_settings(policy: Policy, chosen: Mapping[str, Any]) -> Policy:
    """Make a policy with some settings changed, by the names of `suggest`; all else stays."""
    weights, streak, recursion = (_under(prefix, chosen) for prefix in ("weight.", "streak.", "recursion."))
    models = {
        name: replace(settings, weight=weights.get(name, settings.weight)) for name, settings in policy.models.items()
    }
    settings = policy.reinforcement
    changed = {name: value for name, value in chosen.items() if name in REINFORCEMENT or name in BOUNDS}
    return replace(
        policy,
        models=models,
        consolidation=chosen.get("consolidation", policy.consolidation),
        reinforcement=replace(
            settings,
            **changed,
            streak=replace(settings.streak, **streak),
            recursion=replace(settings.recursion, **recursion),
        ),
    )


def _under(prefix: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in chosen.items() if name.startswith(prefix)}
