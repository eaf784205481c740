"""Off-policy estimators: known answers by hand, and what must hold of any log."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dog.offline.off_policy.estimators import (
    ESTIMATORS,
    Logged,
    Target,
    choose_switch,
    effective_rows,
    importance_weights,
    terms_of,
)

CHANCES = st.floats(0.05, 1.0)
ROWS = st.lists(st.tuples(st.booleans(), CHANCES, CHANCES), min_size=1, max_size=30)


def test_every_estimator_gives_the_answer_computed_by_hand() -> None:
    logged = Logged(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.5, 0.5, 0.25, 1.0]))
    target = Target(np.array([1.0, 0.5, 1.0, 0.0]), np.full(4, 0.5), np.full(4, 0.5))  # weights 2, 1, 4, 0

    found = {method: terms_of(method, logged, target, np.inf, switch_at=2.0).value for method in ESTIMATORS}

    assert found == pytest.approx(
        {
            "ips": (2 + 4) / 4,
            "snips": (2 + 4) / (2 + 1 + 4),
            "dr": 0.5 + (2 * 0.5 - 1 * 0.5 + 4 * 0.5) / 4,
            "switch": 0.5 + (2 * 0.5 - 1 * 0.5) / 4,
        }
    )


def test_clipping_holds_weights_and_raises_the_effective_rows() -> None:
    logged = Logged(np.ones(3), np.array([0.01, 0.5, 0.5]))
    target = Target(np.ones(3), np.zeros(3), np.zeros(3))

    plain, clipped = importance_weights(logged, target), importance_weights(logged, target, clip=3.0)

    assert clipped.tolist() == [3, 2, 2]
    assert effective_rows(plain) < effective_rows(clipped) <= 3


@settings(deadline=None)
@given(ROWS)
def test_self_normalized_values_stay_inside_the_rewards(rows: list[tuple[bool, float, float]]) -> None:
    reward, propensity, chance = (np.array(column, float) for column in zip(*rows, strict=True))

    value = terms_of("snips", Logged(reward, propensity), Target(chance, reward * 0, reward * 0), np.inf).value

    assert -1e-9 <= value <= 1 + 1e-9


@settings(deadline=None)
@given(ROWS)
def test_a_model_that_knows_all_needs_no_weights(rows: list[tuple[bool, float, float]]) -> None:
    reward, propensity, chance = (np.array(column, float) for column in zip(*rows, strict=True))
    target = Target(chance, reward, np.full(len(reward), 0.3))

    for method in ("dr", "switch"):
        assert terms_of(method, Logged(reward, propensity), target, np.inf).value == pytest.approx(0.3)


@settings(deadline=None)
@given(ROWS)
def test_without_a_model_doubly_robust_is_ips(rows: list[tuple[bool, float, float]]) -> None:
    reward, propensity, chance = (np.array(column, float) for column in zip(*rows, strict=True))
    logged, target = Logged(reward, propensity), Target(chance, reward * 0, reward * 0)

    assert terms_of("dr", logged, target, 5.0).value == pytest.approx(terms_of("ips", logged, target, 5.0).value)


def test_switch_leaves_out_one_wild_weight_that_the_model_knows_about() -> None:
    reward = np.array([0.0, 1.0] * 5000 + [1.0])
    logged = Logged(reward, np.append(np.full(10_000, 0.5), 1e-4))
    target = Target(np.append(np.full(10_000, 0.5), 0.02), np.full(10_001, 0.5), np.full(10_001, 0.5))

    limit = choose_switch(logged, target, np.inf)

    assert limit == 1.0


def test_an_unknown_estimator_is_named() -> None:
    with pytest.raises(ValueError, match="there is no estimator 'magic'"):
        terms_of("magic", Logged(np.ones(1), np.ones(1)), Target(np.ones(1), np.ones(1), np.ones(1)), 1.0)
