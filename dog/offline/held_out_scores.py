"""Scores of the last weeks' pitches by own models that were fitted without those weeks."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial

import numpy as np
import pandas as pd

from dog.core.consolidation_fit import settled_weeks
from dog.core.describe_load import describe_load
from dog.core.iso_weeks import utc_weeks
from dog.core.learning.event_states import OPEN, WON
from dog.core.policy.policy_settings import START
from dog.core.score_axes import Load
from dog.errors import NotReady
from dog.models.train import HELD_OUT_DAYS, REFERENCE_MODELS
from dog.offline.past_start import PastStart, read_contact_records
from dog.services.weekly.fit_policies import HeldOut, HoldOut
from dog.services.weekly.past_scores import PastScores
from dog.storage.catalogue import read_catalogue
from dog.storage.store import Store

WANTED_WINS = 300
"""Wins among the scored pitches at which no older weeks are needed: a single campaign says little of the next."""
MOST_FITS = 6


LookUp = Callable[[PastScores], np.ndarray]
Fit = Callable[[pd.Timestamp], tuple[Load, LookUp]]
"""From a cut-off to a model fitted to what came before: how its scores are spread, and its scores of the pitches."""


def hold_out(
    store: Store, names: Collection[str], transactions: pd.DataFrame, as_of: pd.Timestamp, seed: int
) -> HoldOut:
    """Return what scores past pitches by reference models fitted to earlier transactions alone.

    The models are fitted without the last eight weeks, and score those; then without the eight weeks before, and score
    those, until 300 wins are scored, at most six times.
    """
    fits: dict[str, Fit] = {name: partial(_fit_reference, store, name, transactions, seed) for name in names}
    return partial(_score_pitches, fits, as_of)


def hold_out_start(store: Store, now_ms: int) -> HoldOut:
    """Return what scores past pitches by the model start, fitted to earlier purchases and wins alone, likewise."""
    fits: dict[str, Fit] = {START: partial(_fit_start, store, PastStart.read(store, now_ms))}
    return partial(_score_pitches, fits, pd.Timestamp(now_ms, unit="ms", tz="UTC"))


def _score_pitches(fits: Mapping[str, Fit], as_of: pd.Timestamp, past: PastScores) -> Mapping[str, Sequence[HeldOut]]:
    found: dict[str, list[HeldOut]] = {name: [] for name in fits}
    settled = settled_weeks(utc_weeks(past.at_ms), past.result != OPEN)
    wins, end_ms = 0, np.inf
    for number in range(1, MOST_FITS + 1):
        cutoff = as_of - number * pd.Timedelta(days=HELD_OUT_DAYS)
        start_ms = cutoff.timestamp() * 1000
        pitched = settled & (past.at_ms >= start_ms) & (past.at_ms < end_ms)
        end_ms = start_ms
        if pitched.any():
            for name, fit in fits.items():
                with suppress(NotReady):  # too little came before for a fit
                    load, look_up = fit(cutoff)
                    found[name].append(HeldOut(np.where(pitched, look_up(past), np.nan), load))
            wins += int((past.result[pitched] == WON).sum())
        if wins >= WANTED_WINS or not (settled & (past.at_ms < start_ms)).any():
            break
    return found


def _fit_reference(
    store: Store, name: str, transactions: pd.DataFrame, seed: int, cutoff: pd.Timestamp
) -> tuple[Load, LookUp]:
    before = transactions.loc[transactions["occurred_at"] < cutoff]
    scores = REFERENCE_MODELS[name].fit(before, cutoff, seed)
    return describe_load(scores["score"].to_numpy(np.float64)), partial(_look_up, store, scores)


def _fit_start(store: Store, start: PastStart, cutoff: pd.Timestamp) -> tuple[Load, LookUp]:
    fitted = start.fit(round(cutoff.timestamp() * 1000))

    def look_up(past: PastScores) -> np.ndarray:
        digests = [bytes(digest) for digest in past.contact]
        contacts = read_contact_records(store, list(dict.fromkeys(digests)))
        places = {digest: place for place, digest in enumerate(contacts)}
        return fitted.score(contacts, np.array([places[digest] for digest in digests], np.int64), past.product)

    return fitted.load, look_up


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
