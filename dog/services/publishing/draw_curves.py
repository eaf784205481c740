"""Compute the reinforcement curve of an active policy, or of any settings, with warnings where it breaks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from dog.core.learning.recursion import damped_multiplier, find_breaks
from dog.core.learning.reinforcement_settings import Recursion, Reinforcement
from dog.core.learning.win_rates import NO_EVIDENCE_RATE
from dog.errors import InputFault, InvalidInput
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.runtime import Runtime

MAX_POINTS = 10_001
SHOWN_RECURSIONS = (0, 1, 2, 3)


def draw_curve(
    runtime: Runtime,
    tenant: str,
    fields: Mapping[str, Any],
    win_rates: Sequence[float],
    recursions: Sequence[int],
) -> dict[str, Any]:
    """Compute the curve of some settings, at win rates and after recursions; `InvalidInput` where one is refused."""
    given = dict(fields)
    recursion = {name: given.pop(name) for name in ("reading", "n") if name in given}
    try:
        settings = Reinforcement(**given, recursion=Recursion(**recursion), explore=0.0)
    except (ValueError, TypeError) as error:
        message = f"reinforcement: {error}"
        raise InvalidInput(message, [InputFault("/reinforcement", "invalid_value", message)]) from None
    neutral = neutral_rate(settings, lambda: runtime.shared(Snapshots).current(runtime.store(tenant)))
    return {
        "neutral": neutral,
        "points": _points(settings, neutral, np.array(win_rates, dtype=np.float64), recursions),
        "warnings": _warnings(settings, neutral, recursions),
    }


def draw_policy_curve(runtime: Runtime, tenant: str, policy: str | None, points: int) -> dict[str, Any]:
    """Compute the curve of an active policy, None for the default, before and after recursions.

    Raise `NotFound` where it is not active.
    """
    snapshot = runtime.shared(Snapshots).current(runtime.store(tenant))
    active = snapshot.policy(policy)
    settings = active.policy.reinforcement
    neutral = neutral_rate(settings, lambda: snapshot)
    return {
        "policy": active.policy.name,
        "policy_version": active.version,
        "settings": asdict(settings),
        "neutral": neutral,
        "points": _points(settings, neutral, np.linspace(0, 1, points), SHOWN_RECURSIONS),
        "warnings": _warnings(settings, neutral, SHOWN_RECURSIONS),
    }


def neutral_rate(settings: Reinforcement, read_snapshot: Callable[[], Snapshot]) -> float:
    """Return the neutral point as one number: the tenant's win rate where it differs from pair to pair."""
    if not isinstance(settings.neutral, str):
        return settings.neutral
    policies = read_snapshot().policies.values()
    rates = [active.multipliers.priors.global_rate for active in policies if active.multipliers]
    return rates[0] if rates else NO_EVIDENCE_RATE


def _points(
    settings: Reinforcement, neutral: float, win_rates: np.ndarray, recursions: Sequence[int]
) -> list[dict[str, Any]]:
    points = []
    for count in recursions:
        values = damped_multiplier(win_rates, neutral, count, settings)
        for rate, value in zip(win_rates.tolist(), values.tolist(), strict=True):
            rises = rate >= neutral
            points.append(
                {
                    "win_rate": rate,
                    "recursions": count,
                    "multiplier": value,
                    "arm": value if rises else None,
                    "drm": None if rises else value,
                }
            )
    return points


def _warnings(settings: Reinforcement, neutral: float, recursions: Sequence[int]) -> list[dict[str, Any]]:
    return [asdict(found) for count in sorted(set(recursions)) for found in find_breaks(neutral, count, settings)]
