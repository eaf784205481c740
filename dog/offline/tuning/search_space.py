"""Which settings are tuned, between which bounds, and how they are applied to a policy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from dog.core.learning.reinforcement_settings import FAMILIES, NEUTRALS, Reinforcement
from dog.core.policy.policy import Policy
from dog.offline.replay.replay_policy import ReplayInput

CONSOLIDATIONS = ("stacking", "mean", "log_pool")
"""Reciprocal ranks are not tuned: they need whole lists."""
EXPECTED = "expected"
RANGES: Mapping[str, tuple[float, float]] = {"a_max": (1.0, 5.0), "d_min": (0.1, 1.0), "max_step": (1.05, 3.0)}
CURVE_CHOICES: Mapping[str, tuple[Any, ...]] = {"family": FAMILIES}
CURVE_RANGES: Mapping[str, tuple[float, float]] = {"explore": (0.0, 2.0)}
"""Of curves over win rates alone: by expected wins, exploration changes no chance, and there is one family."""
TRUST_CHOICES = ("learned", "fixed")
TRUST_RANGES: Mapping[str, tuple[float, float]] = {"trust.product": (0.0, 1.0), "trust.pair": (0.0, 1.0)}
"""By expected wins alone."""
STREAK_RANGES: Mapping[str, tuple[float, float]] = {
    "streak.accept": (1.0, 2.0),
    "streak.discard": (0.1, 1.0),
    "streak.half_life_days": (3.0, 180.0),
}
MIN_PITCHES_WITH_STREAK = 100
RECURSION_RANGES: Mapping[str, tuple[float, float]] = {"recursion.n": (0.0, 3.0)}
MIN_RECURSIVE_CONTACTS = 20
GRID: Mapping[str, tuple[Any, ...]] = {
    "family": FAMILIES,
    "neutral": NEUTRALS,
    "a_max": (1.0, 2.0, 4.0),
    "d_min": (0.25, 0.5, 1.0),
}


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """What can be tuned on a history: the weights of `models`, and streak or recursion settings if it has enough."""

    models: tuple[str, ...]
    streaks: bool = False
    recursion: bool = False

    @property
    def nested_ranges(self) -> dict[str, tuple[float, float]]:
        """The bounds of the streak and recursion settings that can be tuned."""
        return {**(STREAK_RANGES if self.streaks else {}), **(RECURSION_RANGES if self.recursion else {})}

    @property
    def not_tuned(self) -> Mapping[str, str]:
        """The settings that cannot be tuned, and why."""
        found = {}
        if not self.streaks:
            found["streak"] = f"verdicts stand before fewer than {MIN_PITCHES_WITH_STREAK} pitches"
        if not self.recursion:
            found["recursion.n"] = f"fewer than {MIN_RECURSIVE_CONTACTS} contacts had laps enough for a recursion"
        return found


def space_of(past: ReplayInput, policy: Policy) -> SearchSpace:
    """Return what can be tuned of a policy on a history."""
    streaks = int((past.streaks.length != 0).sum()) if past.streaks is not None else 0
    recursive = past.laps.recursive_contacts(policy.reinforcement) if past.laps is not None else 0
    models = tuple(model.name for model in past.models)
    return SearchSpace(models, streaks >= MIN_PITCHES_WITH_STREAK, recursive >= MIN_RECURSIVE_CONTACTS)


def suggest(trial: Any, space: SearchSpace, *, grid: bool) -> dict[str, Any]:
    """Return settings suggested by an Optuna trial, by name; with `grid` only those of `GRID`."""
    if grid:
        return {name: trial.suggest_categorical(name, list(values)) for name, values in GRID.items()}
    found: dict[str, Any] = {"neutral": trial.suggest_categorical("neutral", list(NEUTRALS))}
    ranges = dict(RANGES)
    if found["neutral"] == EXPECTED:
        found["trust"] = trial.suggest_categorical("trust", list(TRUST_CHOICES))
        ranges |= TRUST_RANGES if found["trust"] == "fixed" else {}
    else:
        found |= {name: trial.suggest_categorical(name, list(of)) for name, of in CURVE_CHOICES.items()}
        ranges |= CURVE_RANGES
    found |= {name: trial.suggest_float(name, low, high) for name, (low, high) in ranges.items()}
    if len(space.models) > 1:
        found["consolidation"] = trial.suggest_categorical("consolidation", list(CONSOLIDATIONS))
        found |= {f"weight.{name}": trial.suggest_float(f"weight.{name}", 0.0, 1.0) for name in space.models}
    return found | {name: trial.suggest_float(name, *of) for name, of in space.nested_ranges.items()}


def current_settings(policy: Policy, space: SearchSpace) -> dict[str, Any]:
    """Return a policy's own settings by name, moved to the bounds where they exceed them: the first trial."""
    settings = policy.reinforcement
    found: dict[str, Any] = {"neutral": settings.neutral} if settings.neutral in NEUTRALS else {}
    ranges = dict(RANGES)
    if settings.neutral == EXPECTED:
        found["trust"] = "learned" if settings.fixed_trust is None else "fixed"
        found |= dict(zip(TRUST_RANGES, settings.fixed_trust or (), strict=False))
    else:
        found["family"] = settings.family
        ranges |= CURVE_RANGES
    found |= {name: _within(getattr(settings, name), of) for name, of in ranges.items()}
    if len(space.models) > 1:
        total = max(policy.models[name].weight for name in space.models) or 1.0
        if policy.consolidation in CONSOLIDATIONS:
            found["consolidation"] = policy.consolidation
        found |= {f"weight.{name}": policy.models[name].weight / total for name in space.models}
    return found | {name: _within(attrgetter(name)(settings), of) for name, of in space.nested_ranges.items()}


def _within(value: float, bounds: tuple[float, float]) -> float:
    return min(max(value, bounds[0]), bounds[1])


def with_settings(policy: Policy, chosen: Mapping[str, Any]) -> Policy:
    """Return a policy with some settings changed, by the names of `suggest`."""
    weights, streak, recursion = (_under(prefix, chosen) for prefix in ("weight.", "streak.", "recursion."))
    models = {
        name: replace(settings, weight=weights.get(name, settings.weight)) for name, settings in policy.models.items()
    }
    settings = _with_neutral(policy.reinforcement, chosen)
    changed = {name: value for name, value in chosen.items() if name in RANGES or name in CURVE_RANGES}
    settings = _widen_clamp(replace(settings, **changed))
    return replace(
        policy,
        models=models,
        consolidation=chosen.get("consolidation", policy.consolidation),
        reinforcement=replace(
            settings,
            streak=replace(settings.streak, **streak),
            recursion=replace(settings.recursion, **recursion),
        ),
    )


def _with_neutral(settings: Reinforcement, chosen: Mapping[str, Any]) -> Reinforcement:
    """Change neutral point, family and trust; what does not go with the neutral point follows it."""
    neutral = chosen.get("neutral", settings.neutral)
    if (neutral == EXPECTED) != (settings.neutral == EXPECTED):
        settings = replace(settings, on=None)  # odds by expected wins, else the score
    if neutral != EXPECTED:
        return replace(settings, neutral=neutral, family=chosen.get("family", settings.family))
    trust = settings.trust
    if chosen.get("trust") == "learned":
        trust = "learned"
    elif chosen.get("trust") == "fixed":
        trust = (chosen["trust.product"], chosen["trust.pair"])
    return replace(settings, neutral=neutral, family="ratio", rate="shrunk", trust=trust)


def _widen_clamp(settings: Reinforcement) -> Reinforcement:
    """Widen a stated clamp to the bounds: inside them it would be refused."""
    if not isinstance(settings.clamp, tuple):
        return settings
    low, high = settings.clamp
    return replace(settings, clamp=(min(low, settings.d_min), max(high, settings.a_max)))


def _under(prefix: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in chosen.items() if name.startswith(prefix)}
