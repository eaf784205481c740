"""What one prediction gains over another: known by construction, and claimed only where both intervals agree."""

import numpy as np
import pytest

from dog.offline.statistics.intervals import Clusters, Estimate
from dog.offline.statistics.score_change import (
    Prediction,
    ScoreChange,
    compare_predictions,
    number_contact_weeks,
)

CONTACTS, WEEKS, EACH = 60, 8, 5


def history(seed: int = 0) -> tuple[Clusters, np.ndarray, np.ndarray]:
    """Make pitches whose chances are known: clusters, chances, wins."""
    chance = np.random.default_rng(seed)
    contact, week, _ = np.indices((CONTACTS, WEEKS, EACH)).reshape(3, -1)
    rate = chance.choice([0.1, 0.5], len(contact))
    return Clusters(contact, week), rate, (chance.random(len(contact)) < rate).astype(float)


def said(rates: np.ndarray) -> Prediction:
    return Prediction(rates, rates)


def test_the_truth_is_shown_to_be_better_than_a_constant_in_every_respect() -> None:
    clusters, rate, wins = history()
    found = compare_predictions(clusters, wins, said(np.full(len(wins), 0.3)), said(rate))

    assert all(change.above(0.1) for _, change in found.rankings())
    assert found.log_loss.below(0)
    assert (found.ranks_better(), found.ranks_worse()) == (True, False)
    assert found.contact_weeks <= CONTACTS * WEEKS


def test_the_other_way_round_every_change_has_the_other_sign() -> None:
    clusters, rate, wins = history()
    flat = said(np.full(len(wins), 0.3))
    there, back = (
        compare_predictions(clusters, wins, flat, said(rate)),
        compare_predictions(clusters, wins, said(rate), flat),
    )

    for figure in ("auc", "auc_within", "ndcg_at_3", "precision_at_1", "log_loss"):
        assert getattr(there, figure).value == pytest.approx(-getattr(back, figure).value)
    assert back.ranks_worse()


def test_pitches_of_which_one_says_nothing_are_left_out() -> None:
    clusters, rate, wins = history()
    some = np.where(clusters.contact < 30, rate, np.nan)

    assert compare_predictions(clusters, wins, said(rate), said(some)).pitches == 30 * WEEKS * EACH


def test_without_wins_only_the_log_loss_is_compared() -> None:
    clusters, rate, wins = history()
    found = compare_predictions(clusters, wins * 0, said(rate), said(rate / 2))

    assert found.log_loss.below(0)
    assert np.isnan(found.auc.value)
    assert (found.ranks_better(), found.ranks_worse()) == (False, False)


def test_a_ranking_that_is_worse_outweighs_one_that_is_better() -> None:
    up = Estimate(0.1, 0.05, 0.15, week_low=0.04, week_high=0.2)
    down = Estimate(-0.1, -0.15, -0.05, week_low=-0.2, week_high=-0.04)
    found = ScoreChange(pitches=1, contact_weeks=1, auc=up, auc_within=down, ndcg_at_3=up)

    assert (found.ranks_better(), found.ranks_worse()) == (False, True)


def test_a_list_is_what_one_contact_was_pitched_in_one_week() -> None:
    clusters = Clusters(np.array([1, 1, 1, 2]), np.array([2990, 2991, 2990, 2990]))

    assert number_contact_weeks(clusters).tolist() == [0, 1, 0, 2]
    assert number_contact_weeks(Clusters(clusters.contact)).tolist() == [0, 0, 0, 1]
