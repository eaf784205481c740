"""Record each publication as a run: the version before, the version after, and both curves."""

import numpy as np

from dog.core.learning.recursion import damped_multiplier
from dog.core.learning.win_rates import NO_EVIDENCE_RATE
from dog.core.policy.policy import Policy
from dog.services.run_records import fingerprint, keep_run
from dog.services.runtime import Runtime
from dog.services.svg_charts import sketch_lines
from dog.storage.run_log import Run

POINTS = np.linspace(0, 1, 101)


def keep_publication(
    runtime: Runtime,
    tenant: str,
    policy: Policy,
    version: str,
    replaced: tuple[str, Policy] | None,
    *,
    started_ms: int,
    author: str = "",
    draft: bool = False,
) -> Run:
    """Record a version that was stored as a draft or activated, and the version that it replaced, if any."""
    lines = {version: _curve(policy)}
    if replaced is not None and replaced[0] != version:
        lines[f"{replaced[0]}, active before"] = _curve(replaced[1])
    return keep_run(
        runtime,
        tenant,
        "publish",
        started_ms=started_ms,
        settings={"policy": policy.name, "version": version, "draft": draft, "author": author},
        data=fingerprint(version, replaced[0] if replaced else None),
        metrics={
            "models": float(len(policy.models)),
            "rules": float(len(policy.rules)),
            "examples": float(len(policy.examples)),
            "largest_multiplier": max(lines[version]),
            "smallest_multiplier": min(lines[version]),
        },
        outcome=f"{policy.name} {version} {'stored as a draft' if draft else 'active'}",
        files={"curve.svg": sketch_lines(f"{policy.name}: multiplier over win rate", POINTS.tolist(), lines)},
    )


def _curve(policy: Policy) -> list[float]:
    """Compute the undamped curve; a neutral point that differs by pair is the rate without evidence."""
    settings = policy.reinforcement
    neutral = NO_EVIDENCE_RATE if isinstance(settings.neutral, str) else settings.neutral
    found: list[float] = damped_multiplier(POINTS, neutral, 0, settings).tolist()
    return found
