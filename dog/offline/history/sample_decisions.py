"""A random sample of the kept decisions."""

from collections.abc import Callable, Mapping
from typing import Any

from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runtime import Runtime
from dog.storage.every_decision import sample_contents
from dog.storage.store import Store

MAX_DECISIONS = 2_000
Decision = Mapping[str, Any]


def sample_decisions(
    runtime: Runtime, store: Store, fits: Callable[[Decision], bool], most: int = MAX_DECISIONS, seed: int = 0
) -> list[Decision]:
    """Return up to `most` random kept decisions that fit, the same ones for the same seed."""
    runtime.shared(DecisionWriter).flush()
    return list(sample_contents(store, fits, most, seed))
