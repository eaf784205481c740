"""Held-out scores of past pitches: by models that know nothing from the pitch's weeks on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dog.core.iso_weeks import DAY_MS
from dog.core.learning.event_states import LOST, WON
from dog.models.train import HELD_OUT_DAYS, REFERENCE_MODELS
from dog.offline import held_out_scores
from dog.offline.held_out_scores import hold_out, hold_out_start
from dog.services.runtime import Runtime
from dog.services.weekly.past_scores import PastScores
from dog.storage.store import Store
from tests.start_world import load_tastes

AS_OF = pd.Timestamp("2026-11-01", tz="UTC")
AS_OF_MS = round(AS_OF.timestamp() * 1000)
CONTACTS = [f"k{n}" for n in range(40)]


@pytest.fixture
def transactions(loaded: Store) -> pd.DataFrame:
    """Buy a product a week, each contact the same; p4 in the last weeks alone."""
    del loaded
    rows = [
        (contact, f"p{number % 3 + 1 if week > 3 else 4}", AS_OF - pd.Timedelta(days=7 * week, hours=number + 1))
        for number, contact in enumerate(CONTACTS)
        for week in range(40)
    ]
    frame = pd.DataFrame(rows, columns=["contact_id", "product_id", "occurred_at"])
    return frame.assign(quantity=1.0, amount=2.0)


def pitched(store: Store, wins: int) -> PastScores:
    """Pitch p1 to every contact three weeks and twelve weeks ago."""
    at_ms = np.repeat([AS_OF_MS - 21 * DAY_MS, AS_OF_MS - 84 * DAY_MS], len(CONTACTS))
    digests = np.frombuffer(b"".join(store.tenant.contact(contact) for contact in CONTACTS * 2), "V16")
    count = len(at_ms)
    return PastScores(
        contact=digests,
        product=np.zeros(count, np.int64),
        at_ms=at_ms,
        result=np.where(np.arange(count) < wins, WON, LOST).astype(np.int8),
        recorded={},
        load=np.zeros(count, np.int64),
        current={},
        known_from_ms={},
    )


def test_each_pitch_is_scored_by_a_model_fitted_before_its_weeks(
    loaded: Store, transactions: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    cutoffs: list[pd.Timestamp] = []
    real = REFERENCE_MODELS["frequency"]

    class Watched:
        def fit(self, rows: pd.DataFrame, cutoff: pd.Timestamp, seed: int) -> pd.DataFrame:
            assert rows["occurred_at"].max() < cutoff
            cutoffs.append(cutoff)
            return real.fit(rows, cutoff, seed)

    monkeypatch.setattr(held_out_scores, "REFERENCE_MODELS", {"frequency": Watched()})
    past = pitched(loaded, wins=20)

    late, early = hold_out(loaded, ["frequency"], transactions, AS_OF, 0)(past)["frequency"]

    assert cutoffs == [AS_OF - number * pd.Timedelta(days=HELD_OUT_DAYS) for number in (1, 2)]
    recent = past.at_ms >= AS_OF_MS - HELD_OUT_DAYS * DAY_MS
    assert np.isnan(late.raw[~recent]).all()
    assert np.isnan(early.raw[recent]).all()
    assert (~np.isnan(late.raw)).sum() > 0
    assert late.load.usual == "log"


def test_a_contact_level_model_scores_every_product(loaded: Store, transactions: pd.DataFrame) -> None:
    scores = pd.DataFrame({"contact_id": CONTACTS, "product_id": "", "score": 0.5})

    found = held_out_scores._look_up(loaded, scores, pitched(loaded, wins=1))

    assert found.tolist() == [0.5] * 80
    del transactions


def test_enough_wins_end_the_walk(loaded: Store, transactions: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_out_scores, "WANTED_WINS", 10)

    found = hold_out(loaded, ["frequency"], transactions, AS_OF, 0)(pitched(loaded, wins=20))

    assert len(found["frequency"]) == 1


def test_a_model_that_cannot_be_fitted_is_left_out(loaded: Store, transactions: pd.DataFrame) -> None:
    few = transactions.head(2)

    assert hold_out(loaded, ["cf"], few, AS_OF, 0)(pitched(loaded, wins=20))["cf"] == []


def test_start_is_held_out_as_the_reference_models_are(runtime: Runtime, store: Store) -> None:
    load_tastes(runtime, store)
    now_ms = runtime.clock()
    at_ms = np.repeat([now_ms - 21 * DAY_MS, now_ms - 95 * DAY_MS, now_ms - 200 * DAY_MS], 3)
    digests = np.frombuffer(b"".join(store.tenant.contact(f"c{n}") for n in (0, 1, 2)) * 3, "V16")
    past = replace(pitched(store, 0), contact=digests, product=np.tile([0, 0, 0], 3), at_ms=at_ms)
    past = replace(past, result=np.full(9, LOST, np.int8), load=np.zeros(9, np.int64))

    (late,) = hold_out_start(store, now_ms)(past)["start"]

    assert np.isnan(late.raw[3:]).all()
    assert late.raw[0] > 2 * late.raw[1:3].max()
    assert late.load.usual == "log_odds"
