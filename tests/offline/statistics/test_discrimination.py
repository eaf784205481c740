"""Areas, lift, gain and list quality: known answers, and scikit-learn as the comparison."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score, roc_auc_score

from dog.offline.statistics.discrimination import auc, auc_within, gain_curve, list_quality, ranks, ranks_within


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 3)), min_size=2, max_size=40))
def test_auc_is_scikit_learns_with_ties_and_weights(pitches: list[tuple[bool, int, int]]) -> None:
    wins, scores, weights = (np.array(column, float) for column in zip(*pitches, strict=True))

    found = auc(wins, ranks(scores), weights)

    if weights @ wins == 0 or weights @ (1 - wins) == 0:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(roc_auc_score(wins, scores, sample_weight=weights), abs=1e-12)


def test_auc_does_not_ask_how_far_scores_lie_apart() -> None:
    chance = np.random.default_rng(0)
    wins, scores = (chance.random(200) < 0.3).astype(float), chance.random(200)

    assert auc(wins, ranks(scores)) == auc(wins, ranks(np.exp(9 * scores)))
    assert auc(wins, ranks(scores)) == pytest.approx(1 - auc(wins, ranks(-scores)))


def test_a_score_that_knows_nothing_gains_what_it_pitches() -> None:
    curve = gain_curve(np.array([1.0, 0.0, 0.0, 1.0]), np.zeros(4), points=4)

    assert curve.gain.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.lift.tolist() == [1.0] * 4


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=1, max_size=50))
def test_gain_rises_to_one_where_there_are_wins(pitches: list[tuple[bool, int]]) -> None:
    wins, scores = (np.array(column, float) for column in zip(*pitches, strict=True))

    gain = gain_curve(wins, scores).gain

    assert (np.diff(gain) >= -1e-12).all()
    assert gain[-1] == pytest.approx(float(wins.any()))


@pytest.mark.parametrize("k", [1, 3, 10])
def test_ndcg_is_scikit_learns(k: int) -> None:
    chance = np.random.default_rng(k)
    wins, scores = (chance.random((20, 6)) < 0.4).astype(float), chance.random((20, 6))
    asked = wins.any(axis=1)

    found = list_quality(np.repeat(np.arange(20), 6), wins.ravel(), scores.ravel(), k)

    assert found.ndcg.mean() == pytest.approx(ndcg_score(wins[asked], scores[asked], k=k))
    assert found.lists.tolist() == np.flatnonzero(asked).tolist()


def test_lists_come_in_any_order_of_rows() -> None:
    chance = np.random.default_rng(1)
    lists, wins, scores = chance.integers(0, 9, 60), (chance.random(60) < 0.3).astype(float), chance.random(60)
    shuffled = chance.permutation(60)

    one, other = (
        list_quality(lists, wins, scores, 3),
        list_quality(lists[shuffled], wins[shuffled], scores[shuffled], 3),
    )

    np.testing.assert_allclose(one.ndcg, other.ndcg)
    np.testing.assert_array_equal(one.recall, other.recall)


def test_lists_that_cannot_tell_orders_apart_are_left_out() -> None:
    lists = np.array([0, 1, 1, 2, 2])
    wins = np.array([1.0, 0.0, 0.0, 1.0, 0.0])

    found = list_quality(lists, wins, np.arange(5.0), 10)

    assert found.lists.tolist() == [2]
    assert (found.precision.tolist(), found.recall.tolist()) == ([0.5], [1.0])


def test_auc_within_groups_is_the_mean_of_theirs_weighted_by_their_pairs() -> None:
    chance = np.random.default_rng(2)
    group, scores = chance.integers(0, 4, 200), chance.integers(0, 6, 200).astype(float)
    wins, weights = (chance.random(200) < 0.4).astype(float), chance.integers(0, 3, 200).astype(float)
    found, pairs = [], []
    for number in range(4):
        own = group == number
        found.append(roc_auc_score(wins[own], scores[own], sample_weight=weights[own]))
        pairs.append((weights[own] @ wins[own]) * (weights[own] @ (1 - wins[own])))

    assert auc_within(wins, ranks_within(scores, group), weights) == pytest.approx(np.average(found, weights=pairs))
