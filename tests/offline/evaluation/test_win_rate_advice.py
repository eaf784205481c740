"""Does the win rate predict here? The advice is right in worlds whose truth is known."""

import numpy as np
import pytest

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.offline.evaluation.alternative_settings import alternatives_to
from dog.offline.evaluation.win_rate_advice import TOGETHER, WinRateEvidence, assess_win_rates
from dog.offline.history.pitches import past_record
from dog.offline.replay.served_prediction import serve
from dog.offline.replay.weekly_multipliers import replay_weeks
from dog.offline.statistics.discrimination import Floats
from tests.offline.histories import DAY_MS, START_MS, settle, simulate

SETTINGS = Reinforcement(neutral="global", explore=0.5)
CHANCE = np.random.default_rng(0)
SHAPE = (150, 8)
DIFFER = CHANCE.beta(1, 6, SHAPE)
EQUAL = np.full(SHAPE, 0.12)
BY_PRODUCT = np.broadcast_to(CHANCE.uniform(0.03, 0.3, SHAPE[1]), SHAPE)


def weigh(
    chances: Floats, scores: Floats | None = None, weeks: int = 20, seed: int = 0, *, fix: bool = False
) -> WinRateEvidence:
    pitches = settle(simulate(chances, weeks, seed), START_MS + 10**11, 90 * DAY_MS)
    past = past_record(pitches, pitches.pair)
    score = np.full(len(pitches), np.nan) if scores is None else scores[pitches.contact, pitches.product]
    starts = START_MS + np.arange(weeks + 1) * 7 * DAY_MS
    replayed = replay_weeks(pitches, score, starts, SETTINGS, chances.shape[1])
    served = {TOGETHER: serve(score, replayed.multiplier, SETTINGS)}
    alternatives = alternatives_to(
        SETTINGS,
        lambda changed: serve(
            score, replay_weeks(pitches, score, starts, changed, chances.shape[1]).multiplier, changed
        ),
    )
    return assess_win_rates(pitches, past, replayed, score, served, alternatives if fix else {})


def test_where_pairs_differ_win_rates_predict_and_are_told_to_stay() -> None:
    found = weigh(DIFFER)

    assert found.verdict == "predicts"
    assert "keep the multipliers on" in found.advice
    assert found.auc_rate.low > 0.65
    assert found.strength == pytest.approx(7, rel=0.2)  # a beta of 1 and 6 is worth that many pitches


@pytest.mark.parametrize("seed", range(6))
def test_where_all_pairs_are_equal_win_rates_say_nothing_and_multipliers_stay_near_one(seed: int) -> None:
    found = weigh(EQUAL, seed=seed)

    assert found.verdict == "says nothing"
    assert found.advice.startswith("Past win rates say nothing here")
    assert found.strength > 100
    assert 0.8 < found.multipliers[0] < found.multipliers[2] < 1.3


def test_a_score_of_noise_makes_win_rates_no_better() -> None:
    found = weigh(EQUAL, np.random.default_rng(1).uniform(0.01, 0.3, SHAPE))

    assert found.verdict == "says nothing"
    assert found.auc_gain.low <= 0 <= found.auc_gain.high


def test_a_score_that_knows_the_truth_is_not_to_be_counted_twice() -> None:
    found = weigh(DIFFER, DIFFER, weeks=8, fix=True)

    assert found.verdict == "misleads"
    assert found.remedy is not None
    assert found.remedy.gain_all.value > found.auc_gain_all.value
    assert "set" in found.advice


def test_where_wins_are_rare_and_pairs_new_the_settings_that_would_do_are_named() -> None:
    rare = np.random.default_rng(10).beta(0.03, 2.97, SHAPE)
    found = weigh(rare, np.random.default_rng(2).uniform(0.005, 0.015, SHAPE), weeks=6, fix=True)

    assert found.verdict == "predicts"
    assert found.remedy is not None
    assert found.remedy.gain_all.low > 0.03
    assert f"with {found.remedy.settings} the change would be" in found.advice


def test_without_a_score_nothing_is_said_to_be_known_to_it() -> None:
    rare = np.random.default_rng(10).beta(0.03, 2.97, SHAPE)

    assert weigh(rare, weeks=6).verdict == "predicts"


def test_a_harm_too_slight_to_matter_is_not_called_misleading() -> None:
    rare = np.random.default_rng(10).beta(0.03, 2.97, SHAPE)
    found = weigh(rare, np.clip(rare, 1e-4, 1), weeks=20)

    assert found.auc_gain.high < 0
    assert found.verdict == "known to the score"


def test_where_only_products_differ_the_advice_says_whose_rate_it_is() -> None:
    found = weigh(BY_PRODUCT)

    assert found.verdict == "predicts"
    assert "the product's rate" in found.advice
    assert found.auc_own.value < 0.55


def test_a_short_history_gets_no_advice() -> None:
    found = weigh(EQUAL[:30, :3], weeks=3)

    assert found.verdict == "not known"
    assert "it takes 500" in found.advice


def test_what_contacts_show_and_weeks_do_not_is_not_claimed() -> None:
    rare = np.random.default_rng(10).beta(0.03, 2.97, SHAPE)
    found = weigh(rare, weeks=4)

    assert found.auc_rate.low > 0.5 > found.auc_rate.week_low
    assert found.verdict == "not known"
    assert "both intervals above 0.5" in found.advice
