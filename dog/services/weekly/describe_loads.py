"""Describe how the scores of every model are spread: after scores were loaded, and weekly."""

import numpy as np

from dog.core.describe_load import describe_load
from dog.core.policy.policy_settings import START
from dog.core.score_axes import read_load
from dog.storage.catalogue import read_models
from dog.storage.consolidation_fits import put_loads, read_loads
from dog.storage.contacts import read_partitions, unpack_scores
from dog.storage.store import Store


def describe_loads(store: Store, now_ms: int) -> None:
    """Store the spread of all scores of every model, where it has changed."""
    changes = _changes(store)
    found = {model: _all_scores(store, model) for model in changes}
    loads = {model: describe_load(scores) for model, scores in found.items() if len(scores)}
    if described := read_models(store).get(START, {}).get("load"):  # no scores of it are stored
        loads[START] = read_load(described)
    put_loads(store, loads, changes, now_ms)


def describe_changed_loads(store: Store, now_ms: int, most_scores: int | None = None) -> None:
    """Describe the scores again where some of a model have changed since, if there were not more than `most_scores`."""
    loads = read_loads(store)
    count = sum(load.count for load in loads.by_model.values())
    if _changes(store) != loads.changes and (most_scores is None or count <= most_scores):
        describe_loads(store, now_ms)


def _changes(store: Store) -> dict[str, int]:
    """Return by model how often its scores have changed."""
    return {model: record.get("changes", 0) for model, record in read_models(store).items()}


def _all_scores(store: Store, model: str) -> np.ndarray:
    parts = [
        unpack_scores(packed)[1]["score"]
        for arrays in read_partitions(store, "scores", model)
        for packed in arrays.values()
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
