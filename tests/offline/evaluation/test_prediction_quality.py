"""All figures of a prediction, over all pitches and by group."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dog.offline.evaluation.prediction_quality import MIN_GROUP_PITCHES, measure_groups, measure_prediction
from dog.offline.history.pitches import Pitches
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.score_change import Prediction
from tests.offline.histories import DAY_MS, START_MS, settle, simulate

CHANCES = np.random.default_rng(5).beta(1, 5, (60, 5))


def history() -> Pitches:
    return settle(simulate(CHANCES, 6), START_MS + 10**11, 90 * DAY_MS)


def said(rates: Floats) -> Prediction:
    return Prediction(rates, rates)


def test_the_truth_is_judged_well_and_noise_as_guessing() -> None:
    pitches = history()
    truth = CHANCES[pitches.contact, pitches.product]

    good = measure_prediction(pitches.clusters, pitches.won, said(truth))
    noise = measure_prediction(
        pitches.clusters, pitches.won, said(np.random.default_rng(0).uniform(0, 0.3, len(pitches)))
    )

    assert good is not None
    assert noise is not None
    assert good.figures["auc"].value == pytest.approx(roc_auc_score(pitches.won, truth))
    assert good.figures["auc"].low > noise.figures["auc"].high
    assert noise.figures["auc"].value == pytest.approx(0.5, abs=0.06)
    assert good.figures["ndcg_at_10"].value > noise.figures["ndcg_at_10"].value
    assert good.figures["auc_within_contact_week"].value > 0.6 > noise.figures["auc_within_contact_week"].value
    assert good.contact_weeks == noise.contact_weeks > 100
    assert good.figures["auc"].week_low > noise.figures["auc"].week_high
    assert good.gain.lift[0] > 2 > noise.gain.lift[0]


def test_what_says_nothing_of_a_pitch_is_not_judged_by_it() -> None:
    pitches = history()
    rates = np.where(pitches.product == 0, 0.2, np.nan)

    found = measure_prediction(pitches.clusters, pitches.won, said(rates))

    assert found is not None
    assert found.pitches == int((pitches.product == 0).sum())
    assert measure_prediction(pitches.clusters, pitches.won, said(np.full(len(pitches), np.nan))) is None


def test_scores_above_one_are_ranked_as_they_are() -> None:
    pitches = history()
    truth = CHANCES[pitches.contact, pitches.product]

    once, tenfold = (
        measure_prediction(pitches.clusters, pitches.won, said(truth)),
        measure_prediction(pitches.clusters, pitches.won, Prediction(truth * 10, truth)),
    )

    assert once is not None
    assert tenfold is not None
    assert once.figures["auc"] == tenfold.figures["auc"]


def test_groups_are_the_largest_first_and_the_small_ones_left_out() -> None:
    pitches = history()
    group = np.array([1, 1, 2, 0, 3])[pitches.product]
    group[np.flatnonzero(group == 3)[MIN_GROUP_PITCHES - 1 :]] = 0

    told = {"truth": said(CHANCES[pitches.contact, pitches.product])}
    groups = measure_groups(pitches.contact, pitches.won, told, group, ["", "a", "b", "c"])

    assert [group.name for group in groups] == ["a", "b"]
    assert groups[0].win_rate == pytest.approx(pitches.won[group == 1].mean())
    assert "truth" in groups[0].figures
