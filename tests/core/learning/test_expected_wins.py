"""The multiplier by expected wins: known answers, and what must hold for any evidence."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.learning.expected_wins import (
    expected_wins,
    exploration_odds,
    odds_factors,
    pair_ratios,
    product_ratios,
    tenant_ratio,
)
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.log_odds import multiply_odds

SETTINGS = Reinforcement(neutral="expected", a_max=3.0, d_min=1 / 3)


def one(value: float) -> np.ndarray:
    return np.array([value])


def close(value: Any) -> Any:
    return pytest.approx(value, abs=5e-13)


G = tenant_ratio(120, 110)
R_J = float(product_ratios(one(9), one(6), one(3), G)[0])
X = float(expected_wins(one(4), one(0.8), one(G * R_J))[0])
R_IJ = float(pair_ratios(one(3), one(X))[0])


def test_v1_to_v5_ratios_of_tenant_product_and_pair() -> None:
    assert close(1.086956521739) == G
    assert product_ratios(np.array([9.0, 9.0]), np.array([6.0, 6.0]), np.array([3, 50]), 1.0).tolist() == close(
        [1.142857142857, 1.258620689655]
    )
    assert close(1.110679611650) == R_J
    assert (close(0.965808357957), close(1.685881013379)) == (X, R_IJ)
    assert float(pair_ratios(one(0), expected_wins(one(2), one(0.12), one(1.0)))[0]) == close(0.943396226415)


@pytest.mark.parametrize(
    ("product", "pair", "trust", "score", "expected"),
    [
        (R_J, R_IJ, (0.6, 0.5), 0.2, (1.382823462509, 0.256895562736, 1.284477813680)),
        (1.0, 2 / 2.12, (0.5, 0.5), 0.06, (0.971285862357, 0.058377727708, 0.972962128466)),
    ],
)
def test_v6_and_v7_odds_factor_probability_and_multiplier(
    product: float, pair: float, trust: tuple[float, float], score: float, expected: tuple[float, float, float]
) -> None:
    factor = odds_factors(one(product), one(pair), trust, SETTINGS)
    probability = multiply_odds(one(score), factor)

    assert (float(factor[0]), float(probability[0]), float(probability[0]) / score) == tuple(map(close, expected))


def test_v8_the_bounds_and_no_trust() -> None:
    cases = [((1, 1), (0.5, 0.5), 1), ((2, 0.3), (0, 0), 1), ((5, 1), (1, 1), 3), ((0.1, 1), (1, 1), 1 / 3)]
    for (product, pair), trust, expected in cases:
        assert float(odds_factors(one(product), one(pair), trust, SETTINGS)[0]) == close(expected)


def test_v9_doubt_shrinks_with_pitches() -> None:
    assert float(exploration_odds(one(0), one(0), one(1), 0.5, 1.0)[0]) == close(1.424119019481)
    assert float(exploration_odds(one(4), one(X), one(R_IJ), 0.5, 1.0)[0]) == close(1.343946997480)


def test_v13_a_recursion_keeps_the_direction() -> None:
    halved = expected_wins(one(2), one(0.4), one(G * R_J))
    assert float(pair_ratios(one(1.5), halved)[0]) == close(1.409639578375)


ratios = st.floats(0.05, 20)
trusts = st.tuples(st.floats(0, 1), st.floats(0, 1))
scores = st.floats(1e-6, 1 - 1e-6)


@given(st.integers(0, 60), st.integers(0, 60), scores, ratios, ratios, trusts, scores)
def test_one_more_win_never_lowers_and_a_lost_pitch_never_raises(
    won: int, lost: int, mean: float, baseline: float, product: float, trust: tuple[float, float], other: float
) -> None:
    def factor(wins: int, pitches: int, expected: float) -> float:
        x = expected_wins(one(pitches), one(expected), one(baseline))
        return float(odds_factors(one(product), pair_ratios(one(wins), x), trust, SETTINGS)[0])

    pitches, tiny = won + lost, 1e-12
    expected = mean * pitches
    now = factor(won, pitches, expected)
    if lost:
        assert factor(won + 1, pitches, expected) >= now - tiny
    assert factor(won, pitches + 1, expected) <= now + tiny
    assert factor(won, pitches + 1, expected + other) <= now + tiny


@given(st.integers(0, 60), st.integers(0, 60), scores, ratios, ratios, trusts, scores)
def test_factor_and_probability_keep_their_bounds_and_sides(
    won: int, lost: int, mean: float, baseline: float, product: float, trust: tuple[float, float], score: float
) -> None:
    pitches = won + lost
    x = expected_wins(one(pitches), one(mean * pitches), one(baseline))
    pair = pair_ratios(one(won), x)
    factor = float(odds_factors(one(product), pair, trust, SETTINGS)[0])
    probability = float(multiply_odds(one(score), factor)[0])

    assert (pair[0] > 1) == (won > x[0])
    assert (pair[0] < 1) == (won < x[0])
    assert SETTINGS.d_min <= factor <= SETTINGS.a_max
    assert 0 < probability < 1
    assert (probability >= score * (1 - 1e-12)) if factor >= 1 else (probability <= score * (1 + 1e-12))


@given(st.integers(0, 60), st.integers(0, 60), scores, ratios, st.floats(0, 1), st.floats(0, 5))
def test_doubt_never_lowers_and_is_greatest_for_what_was_never_pitched(
    won: int, lost: int, mean: float, baseline: float, trust: float, deviations: float
) -> None:
    pitches = won + lost
    x = expected_wins(one(pitches), one(mean * pitches), one(baseline))
    doubt = exploration_odds(one(pitches), x, pair_ratios(one(won), x), trust, deviations)

    assert 1 <= doubt[0] <= exploration_odds(one(0), one(0), one(1), trust, deviations)[0]
