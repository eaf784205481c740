"""Merge scores of one model into the store, some contacts at a time."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from dog.services.data.columns.score_merge import ScoreMerge, ScoreRows, merge_new_scores
from dog.services.data.row_values import RowOutcome
from dog.storage.contacts import read_arrays
from dog.storage.event_log import Status
from dog.storage.model_dates import record_scores
from dog.storage.score_arrays import write_scores
from dog.storage.store import Store

CONTACTS_AT_ONCE = 5_000
"""Contacts whose scores are merged and written at once."""
STALE = RowOutcome(Status.REJECTED, "stale_score", "as_of is older than the stored scores of this model and contact")


class MergedRows(NamedTuple):
    """Marks of rows that are older than the scores before them, and of those that changed nothing; shape (rows,)."""

    stale: np.ndarray
    duplicate: np.ndarray


def merge_model(
    store: Store, model: str, rows: ScoreRows, cut_offs: np.ndarray, digests: Sequence[bytes]
) -> MergedRows:
    """Merge and write scores of a model, sorted by contact; `digests` are those of contacts 0, 1, ..."""
    found = MergedRows(np.zeros(len(cut_offs), bool), np.zeros(len(cut_offs), bool))
    starts = np.flatnonzero(np.diff(rows.contact, prepend=-1))
    bounds = [*starts[::CONTACTS_AT_ONCE].tolist(), len(cut_offs)]
    for begin, end in pairwise(bounds):
        left = np.arange(begin, end)
        while len(left):
            some = rows.at(left)
            is_first = np.diff(some.contact, prepend=-1) > 0
            names = [digests[number] for number in some.contact[is_first].tolist()]
            some = replace(some, contact=np.cumsum(is_first) - 1)
            merged = merge_new_scores(some, read_arrays(store, "scores", model, names))
            _note_model(store, model, some, merged, cut_offs[left])
            changed = [names[number] for number in merged.contacts]
            refused = write_scores(store, model, changed, merged.packed, merged.bases)
            again = np.isin(some.contact, [merged.contacts[place] for place in refused])
            found.duplicate[left[merged.duplicate & ~again]] = True
            found.stale[left[merged.stale & ~again]] = True
            left = left[again]
    return found


def _note_model(store: Store, model: str, rows: ScoreRows, merged: ScoreMerge, cut_offs: np.ndarray) -> None:
    """Record the dates of a model before its scores are written: a load that was killed left none without a record."""
    changes = rows.as_of[~(merged.stale | merged.duplicate)]
    told = cut_offs[~merged.stale & (cut_offs >= 0)]
    if len(changes) or len(told):
        as_of_ms = int(changes.max()) if len(changes) else None
        record_scores(store, model, as_of_ms, int(told.max()) if len(told) else None)
