"""Consolidated scores of today, for pitches that carry no score and to measure what new scores know."""

from collections.abc import Mapping

import numpy as np

from dog.core.consolidator import Consolidator
from dog.core.learning.ledger_chunk import LedgerChunk
from dog.storage.contacts import read_arrays, select_scores
from dog.storage.packed_scores import unpack_scores
from dog.storage.store import Store


def read_current_scores(
    store: Store, chunk: LedgerChunk, consolidators: Mapping[str, Consolidator]
) -> dict[str, np.ndarray]:
    """Return each policy's consolidated score of each pair, NaN where no model has one, shape (pairs,).

    `consolidators` are those of the policies that need the scores, by name.
    """
    names = {model.name for consolidator in consolidators.values() for model in consolidator.models}
    raw = {name: _read_model(store, name, chunk) for name in sorted(names)}
    starts = np.searchsorted(chunk.contact, np.arange(len(chunk.contacts.digests) + 1))
    found = {}
    for policy, consolidator in consolidators.items():
        calibrated = consolidator.calibrate(np.stack([raw[model.name] for model in consolidator.models]))
        found[policy] = consolidator.consolidate(calibrated, starts)
    return found


def _read_model(store: Store, model: str, chunk: LedgerChunk) -> np.ndarray:
    """Return one model's raw scores of a chunk's pairs."""
    score = np.full(len(chunk.product), np.nan)
    contacts = chunk.contacts.digests.tolist()
    ends = np.searchsorted(chunk.contact, np.arange(len(contacts) + 1))
    for place, packed in enumerate(read_arrays(store, "scores", model, contacts)):
        if packed is not None:
            pairs = slice(ends[place], ends[place + 1])
            score[pairs] = select_scores(unpack_scores(packed)[1], chunk.product[pairs])
    return score
