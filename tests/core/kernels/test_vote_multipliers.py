import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.iso_weeks import DAY_MS
from dog.core.kernels.vote_multipliers import streak_multipliers, vote_multipliers

LASTS_DAYS, NEEDED, HALF_LIFE_DAYS, ACCEPT, DISCARD = 112, 2, 28.0, 1.25, 0.5

votes = st.lists(st.tuples(st.integers(0, 150), st.sampled_from([-1, 0, 1])), min_size=1, max_size=8)
by_key = st.dictionaries(st.integers(0, 2**64 - 1), votes, max_size=6)


def multiplier(run: int, days: float, free_run: int) -> float:
    reached = 1 - 2.0 ** (-max(abs(run) - free_run, 0) / 2)
    return float(np.exp(np.log(ACCEPT if run > 0 else DISCARD) * reached * 2.0 ** (-days / HALF_LIFE_DAYS)))


def expected(own: list[tuple[int, int]], now_day: int) -> float:
    counted = [(day, weight) for day, weight in own if day + LASTS_DAYS > now_day]
    net = sum(weight for _, weight in counted)
    last = max((day for day, weight in counted if weight * net > 0), default=0)
    return multiplier(net, max(now_day - last, 0), NEEDED - 1)


@given(by_key, st.integers(0, 300), st.lists(st.integers(0, 2**64 - 1), max_size=3))
def test_each_key_has_the_multiplier_of_its_votes_and_others_have_one(
    known: dict[int, list[tuple[int, int]]], now_day: int, others: list[int]
) -> None:
    keys = sorted(known)
    rows = [row for key in keys for row in known[key]]
    starts = np.cumsum([0, *(len(known[key]) for key in keys)])[: len(keys)]
    wanted = [*reversed(keys), *others, *keys[:1]]

    found = vote_multipliers(
        np.array(wanted, np.uint64),
        np.array(keys, np.uint64),
        starts.astype(np.int64),
        np.array([day * DAY_MS for day, _ in rows], np.int64),
        np.array([weight for _, weight in rows], np.int64),
        now_day * DAY_MS,
        LASTS_DAYS * DAY_MS,
        NEEDED,
        HALF_LIFE_DAYS,
        ACCEPT,
        DISCARD,
    )

    assert found == pytest.approx([expected(known[key], now_day) if key in known else 1.0 for key in wanted], rel=1e-14)


@given(st.lists(st.tuples(st.integers(-9, 9), st.floats(0, 400)), max_size=9), st.integers(0, 3))
def test_each_run_has_the_multiplier_of_the_formula(runs: list[tuple[int, float]], free_run: int) -> None:
    lengths = np.array([run for run, _ in runs], np.int64)
    found = streak_multipliers(lengths, np.array([days for _, days in runs]), free_run, HALF_LIFE_DAYS, ACCEPT, DISCARD)

    assert found == pytest.approx([multiplier(run, days, free_run) for run, days in runs], rel=1e-14)
