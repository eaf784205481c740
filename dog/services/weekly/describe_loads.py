"""Describe how the scores of every model are spread, weekly and after scores were loaded."""

import numpy as np

from dog.core.score_axes import describe_load
from dog.storage.catalogue import read_models
from dog.storage.consolidation_fits import put_loads
from dog.storage.contacts import read_partitions, unpack_scores
from dog.storage.store import Store


def describe_loads(store: Store) -> None:
    """Store the spread of all scores of every model, where it has changed."""
    found = {model: _all_scores(store, model) for model in read_models(store)}
    put_loads(store, {model: describe_load(scores) for model, scores in found.items() if len(scores)})


def _all_scores(store: Store, model: str) -> np.ndarray:
    parts = [
        unpack_scores(packed)[1]["score"]
        for arrays in read_partitions(store, "scores", model)
        for packed in arrays.values()
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
