"""A model start with a weight is judged like the other models: by scores made from what came before each block."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from dog.core.iso_weeks import WEEK_MS
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import START, ModelSettings
from dog.offline.history.read_history import History, read_history
from dog.offline.meta import learn
from dog.offline.replay.model_scores import PitchScores, score_pitches
from dog.services.feedback.record_feedback import record_feedback
from dog.services.policies.policy_store import store_policy
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime
from dog.storage.consolidation_fits import read_fits
from dog.storage.store import Store
from tests.conftest import NOW
from tests.start_world import CONTACTS, DAY_MS, GROUPS, group_of, load_tastes

WEIGHTED = Policy(name="recommended", models={START: ModelSettings(weight=0.3)})


def pitch(store: Store, now_ms: int) -> None:
    """Pitch each contact three products in each of three weeks, of which it wins those of its group more often."""
    chance, events = np.random.default_rng(3), []
    for week in range(3):
        at = NOW - timedelta(days=28 - 7 * week)
        for contact in range(CONTACTS):
            for place, product in enumerate(chance.choice(60, 3, replace=False).tolist()):
                liked = group_of(f"p{product}") == contact % GROUPS
                kind = "win" if chance.random() < (0.5 if liked else 0.05) else "loss"
                about = {"contact_id": f"c{contact}", "product_id": f"p{product}"}
                events.append({"event_id": f"{week}-{contact}-{place}", "type": kind, "occurred_at": _iso(at), **about})
    for start in range(0, len(events), 500):
        record_feedback(store, events[start : start + 500], now_ms)


def _iso(at: datetime) -> str:
    return at.isoformat()


@pytest.fixture
def history(runtime: Runtime, store: Store) -> History:
    load_tastes(runtime, store)
    pitch(store, runtime.clock())
    return read_history(LocalRunner(runtime), runtime, store, 90)


def score(runtime: Runtime, store: Store, policy: Policy, history: History, starts_ms: list[int]) -> PitchScores:
    blocks = np.array(starts_ms, np.int64)
    return score_pitches(
        LocalRunner(runtime), store, policy, history, blocks, seed=0, trust_scores=False, report=lambda _: None
    )


def test_start_is_fitted_again_and_knows_the_taste_of_each_contact(
    runtime: Runtime, store: Store, history: History
) -> None:
    first_ms = int(history.pitches.at_ms.min())

    found = score(runtime, store, WEIGHTED, history, [first_ms, first_ms + WEEK_MS])

    (model,) = found.models
    won = history.pitches.won > 0
    assert (model.name, found.refitted, found.left_out) == (START, [START], {})
    assert np.isfinite(model.raw).all()
    assert model.raw[won].mean() > 1.5 * model.raw[~won].mean()


def test_pitches_before_the_first_purchase_have_no_score(runtime: Runtime, store: Store, history: History) -> None:
    before_all_ms = int(history.pitches.at_ms.min()) - 100 * DAY_MS

    found = score(runtime, store, WEIGHTED, history, [before_all_ms])

    assert found.models == []
    assert found.left_out == {START: "what was bought before the pitches is too little to fit it"}


def test_a_fallback_is_not_judged(runtime: Runtime, store: Store, history: History) -> None:
    fallback = Policy(name="recommended", models={START: ModelSettings(role="fallback")})

    found = score(runtime, store, fallback, history, [int(history.pitches.at_ms.min())])

    assert (found.models, found.refitted) == ([], [])


def test_stacking_fits_its_coefficient_on_scores_that_had_not_seen_the_outcomes(
    runtime: Runtime, store: Store, history: History
) -> None:
    assert len(history.pitches) > 0
    store_policy(store, WEIGHTED, "me", "", runtime.clock(), activate=True)

    learned = learn(runtime, "default")

    fit = read_fits(store)["recommended"]
    assert learned.parts["stacking"].endswith(START)
    assert fit.basis == "held out"
    assert (fit.models[START].coefficient or 0) > 0.3
