"""Areas, lift and gain: known answers, and scikit-learn as the comparison."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from dog.offline.statistics.discrimination import Floats, auc, draw_auc, gain_curve, rank


def weighted(wins: Floats, scores: Floats, weights: Floats, group: NDArray[np.int64] | None = None) -> float:
    """Return the area where each pitch is drawn as often as its weight says."""
    times = weights.astype(np.uint8)[:, None].copy()
    return float(draw_auc(rank(wins, scores, group), np.arange(len(wins), dtype=np.int32), times)[0])


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 3)), min_size=2, max_size=40))
def test_auc_is_scikit_learns_with_ties_and_weights(pitches: list[tuple[bool, int, int]]) -> None:
    wins, scores, weights = (np.array(column, float) for column in zip(*pitches, strict=True))

    found = weighted(wins, scores, weights)

    if weights @ wins == 0 or weights @ (1 - wins) == 0:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(roc_auc_score(wins, scores, sample_weight=weights), abs=1e-12)


def test_auc_does_not_ask_how_far_scores_lie_apart() -> None:
    chance = np.random.default_rng(0)
    wins, scores = (chance.random(200) < 0.3).astype(float), chance.random(200)

    assert auc(wins, scores) == auc(wins, np.exp(9 * scores))
    assert auc(wins, scores) == pytest.approx(1 - auc(wins, -scores))


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


def test_auc_within_groups_is_the_mean_of_theirs_weighted_by_their_pairs() -> None:
    chance = np.random.default_rng(2)
    group, scores = chance.integers(0, 4, 200), chance.integers(0, 6, 200).astype(float)
    wins, weights = (chance.random(200) < 0.4).astype(float), chance.integers(0, 3, 200).astype(float)
    found, pairs = [], []
    for number in range(4):
        own = group == number
        found.append(roc_auc_score(wins[own], scores[own], sample_weight=weights[own]))
        pairs.append((weights[own] @ wins[own]) * (weights[own] @ (1 - wins[own])))

    assert weighted(wins, scores, weights, group) == pytest.approx(np.average(found, weights=pairs))
