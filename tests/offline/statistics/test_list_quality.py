"""Quality of short lists: known answers, and scikit-learn as the comparison."""

import numpy as np
import pytest
from sklearn.metrics import ndcg_score, roc_auc_score

from dog.offline.statistics.list_quality import list_quality


@pytest.mark.parametrize("k", [1, 3, 10])
def test_ndcg_is_scikit_learns(k: int) -> None:
    chance = np.random.default_rng(k)
    wins, scores = (chance.random((20, 6)) < 0.4).astype(float), chance.random((20, 6))
    scores = np.round(scores, 1)  # with ties
    asked = wins.any(axis=1) & ~wins.all(axis=1)

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
    lists = np.array([0, 1, 1, 2, 2, 3, 3])
    wins = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0])

    found = list_quality(lists, wins, np.arange(7.0), 10)

    assert found.lists.tolist() == [2]
    assert (found.precision.tolist(), found.recall.tolist()) == ([0.5], [1.0])


def test_the_area_within_a_list_is_scikit_learns_and_a_half_where_all_scores_are_equal() -> None:
    chance = np.random.default_rng(3)
    wins, scores = (chance.random((15, 8)) < 0.4).astype(float), chance.integers(0, 4, (15, 8)).astype(float)

    found = list_quality(np.repeat(np.arange(15), 8), wins.ravel(), scores.ravel(), 3)
    flat = list_quality(np.repeat(np.arange(15), 8), wins.ravel(), np.zeros(120), 3)

    assert found.auc.tolist() == pytest.approx([roc_auc_score(wins[n], scores[n]) for n in found.lists])
    assert set(flat.auc.tolist()) == {0.5}


def test_a_constant_score_is_worth_a_random_order_wherever_the_win_stands() -> None:
    for place in range(4):
        found = list_quality(np.zeros(4, int), np.eye(4)[place], np.zeros(4), 1)

        assert (found.precision.tolist(), found.recall.tolist(), found.ndcg.tolist()) == ([0.25], [0.25], [0.25])


def test_a_row_of_each_list_is_told() -> None:
    lists, wins = np.array([7, 5, 7, 5]), np.array([1.0, 1.0, 0.0, 0.0])

    found = list_quality(lists, wins, np.arange(4.0), 1)

    assert lists[found.first_row].tolist() == found.lists.tolist() == [5, 7]
