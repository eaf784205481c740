"""Trust: known answers, and that it goes up where records predict and down where they don't."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.learning.trust import SettledPitches, SlopeState, Trust
from dog.core.log_odds import expit, logit

X = np.array([0.5, -0.3, 0.8, -0.6])
P = np.array([0.2, 0.1, 0.3, 0.05])
WON = np.array([1.0, 0.0, 1.0, 0.0])


def test_v10_one_update() -> None:
    found = SlopeState().update(X, logit(P), WON, np.array([1.0, 1.0, 0.5, 1.0]))

    sums = (found.h00, found.h01, found.h11, found.g0, found.g1)
    expected = (0.418688691669, 0.141564488205, 0.142289074514, 1.007965305479, 0.742344812937)
    assert sums == pytest.approx(expected, abs=5e-13)
    assert (found.intercept, found.slope) == pytest.approx((2.221178400547, 0.535175520001), abs=5e-13)


def test_v11_records_that_mislead_are_not_trusted_at_all() -> None:
    x, p, won = (np.repeat(pair, 40) for pair in ([0.9, -0.9], [0.3, 0.1], [0.0, 1.0]))
    found = SlopeState().update(x, logit(p), won, np.ones(80))

    assert found.intercept == pytest.approx(2.026000417121, abs=5e-13)
    assert found.slope == 0.0


def pitches(random: np.random.Generator, count: int, true_trust: float) -> SettledPitches:
    product, pair = random.normal(0, 0.5, (2, count))
    score = random.uniform(0.05, 0.4, count)
    chance = expit(logit(score) + true_trust * (product + pair))
    return SettledPitches(
        product=random.integers(0, 200, count),
        score=score,
        product_log_ratio=product,
        pair_log_ratio=pair,
        won=(random.random(count) < chance).astype(float),
    )


@pytest.mark.parametrize("true_trust", [0.0, 1.0])
def test_trust_goes_to_what_records_deserve(true_trust: float) -> None:
    random, trust = np.random.default_rng(7), Trust()
    for _ in range(40):
        trust = trust.learn(pitches(random, 400, true_trust))

    assert trust.values == pytest.approx((true_trust, true_trust), abs=0.15)


def test_a_week_without_settled_pitches_changes_nothing() -> None:
    trust = Trust().learn(pitches(np.random.default_rng(1), 50, 0.7))
    nothing = SettledPitches(
        product=np.zeros(0, np.int64),
        score=np.zeros(0),
        product_log_ratio=np.zeros(0),
        pair_log_ratio=np.zeros(0),
        won=np.zeros(0),
    )

    assert trust.learn(nothing) == trust


@given(st.integers(0, 2**32), st.floats(-2, 3))
def test_trust_stays_in_bounds_and_survives_being_stored(seed: int, true_trust: float) -> None:
    trust = Trust().learn(pitches(np.random.default_rng(seed), 30, true_trust))

    assert all(0 <= value <= 1 for value in trust.values)
    assert Trust.from_list(trust.to_list()) == trust
    assert len(trust.to_list()) == 14
