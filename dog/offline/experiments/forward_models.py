"""What each model of a policy would have scored at each pitch, had it known only what came before.

The reference models are fitted again to the transactions before each block of weeks. Scores of other models are
taken from their `as_of` on: whether older ones knew the answer already, nobody can tell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dog.core.policy.policy import Policy
from dog.errors import NotReady
from dog.offline.evaluation.discrimination import Floats
from dog.offline.evaluation.forward_scores import ModelScores
from dog.offline.evaluation.pitches import Pitches
from dog.offline.experiments.read_pitches import History
from dog.offline.experiments.train_models import read_transactions
from dog.offline.models.churn import fit_churn
from dog.offline.models.collaborative import fit_collaborative
from dog.offline.models.frequency import fit_frequency
from dog.storage.contacts import look_up_scores, read_arrays, unpack_scores
from dog.storage.model_records import read_models
from dog.storage.store import Store

Report = Callable[[float], None]
Fit = Callable[[pd.DataFrame, pd.Timestamp, int], pd.DataFrame]

REFERENCE: Mapping[str, Fit] = {
    "churn": lambda rows, cutoff, seed: fit_churn(rows, cutoff, seed=seed).score(),
    "frequency": lambda rows, cutoff, seed: fit_frequency(rows, cutoff).score(),  # noqa: ARG005  # one shape for all
    "cf": lambda rows, cutoff, seed: fit_collaborative(rows, cutoff, seed=seed).score(),
}


@dataclass(frozen=True, slots=True)
class ForwardModels:
    """Scores of the models that could be judged, and why the others could not."""

    models: list[ModelScores]
    left_out: dict[str, str]
    refitted: list[str]


def score_forward(
    store: Store,
    policy: Policy,
    history: History,
    block_starts_ms: NDArray[np.int64],
    *,
    seed: int,
    trust_scores: bool,
    report: Report = lambda _: None,
) -> ForwardModels:
    """Score every pitch by every model of a policy with what was known when its block of weeks began.

    Parameters
    ----------
    store, policy, history
        Whose models, which of them, and the pitches.
    block_starts_ms
        First instants of the blocks, ascending; the reference models are fitted once for each.
    seed
        The same seed and data give the same scores.
    trust_scores
        Whether loaded scores count for pitches made before their `as_of`, too.
    report
        Told the share done.

    """
    found = ForwardModels([], {}, [])
    records, transactions = read_models(store), read_transactions(store)
    for done, (name, settings) in enumerate(policy.models.items()):
        tell = _part(report, done / len(policy.models), 1 / len(policy.models))
        lower = settings.direction == "lower_is_better"
        own = name in REFERENCE and len(transactions) and ("quality" in records.get(name, {"quality": 0}))
        if own:
            raw = _refit(REFERENCE[name], transactions, history, block_starts_ms, seed, tell)
            why = "the transactions before the pitches are too few to fit it"
        else:
            raw = _loaded(store, name, history, trust_scores=trust_scores)
            why = "no scores that are as old as the pitches; --trust-scores takes newer ones"
        if np.isnan(raw).all():
            found.left_out[name] = why if own or name in records else "it has no scores"
            continue
        found.models.append(ModelScores(name, settings.weight, lower, raw))
        if own:
            found.refitted.append(name)
    report(1.0)
    return found


def _part(report: Report, start: float, length: float) -> Report:
    return lambda share: report(start + length * share)


def _refit(
    fit: Fit, transactions: pd.DataFrame, history: History, starts_ms: NDArray[np.int64], seed: int, report: Report
) -> Floats:
    pitches = history.pitches
    raw = np.full(len(pitches), np.nan)
    block = np.searchsorted(starts_ms, pitches.at_ms, side="right") - 1
    for number, start_ms in enumerate(starts_ms.tolist()):
        rows = np.flatnonzero(block == number)
        if len(rows):
            cutoff = pd.Timestamp(start_ms, unit="ms", tz="UTC")
            try:
                scores = fit(transactions.loc[transactions["occurred_at"] < cutoff], cutoff, seed)
            except NotReady:
                scores = None
            if scores is not None:
                raw[rows] = _look_up(scores, history, rows)
        report((number + 1) / len(starts_ms))
    return raw


def _look_up(scores: pd.DataFrame, history: History, rows: NDArray[np.int64]) -> Floats:
    """Find the score of each pitch: of its pair, or of its contact where the model says nothing of products."""
    pitches: Pitches = history.pitches
    contact = pd.Index(history.contact_ids).get_indexer(pd.Index(scores["contact_id"]))
    product = pd.Index(history.product_ids).get_indexer(pd.Index(scores["product_id"]))
    of_contact = bool((scores["product_id"] == "").all())
    width = len(history.product_ids)
    key = contact if of_contact else contact * width + product
    wanted = pitches.contact[rows] if of_contact else pitches.contact[rows] * width + pitches.product[rows]
    known = (contact >= 0) & (of_contact | (product >= 0))
    table = pd.Series(scores["score"].to_numpy(np.float64)[known], index=key[known])
    return table[~table.index.duplicated()].reindex(wanted).to_numpy(np.float64)


def _loaded(store: Store, name: str, history: History, *, trust_scores: bool) -> Floats:
    pitches = history.pitches
    raw = np.full(len(pitches), np.nan)
    digests = [store.tenant.contact(contact_id) for contact_id in history.contact_ids]
    order = np.argsort(pitches.contact, kind="stable")
    bounds = np.searchsorted(pitches.contact[order], np.arange(len(digests) + 1)).tolist()
    for number, packed in enumerate(read_arrays(store, "scores", name, digests)):
        rows = order[bounds[number] : bounds[number + 1]]
        if packed is None or not len(rows):
            continue
        as_of_ms, scores = unpack_scores(packed)
        if not trust_scores:
            rows = rows[pitches.at_ms[rows] >= as_of_ms]
        raw[rows] = look_up_scores(scores, pitches.product[rows])
    return raw
