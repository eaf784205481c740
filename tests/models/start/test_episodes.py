import numpy as np
from sklearn.metrics import ndcg_score, roc_auc_score

from dog.models.start.episodes import cut, list_quality
from dog.models.start.histories import Histories

HISTORIES = Histories.of_lists([[3, 1, 0, 7], [2], [], [5, 4, 3, 2, 1, 0]], 9)


def test_an_episode_knows_the_first_events_and_wants_the_next() -> None:
    found = cut(HISTORIES, 2)

    assert found.contacts.tolist() == [0, 3]
    assert found.known.tolist() == [[3, 1], [5, 4]]
    assert [np.flatnonzero(row).tolist() for row in found.wanted] == [[0, 7], [0, 1, 2, 3]]
    assert [np.flatnonzero(~row).tolist() for row in found.open] == [[1, 3], [4, 5]]


def test_ndcg_and_auc_are_those_of_the_products_not_bought_before() -> None:
    found = cut(HISTORIES, 2)
    scores = np.random.default_rng(0).normal(size=(2, 9))

    ndcg, auc = list_quality(scores, found)

    for episode in range(2):
        kept = found.open[episode]
        wanted, own = found.wanted[episode, kept], scores[episode, kept]
        np.testing.assert_allclose(auc[episode], roc_auc_score(wanted, own))
        np.testing.assert_allclose(ndcg[episode], ndcg_score([wanted], [own], k=10))


def test_equal_scores_count_half() -> None:
    found = cut(HISTORIES, 0)

    _, auc = list_quality(np.zeros(9), found)

    assert auc.tolist() == [0.5] * 3
