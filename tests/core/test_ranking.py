import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.ranking import GroupCap, RankPin, select, stopped_by

EVERYONE = np.ones(6, dtype=bool)
SCORES = np.array([0.1, 0.6, 0.5, 0.4, 0.3, 0.2])
ORDER = np.arange(6)


def only(*options: int) -> np.ndarray:
    return np.isin(ORDER, options)


def test_the_best_come_first() -> None:
    assert select(SCORES, EVERYONE, ORDER, 3).tolist() == [1, 2, 3]


def test_equal_scores_come_in_the_order_of_products_at_the_edge_of_the_list_too() -> None:
    order = np.array([3, 1, 0, 2, 5, 4])

    assert select(np.full(6, 0.5), EVERYONE, order, 2).tolist() == [2, 1]


def test_an_option_without_a_score_never_comes_out() -> None:
    scores = np.where(ORDER == 1, np.nan, SCORES)

    assert 1 not in select(scores, EVERYONE, ORDER, 6).tolist()


def test_what_is_excluded_makes_room_for_the_next() -> None:
    assert select(SCORES, ~only(1, 2), ORDER, 3).tolist() == [3, 4, 5]


@pytest.mark.parametrize("k", [0, 1])
def test_a_list_of_none_or_one(k: int) -> None:
    assert select(SCORES, EVERYONE, ORDER, k).tolist() == [1][:k]


def test_no_options_make_an_empty_list() -> None:
    nothing = np.array([], dtype=np.float64)

    assert select(nothing, nothing.astype(bool), nothing.astype(int), 3).tolist() == []


def test_a_full_group_is_passed_over_for_the_next_best() -> None:
    cap = GroupCap(np.array([-1, 7, 7, 7, 8, 8]), 1)

    assert select(SCORES, EVERYONE, ORDER, 3, caps=[cap]).tolist() == [1, 4, 0]


def test_a_pinned_option_takes_its_rank_and_moves_the_others_down() -> None:
    assert select(SCORES, EVERYONE, ORDER, 3, pins=[RankPin(2, only(0))]).tolist() == [1, 0, 2]


def test_a_pin_serves_the_best_of_its_options() -> None:
    assert select(SCORES, EVERYONE, ORDER, 2, pins=[RankPin(1, only(0, 4, 5))]).tolist() == [4, 1]


def test_an_excluded_option_cannot_be_pinned() -> None:
    assert select(SCORES, ~only(0), ORDER, 2, pins=[RankPin(1, only(0))]).tolist() == [1, 2]


def test_a_pin_beyond_the_list_is_passed_over() -> None:
    assert select(SCORES, EVERYONE, ORDER, 2, pins=[RankPin(3, only(0))]).tolist() == [1, 2]


def test_two_pins_on_one_rank_serve_the_first() -> None:
    pins = [RankPin(1, only(0)), RankPin(1, only(5))]

    assert select(SCORES, EVERYONE, ORDER, 2, pins=pins).tolist() == [0, 1]


def test_a_pinned_option_counts_in_its_cap() -> None:
    cap = GroupCap(np.array([7, 7, 8, 8, 8, 8]), 1)

    assert select(SCORES, EVERYONE, ORDER, 3, caps=[cap], pins=[RankPin(1, only(0))]).tolist() == [0, 2]


def test_the_cap_that_kept_an_option_off_is_named() -> None:
    cap = GroupCap(np.array([-1, 7, 7, 7, 8, 8]), 1, rule=4)
    chosen = select(SCORES, EVERYONE, ORDER, 2, caps=[cap])

    assert stopped_by(2, chosen, [cap]) is cap
    assert stopped_by(0, chosen, [cap]) is None


@given(
    scores=st.lists(st.sampled_from([0.1, 0.2, 0.3, np.nan]), min_size=1, max_size=30),
    k=st.integers(0, 12),
    at_most=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_k_or_all_that_fit_come_out_and_nothing_else(scores: list[float], k: int, at_most: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = len(scores)
    eligible, groups = rng.random(size) < 0.8, rng.integers(-1, 4, size)
    pins = [RankPin(int(rng.integers(1, 6)), rng.random(size) < 0.3)]
    cap = GroupCap(groups, at_most)
    chosen = select(np.array(scores), eligible, np.arange(size), k, caps=[cap], pins=pins)
    may_come = eligible & ~np.isnan(scores)
    left = sorted(set(np.flatnonzero(may_come).tolist()) - set(chosen.tolist()))

    assert len(set(chosen.tolist())) == len(chosen) <= k
    assert may_come[chosen].all()
    assert all(np.count_nonzero(groups[chosen] == group) <= at_most for group in range(4))
    assert len(chosen) == k or all(stopped_by(option, chosen, [cap]) is cap for option in left)


@given(seed=st.integers(0, 10_000), k=st.integers(0, 15))
def test_the_quick_way_without_caps_agrees_with_sorting(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    scores, order = rng.integers(0, 4, 40) / 4, rng.permutation(40)
    chosen = select(scores, np.ones(40, dtype=bool), order, k)

    assert chosen.tolist() == sorted(range(40), key=lambda option: (-scores[option], order[option]))[:k]
