import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.iso_weeks import DAY_MS
from dog.core.kernels.run_multipliers import multiply_by_runs, streak_multipliers
from tests.core.kernels.oracles import ACCEPT, DISCARD, streak

HALF_LIFE_DAYS, NOW_MS = 28.0, 400 * DAY_MS

said = st.lists(
    st.tuples(st.integers(0, 5), st.integers(-9, 9), st.integers(0, 400), st.integers(0, 500)),
    max_size=5,
    unique_by=lambda row: row[0],
)


@given(st.lists(st.tuples(st.integers(-9, 9), st.floats(0, 400)), max_size=9), st.integers(0, 3))
def test_each_run_has_the_multiplier_of_the_formula(runs: list[tuple[int, float]], free_run: int) -> None:
    lengths = np.array([run for run, _ in runs], np.int64)
    found = streak_multipliers(lengths, np.array([days for _, days in runs]), free_run, HALF_LIFE_DAYS, ACCEPT, DISCARD)

    assert found == pytest.approx([streak(run, days, free_run, HALF_LIFE_DAYS) for run, days in runs], rel=1e-14)


@given(said, st.lists(st.integers(0, 7), max_size=8), st.sampled_from([0, 450 * DAY_MS]))
def test_an_option_has_the_run_of_its_product_and_the_longest_rest(
    rows: list[tuple[int, int, int, int]], products: list[int], rests_until_ms: int
) -> None:
    table = np.array(rows, np.int64).reshape(-1, 4) * [1, 1, DAY_MS, DAY_MS]
    multipliers, until_ms = multiply_by_runs(
        np.array(products, np.int64), table, NOW_MS, rests_until_ms, HALF_LIFE_DAYS, ACCEPT, DISCARD
    )

    known = {product: (run, 400 - day, until * DAY_MS) for product, run, day, until in rows}
    own = [known.get(product, (0, 0, 0)) for product in products]
    assert multipliers == pytest.approx([streak(run, days, 0, HALF_LIFE_DAYS) for run, days, _ in own], rel=1e-14)
    assert until_ms.tolist() == [max(rests_until_ms, until if until > NOW_MS else 0) for _, _, until in own]
