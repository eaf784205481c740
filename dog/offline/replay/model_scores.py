"""The raw scores that each model of a policy had, or would have had, when each pitch was made.

The reference models are fitted again to the transactions before each block of weeks, the model start to the purchases
and wins before it. Scores of other models count from their `as_of` on: it is not known whether older ones
were made with the outcomes.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dog.core.describe_load import describe_load
from dog.core.policy.model_directions import with_directions
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import START
from dog.core.score_axes import Load
from dog.errors import NotReady
from dog.offline.history.pitches import Pitches
from dog.offline.history.read_history import History, read_transactions
from dog.offline.past_start import PastStart, read_contact_records
from dog.offline.replay.calibrated_scores import ModelScores
from dog.offline.replay.load_places import LoadPlaces
from dog.offline.replay.pitched_scores import look_up_scores
from dog.offline.statistics.discrimination import Floats
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_models
from dog.storage.consolidation_fits import read_loads
from dog.storage.model_dates import read_directions
from dog.storage.store import Store

if TYPE_CHECKING:
    from dog.models.train import ReferenceModel

Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class PitchScores:
    """Scores of the models that can be judged, why the others cannot, and which models were refitted."""

    models: list[ModelScores]
    left_out: Mapping[str, str]
    refitted: list[str]


def score_pitches(
    runner: Runner,
    store: Store,
    policy: Policy,
    history: History,
    block_starts_ms: NDArray[np.int64],
    *,
    seed: int,
    trust_scores: bool,
    report: Report,
) -> PitchScores:
    """Score every pitch by every model of a policy with what was known when its block of weeks began.

    Models that DOG fits are fitted once for each block. With `trust_scores`, loaded scores also count for pitches
    made before their `as_of`.
    """
    models, left_out, refitted = [], {}, []
    records = read_models(store)
    policy = with_directions(policy, read_directions(store))
    own_models = [name for name in policy.primary_models if "quality" in records.get(name, {"quality": 0})]
    fits = _fits(runner, store, own_models, history, seed)
    for done, (name, settings) in enumerate(policy.primary_models.items()):
        lower_is_better = settings.direction == "lower_is_better"
        own = name in fits
        if own:
            share_done = _part(report, done, len(policy.primary_models))
            loads = _refit(runner, fits[name], history.pitches, block_starts_ms, share_done)
            why = "what was bought before the pitches is too little to fit it"
        else:
            loads = _loaded(runner, store, name, history, block_starts_ms, trust_scores=trust_scores)
            why = "no scores that are as old as the pitches"
        scores = loads.as_scores(name, settings.weight, lower_is_better=lower_is_better)
        if np.isnan(scores.raw).all():
            left_out[name] = why if own or name in records else "it has no scores"
            continue
        models.append(scores)
        if own:
            refitted.append(name)
    report(1.0)
    return PitchScores(models, left_out, refitted)


def _part(report: Report, done: int, count: int) -> Report:
    return lambda share: report(done / count + 1 / count * share)


LookUp = Callable[[NDArray[np.int64]], Floats]
"""From rows of pitches to the scores of their pairs."""
Fit = Callable[[int], tuple[Load, LookUp]]
"""From an instant to a model fitted to what came before it: how its scores are spread, and its scores."""


def _fits(runner: Runner, store: Store, names: Collection[str], history: History, seed: int) -> Mapping[str, Fit]:
    """Return how each of some models that can be fitted again is fitted, by name."""
    fits: dict[str, Fit] = {}
    if START in names:
        past = PastStart.read(store, int(history.pitches.at_ms.max()))
        fits[START] = partial(_fit_start, past, read_contact_records(store, history.contacts), history)
    others = set(names) - {START}
    own = [name for name in reference_models() if name in others] if others else []
    transactions = read_transactions(runner, store) if own else pd.DataFrame()
    if len(transactions):
        fits |= {name: partial(_fit_reference, name, transactions, history, seed) for name in own}
    return fits


def reference_models() -> "Mapping[str, ReferenceModel]":
    """Return the reference models by name; only those who need them import the libraries that fit them."""
    from dog.models.train import REFERENCE_MODELS  # noqa: PLC0415  # slow to import, and large

    return REFERENCE_MODELS


def _fit_reference(
    name: str, transactions: pd.DataFrame, history: History, seed: int, start_ms: int
) -> tuple[Load, LookUp]:
    cutoff = pd.Timestamp(start_ms, unit="ms", tz="UTC")
    scores = reference_models()[name].fit(transactions.loc[transactions["occurred_at"] < cutoff], cutoff, seed)
    return describe_load(scores["score"].to_numpy(np.float64)), partial(_look_up, scores, history)


def _fit_start(
    past: PastStart, contacts: Mapping[bytes, Mapping[str, Any]], history: History, start_ms: int
) -> tuple[Load, LookUp]:
    fitted, pitches = past.fit(start_ms), history.pitches
    return fitted.load, lambda rows: fitted.score(contacts, pitches.contact[rows], pitches.product[rows])


def _refit(runner: Runner, fit: Fit, pitches: Pitches, starts_ms: NDArray[np.int64], report: Report) -> LoadPlaces:
    """Score the pitches of each block of weeks by a model fitted to what came before it; each block is a task."""
    loads, numbers = LoadPlaces(len(pitches), len(starts_ms)), range(len(starts_ms))
    fitted = runner.map(_fit_block, numbers, fit, pitches, starts_ms, edge=report)
    for number, found in zip(numbers, fitted, strict=True):
        if found is not None:
            loads.add(number, *found)
    return loads


def _fit_block(
    _runtime: Runtime, number: int, fit: Fit, pitches: Pitches, starts_ms: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Load, Floats, Floats, Floats] | None:
    """Return what `LoadPlaces.add` takes of a block; None where nothing was pitched or can be fitted."""
    rows = np.flatnonzero(np.searchsorted(starts_ms, pitches.at_ms, side="right") - 1 == number)
    if not len(rows):
        return None
    earlier = np.flatnonzero(pitches.at_ms < starts_ms[number])
    of_pair = np.unique(pitches.pair, return_index=True)[1]  # a pitch of each pair
    try:
        load, look_up = fit(int(starts_ms[number]))
    except NotReady:
        return None
    return rows, load, look_up(rows), look_up(earlier), look_up(of_pair)


def _look_up(scores: pd.DataFrame, history: History, rows: NDArray[np.int64]) -> Floats:
    """Return the score of each pitch's pair, or of its contact where the model scores no products."""
    pitches = history.pitches
    contact = pd.Index(history.contact_ids).get_indexer(pd.Index(scores["contact_id"]))
    product = pd.Index(history.product_ids).get_indexer(pd.Index(scores["product_id"]))
    of_contact = bool((scores["product_id"] == "").all())
    width = len(history.product_ids)
    key = contact if of_contact else contact * width + product
    wanted = pitches.contact[rows] if of_contact else pitches.contact[rows] * width + pitches.product[rows]
    known = (contact >= 0) & (of_contact | (product >= 0))
    table = pd.Series(scores["score"].to_numpy(np.float64)[known], index=key[known])
    return table[~table.index.duplicated()].reindex(wanted).to_numpy(np.float64)


def _loaded(
    runner: Runner, store: Store, name: str, history: History, starts_ms: NDArray[np.int64], *, trust_scores: bool
) -> LoadPlaces:
    """Look up the stored scores, one load; those younger than their pitch only count where they are trusted."""
    pitches, load = history.pitches, read_loads(store).of(name)
    raw, every = look_up_scores(runner, store.tenant.name, name, history, trust_scores=trust_scores, every=load is None)
    if load is None and len(every):
        load = describe_load(every)
    loads = LoadPlaces(len(pitches), len(starts_ms))
    if load is not None and not np.isnan(raw).all():
        block = np.searchsorted(starts_ms, pitches.at_ms, side="right") - 1
        for number, start_ms in enumerate(starts_ms.tolist()):
            rows = np.flatnonzero(block == number)
            loads.add(number, rows, load, raw[rows], raw[pitches.at_ms < start_ms])
    return loads
