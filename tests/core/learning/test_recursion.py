import numpy as np
import pytest

from dog.core.learning.recursion import LEAST, damped_multiplier, damping, find_breaks, recursions_due
from dog.core.learning.reinforcement_settings import FAMILIES, Family, Reading, Recursion, Reinforcement


def published(reading: Reading, n: float) -> Reinforcement:
    return Reinforcement(
        family="linear", neutral=0.5, a_max=2.0, d_min=0.5, rate="raw", recursion=Recursion(reading, n)
    )


def read(win_rates: list[float], recursions: int, settings: Reinforcement) -> np.ndarray:
    return damped_multiplier(np.array(win_rates), 0.5, recursions, settings)


def test_a_recursion_is_due_after_every_500_laps() -> None:
    due = recursions_due(np.array([0, 499, 500, 501, 1000, 1001, 2501]), 500)

    assert due.tolist() == [0, 0, 0, 1, 1, 2, 5]


def test_damping_is_a_power_of_the_complement() -> None:
    np.testing.assert_allclose(damping(np.array([0.9, 0.0, 1.0, np.nan]), 2.0), [0.01, 1, 0, 1], rtol=0, atol=1e-12)


def test_n_of_zero_damps_nothing() -> None:
    np.testing.assert_array_equal(damping(np.array([0.0, 0.4, 1.0]), 0.0), [1, 1, 1])


@pytest.mark.parametrize(("n", "expected"), [(0, 1.8), (1, 0.18), (2, 0.018), (3, 0.0018)])
def test_the_published_example_comes_out_as_published(n: float, expected: float) -> None:
    assert read([0.9], 1, published("literal", n))[0] == pytest.approx(expected, abs=1e-12)


def test_the_gain_reading_damps_only_the_distance_to_one() -> None:
    values = read([0.9, 0.5, 0.1], 1, published("gain", 1.0))

    np.testing.assert_allclose(values, [1.08, 1, 0.64], rtol=0, atol=1e-12)


def test_the_evidence_reading_leaves_the_curve_alone() -> None:
    values = read([0.9, 0.5, 0.1], 3, published("evidence", 1.0))

    np.testing.assert_allclose(values, [1.8, 1, 0.6], rtol=0, atol=1e-12)


@pytest.mark.parametrize("reading", ["gain", "literal"])
def test_recursions_add_up(reading: Reading) -> None:
    once_with_twice_n = read([0.7, 0.2], 1, published(reading, 2.0))

    np.testing.assert_allclose(read([0.7, 0.2], 2, published(reading, 1.0)), once_with_twice_n, rtol=1e-14)


def test_a_literally_damped_multiplier_never_reaches_zero() -> None:
    assert read([1.0], 1, published("literal", 1.0))[0] == LEAST


@pytest.mark.parametrize("reading", ["gain", "literal"])
def test_an_unknown_win_rate_is_not_damped(reading: Reading) -> None:
    assert read([np.nan], 4, published(reading, 1.0))[0] == 1.0


def test_the_literal_reading_breaks_bounds_at_neutral_and_order_above() -> None:
    # M = w + 0.5 up to 0.5 and 2 w above: M (1 - w) has its peaks at 0.25 and 0.5, on a grid of thousandths
    breaks = {found.code: found.win_rate for found in find_breaks(0.5, 1, published("literal", 1.0))}

    assert breaks == {"order_broken": pytest.approx(0.251), "bounds_broken": 0.5}


def test_the_gain_reading_breaks_order_only() -> None:
    # 1 + (2 w - 1) (1 - w) has its peak at 0.75
    breaks = find_breaks(0.5, 1, published("gain", 1.0))

    assert [found.code for found in breaks] == ["order_broken"]
    assert breaks[0].win_rate == pytest.approx(0.751)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("n", [0.0, 0.5, 3.0])
def test_the_evidence_reading_never_breaks(family: Family, n: float) -> None:
    settings = Reinforcement(family=family, recursion=Recursion("evidence", n))

    assert find_breaks(0.12, 5, settings) == []


@pytest.mark.parametrize("reading", ["gain", "literal"])
def test_nothing_breaks_before_the_first_recursion(reading: Reading) -> None:
    assert find_breaks(0.5, 0, published(reading, 1.0)) == []
