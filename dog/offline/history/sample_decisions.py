"""A random sample of the kept decisions."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runtime import Runtime
from dog.storage.decisions import read_decision_keys
from dog.storage.store import Store
from dog.storage.tenant_dump import tenant_keys

MAX_DECISIONS = 2_000
DECISIONS_PER_TRIP = 200
Decision = Mapping[str, Any]


def sample_decisions(
    runtime: Runtime, store: Store, fits: Callable[[Decision], bool], most: int = MAX_DECISIONS, seed: int = 0
) -> list[Decision]:
    """Return up to `most` random kept decisions that fit, the same ones for the same seed."""
    runtime.shared(DecisionWriter).flush()
    keys = sorted(key for key in tenant_keys(store.redis, store.tenant.name) if b"}:decision:" in key)
    order = np.random.default_rng(seed).permutation(len(keys))
    found: list[Decision] = []
    for start in range(0, len(keys), DECISIONS_PER_TRIP):
        some = [keys[place] for place in order[start : start + DECISIONS_PER_TRIP].tolist()]
        found += [content for content in read_decision_keys(store, some) if fits(content)]
        if len(found) >= most:
            break
    return found[:most]
