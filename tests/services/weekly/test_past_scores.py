"""Past pitches through the real store: results, recorded scores, and since when today's scores know no outcome."""

import numpy as np
import pytest

from dog.core.iso_weeks import DAY_MS
from dog.core.learning.event_states import LOST, OPEN, WON
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime
from dog.services.weekly.describe_loads import describe_loads
from dog.services.weekly.past_scores import PastScores, read_past_scores
from dog.storage.model_dates import record_scores
from dog.storage.store import Store
from tests.conftest import Api, Clock, event

MODELS = ["cf", "frequency", "none"]


def read(store: Store) -> PastScores:
    return read_past_scores(store, MODELS)


def test_every_pitch_has_its_result(loaded: Store, clock: Clock) -> None:
    events = [
        event("a", "pitch", "p1"),
        event("b", "pitch", "p2", occurred_at="2026-10-20T11:00:00Z"),
        event("c", "pitch", "p3"),
        event("a2", "win", "p1", occurred_at="2026-11-20T11:30:00Z"),
        event("c2", "loss", "p3", occurred_at="2026-11-20T11:30:00Z"),
    ]
    record_feedback(loaded, events, clock())

    found = read(loaded)

    assert dict(zip(found.product.tolist(), found.result.tolist(), strict=True)) == {0: WON, 1: OPEN, 2: LOST}
    assert found.settled(clock(), 30 * DAY_MS).all()
    assert found.settled(clock(), 90 * DAY_MS).sum() == 2


def test_a_pitch_of_the_api_has_the_scores_that_were_stored_then(
    api: Api, runtime: Runtime, loaded: Store, clock: Clock
) -> None:
    describe_loads(LocalRunner(runtime), loaded, clock())
    assert api.post("/v1/feedback", {"events": [event("a", "pitch", "p2")]}).status_code == 200

    found = read(loaded)

    assert found.recorded["cf"].tolist() == found.current["cf"].tolist() == [pytest.approx(0.3)]
    assert np.isnan(found.recorded["none"]).all()


def test_a_pitch_from_a_file_has_none_and_todays_count_from_their_training_on(loaded: Store, clock: Clock) -> None:
    record_feedback(loaded, [event("a", "pitch", "p2")], clock())
    record_scores(loaded, "cf", None, trained_until_ms=1000)

    found = read(loaded)

    assert np.isnan(found.recorded["cf"]).all()
    assert found.known_from_ms["cf"].tolist() == [1000]
    assert found.known_from_ms["frequency"][0] > 1000


def test_without_feedback_there_is_nothing(store: Store) -> None:
    assert len(read(store).result) == 0
