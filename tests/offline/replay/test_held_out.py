"""Two policies on held-out weeks: the one that ranks better is not refused because its products exceed 1."""

from dataclasses import replace

import numpy as np

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.offline.replay.held_out import compare_held_out
from dog.offline.replay.replay_policy import ReplayInput, replay_prediction
from tests.offline.histories import START_MS
from tests.offline.replay.test_replay_policy import HELD_OUT_MS, OFF, columns, policy

MARGIN = 0.005
LOUD = Reinforcement(neutral="global", explore=0.0)


def scored(chances: np.ndarray, scores: np.ndarray) -> ReplayInput:
    history = columns(chances)
    score = scores[history.pitches.contact, history.pitches.product]
    return replace(history, models=[replace(history.models[0], raw=score)], calibrated=[score])


def noisy_scores(seed: int = 4) -> ReplayInput:
    """Pairs that differ much, scores that say something of them, and win rates high enough for products above 1."""
    chance = np.random.default_rng(seed)
    chances = chance.choice([0.1, 0.6], (80, 5), p=[0.7, 0.3])
    noise = chance.uniform(0.0, 0.9, chances.shape), 0.15 * chance.uniform(0.0, 1.5, chances.shape)
    return scored(chances, np.clip(chances * noise[0] + noise[1], 0.02, 0.95))


def test_a_challenger_that_ranks_better_is_not_refused_because_its_products_exceed_one() -> None:
    history = noisy_scores()
    late = history.pitches.at_ms >= HELD_OUT_MS
    found = compare_held_out(history, policy(OFF), policy(LOUD), HELD_OUT_MS)

    products = replay_prediction(history, policy(LOUD)).order[late]
    assert (products > 1).mean() > 0.02
    assert found.challenger_auc > found.champion_auc + 0.02
    assert found.recalibrated
    assert found.not_worse(MARGIN)
    assert found.better


def test_chances_stay_within_zero_and_one_and_keep_the_order_of_what_multiplies_odds() -> None:
    history = noisy_scores()
    found = replay_prediction(history, policy(LOUD), recalibrated=True)

    assert 0 < found.chance.min() < found.chance.max() < 1
    assert found.order.max() > 1
    assert history.pitches.at_ms.min() >= START_MS
