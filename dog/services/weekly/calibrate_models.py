"""Fit each model's calibration to its scores and outcomes, weekly and after scores were loaded."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dog.core.calibration import enough_for_platt, fit_platt, raw_axis
from dog.core.learning.ledger_chunk import LedgerChunk
from dog.core.learning.settlement import Settled, settle
from dog.core.policy.policy import Policy
from dog.storage.catalogue import put_model, read_models
from dog.storage.contacts import look_up_scores, read_arrays, read_partitions, unpack_scores
from dog.storage.ledgers import read_chunks
from dog.storage.store import Store

ALL_TIME_MS = 1 << 60


def calibrate_models(store: Store, policy: Policy) -> None:
    """Store the spread of every model's scores and, from 300 resolved outcomes on, their Platt line.

    `policy` is the default one: it states which models are better when lower.
    """
    records = read_models(store)
    spread = {model: _spread(store, model) for model in records}
    outcomes = _resolved_outcomes(store, [model for model, described in spread.items() if described])
    for model, record in records.items():
        if not spread[model]:
            continue
        described = {**record, **spread[model]}
        known = policy.models.get(model)
        lower = known is not None and known.direction == "lower_is_better"
        at_pitch, won = outcomes[model]
        described.pop("platt", None)
        if enough_for_platt(won):
            fitted = fit_platt(at_pitch, won, lower_is_better=lower, in_log_odds=described["in_log_odds"])
            described["platt"] = {"slope": fitted.slope, "intercept": fitted.intercept, "outcomes": len(won)}
        if described != record:
            put_model(store, model, described)


def _spread(store: Store, model: str) -> dict[str, Any]:
    """Describe how a model's scores are spread; return nothing where it has none."""
    scores = np.concatenate([np.zeros(0, np.float32), *_all_scores(store, model)]).astype(np.float64)
    if not len(scores):
        return {}
    in_log_odds = bool(scores.min() >= 0 and scores.max() <= 1)
    axis = raw_axis(scores, in_log_odds=in_log_odds)
    return {
        "count": len(scores),
        "mean": float(axis.mean()),
        "deviation": float(axis.std()),
        "in_log_odds": in_log_odds,
    }


def _resolved_outcomes(store: Store, models: Sequence[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Read all outcomes once; return for each model the scores of resolved pitches, and which of them were won."""
    found: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {
        model: [(np.zeros(0, np.float32), np.zeros(0, bool))] for model in models
    }
    for chunk in read_chunks(store) if models else ():
        settled = settle(chunk.outcomes, chunk.starts, ALL_TIME_MS, ALL_TIME_MS)
        for model in models:
            found[model].append(_resolved(store, model, chunk, settled))
    return {
        model: (np.concatenate([pair[0] for pair in pairs]).astype(np.float64), np.concatenate([p[1] for p in pairs]))
        for model, pairs in found.items()
    }


def _all_scores(store: Store, model: str) -> Iterator[np.ndarray]:
    for arrays in read_partitions(store, "scores", model):
        for packed in arrays.values():
            yield unpack_scores(packed)[1]["score"]


def _resolved(store: Store, model: str, chunk: LedgerChunk, settled: Settled) -> tuple[np.ndarray, np.ndarray]:
    """Pair each resolved outcome with the model's score for its contact and product, if there is one."""
    score = np.full(len(chunk.product), np.nan, np.float32)
    contacts = chunk.contacts.digests.tolist()
    ends = np.searchsorted(chunk.contact, np.arange(len(contacts) + 1))
    for place, packed in enumerate(read_arrays(store, "scores", model, contacts)):
        if packed is None:
            continue
        pairs = slice(ends[place], ends[place + 1])
        score[pairs] = look_up_scores(unpack_scores(packed)[1], chunk.product[pairs])
    known = ~np.isnan(score)
    wins, losses = settled.wins[known], settled.losses[known]
    counts = np.stack([wins, losses], axis=1).ravel()
    return np.repeat(np.repeat(score[known], 2), counts), np.repeat(np.tile([True, False], int(known.sum())), counts)
