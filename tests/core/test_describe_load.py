from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.describe_load import (
    LEVELS,
    add_axis_sums,
    collect_scores,
    count_scores,
    describe_load,
    rank_scores,
    scale_load,
    sum_axes,
)
from dog.core.log_odds import logit
from dog.core.score_axes import Axis, Load, axis_values, standardise

SCORES = st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, 0.5, 1.0, 2e-311, np.inf, -np.inf])
PARTS = st.lists(st.lists(SCORES, min_size=1, max_size=60).map(np.array), min_size=1, max_size=9)


def describe_parts(parts: list[np.ndarray]) -> Load:
    counts = reduce(add, map(count_scores, parts))
    bins = counts.bins_of_points()
    ranked = rank_scores(counts, reduce(add, (collect_scores(part, bins) for part in parts)))
    return scale_load(ranked, add_axis_sums((sum_axes(part, ranked) for part in parts), ranked))


@given(PARTS)
def test_scores_in_many_parts_have_the_description_of_the_whole_to_the_last_bit(parts: list[np.ndarray]) -> None:
    assert describe_parts(parts) == describe_load(np.concatenate(parts))


@given(PARTS, PARTS, PARTS)
def test_scores_that_change_between_the_passes_end_in_finite_numbers(
    counted: list[np.ndarray], collected: list[np.ndarray], summed: list[np.ndarray]
) -> None:
    counts = reduce(add, map(count_scores, counted))
    bins = counts.bins_of_points()

    ranked = rank_scores(counts, reduce(add, (collect_scores(part, bins) for part in collected)))
    found = scale_load(ranked, add_axis_sums((sum_axes(part, ranked) for part in summed), ranked))

    assert np.isfinite([found.scores, found.levels]).all()
    assert np.isfinite(list(found.scales.values())).all()


@given(st.lists(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1).map(np.array), min_size=1, max_size=9))
def test_the_points_of_ranks_lie_where_all_scores_in_order_have_them(parts: list[np.ndarray]) -> None:
    ordered = np.sort(np.concatenate(parts))
    outermost = float(logit(1 - 0.5 / len(ordered))) if len(ordered) > 1 else 0.0
    places = len(ordered) / (1 + np.exp(-np.linspace(-outermost, outermost, LEVELS))) - 0.5
    expected = np.interp(places, np.arange(len(ordered)), ordered)

    found = describe_load(np.concatenate(parts))

    np.testing.assert_array_equal(found.scores, np.unique(expected))
    assert found.count == len(ordered)
    assert found.floor == min(ordered[ordered > 0], default=0.0)


@pytest.mark.parametrize(
    ("scores", "axes"),
    [
        ([0.1, 0.5, 0.9], ["log_odds", "identity", "log", "rank"]),
        ([0.0, 0.5, 1.0], ["log_odds", "identity", "rank"]),
        ([0.1, 0.5, 9.0], ["log", "identity", "rank"]),
        ([-0.1, 0.5, 9.0], ["rank", "identity"]),
        ([0.0, 0.5, 9.0], ["rank", "identity"]),
    ],
)
def test_the_scale_of_the_scores_says_which_axes_suit_them_and_which_is_usual(
    scores: list[float], axes: list[str]
) -> None:
    assert list(describe_load(np.array(scores)).scales) == axes


@given(PARTS.map(np.concatenate), st.randoms(use_true_random=False))
def test_the_order_of_the_scores_makes_no_difference(scores: np.ndarray, random: st.DataObject) -> None:
    shuffled = list(scores)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert describe_load(np.array(shuffled)) == describe_load(scores)


@pytest.mark.parametrize("loaded", [[0.0, 0.0, 2e-313, 2e-311], [0.0, 2e-311, 2.0], [1e-300, 2e-300, 3e-300]])
def test_scores_next_to_zero_keep_their_order_on_every_axis(loaded: list[float]) -> None:
    load = describe_load(np.array(loaded))

    for axis in load.scales:
        places = standardise(np.array([0.0, 2e-313, 1e-300, 1.0]), load, axis)
        assert np.isfinite(places).all()
        assert (np.diff(places) >= 0).all()


@pytest.mark.parametrize("axis", ["identity", "rank"])
def test_a_refit_that_changes_the_scale_leaves_every_score_in_its_place(axis: Axis) -> None:
    before = np.random.default_rng(0).normal(size=500)
    after = 40 * before - 7

    places = standardise(after, describe_load(after), axis)

    np.testing.assert_allclose(places, standardise(before, describe_load(before), axis), atol=1e-9)


def test_a_refit_that_multiplies_positive_scores_leaves_their_logarithms_in_place() -> None:
    before = np.random.default_rng(0).gamma(0.5, size=500)

    places = standardise(9 * before, describe_load(9 * before), "log")

    np.testing.assert_allclose(places, standardise(before, describe_load(before), "log"), atol=1e-9)


def test_the_rank_is_the_log_odds_of_the_share_below() -> None:
    scores = np.arange(1000.0)
    load = describe_load(scores - 1)

    levels = axis_values(np.array([-1.0, 498.5, 998.0, 10_000.0]), load, "rank")

    np.testing.assert_allclose(levels[:3], [-np.log(1999), 0.0, np.log(1999)], atol=1e-6)
    assert levels[3] == levels[2]


def test_equal_scores_share_a_rank() -> None:
    load = describe_load(np.array([-1.0] * 60 + [2.0] * 40))

    assert len(load.scores) == len(set(load.scores))
    low, high = axis_values(np.array([-1.0, 2.0]), load, "rank")
    assert low < 0 < high


def test_scores_beyond_all_bounds_leave_the_others_apart() -> None:
    load = describe_load(np.array([-np.inf, 1.0, 2.0, np.inf]))

    low, high = standardise(np.array([1.0, 2.0]), load, load.usual)
    assert low < high
