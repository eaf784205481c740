"""Scores of the last weeks' pitches by reference models that were fitted without those weeks."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from dog.core.consolidation_fit import settled_weeks
from dog.core.iso_weeks import utc_weeks
from dog.core.learning.pitch_results import OPEN, WON
from dog.core.score_axes import describe_load
from dog.errors import NotReady
from dog.models.train import HELD_OUT_DAYS, REFERENCE_MODELS
from dog.services.weekly.fit_policies import HeldOut, HoldOut
from dog.services.weekly.past_scores import PastScores
from dog.storage.catalogue import read_catalogue
from dog.storage.store import Store

WANTED_WINS = 300
"""Wins among the scored pitches at which no older weeks are needed: a single campaign says little of the next."""
MOST_FITS = 6


def hold_out(
    store: Store, names: Collection[str], transactions: pd.DataFrame, as_of: pd.Timestamp, seed: int
) -> HoldOut:
    """Return what scores past pitches by reference models fitted to earlier transactions alone.

    The models are fitted without the last eight weeks, and score those; then without the eight weeks before, and score
    those, until 300 wins are scored, at most six times.
    """
    return partial(_score_pitches, store, names, transactions, as_of, seed)


def _score_pitches(
    store: Store,
    names: Collection[str],
    transactions: pd.DataFrame,
    as_of: pd.Timestamp,
    seed: int,
    past: PastScores,
) -> Mapping[str, Sequence[HeldOut]]:
    found: dict[str, list[HeldOut]] = {name: [] for name in names}
    settled = settled_weeks(utc_weeks(past.at_ms), past.result != OPEN)
    wins, end_ms = 0, np.inf
    for number in range(1, MOST_FITS + 1):
        cutoff = as_of - number * pd.Timedelta(days=HELD_OUT_DAYS)
        start_ms = cutoff.timestamp() * 1000
        pitched = settled & (past.at_ms >= start_ms) & (past.at_ms < end_ms)
        end_ms = start_ms
        if pitched.any():
            for name in names:
                _add(found[name], name, store, transactions, cutoff, seed, past, pitched)
            wins += int((past.result[pitched] == WON).sum())
        if wins >= WANTED_WINS or not (settled & (past.at_ms < start_ms)).any():
            break
    return found


def _add(
    found: list[HeldOut],
    name: str,
    store: Store,
    transactions: pd.DataFrame,
    cutoff: pd.Timestamp,
    seed: int,
    past: PastScores,
    pitched: np.ndarray,
) -> None:
    """Score some pitches by a model fitted to the transactions before a cut-off, if they suffice for a fit."""
    before = transactions.loc[transactions["occurred_at"] < cutoff]
    try:
        scores = REFERENCE_MODELS[name].fit(before, cutoff, seed)
    except NotReady:
        return
    raw = np.where(pitched, _look_up(store, scores, past), np.nan)
    found.append(HeldOut(raw, describe_load(scores["score"].to_numpy(np.float64))))


def _look_up(store: Store, scores: pd.DataFrame, past: PastScores) -> np.ndarray:
    """Return the score of each pitch's pair, or of its contact where the model scores no products."""
    numbers = read_catalogue(store).numbers
    of_contact = bool((scores["product_id"] == "").all())
    digests = {contact_id: store.tenant.contact(contact_id) for contact_id in scores["contact_id"].unique()}
    product = np.zeros(len(scores), np.int64) if of_contact else scores["product_id"].map(numbers).to_numpy()
    table = pd.Series(
        scores["score"].to_numpy(np.float64),
        index=pd.MultiIndex.from_arrays([scores["contact_id"].map(digests), product]),
    )
    contacts = [bytes(digest) for digest in past.contact]
    wanted = pd.MultiIndex.from_arrays([contacts, past.product * 0 if of_contact else past.product])
    return table[~table.index.duplicated()].reindex(wanted).to_numpy(np.float64)
