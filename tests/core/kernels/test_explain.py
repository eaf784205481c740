import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.consolidation import METHODS, Stacking
from dog.core.consolidator import Consolidator, Model
from dog.core.kernels.explain import NUMBERS, OF_MODEL
from dog.core.kernels.score import PLAIN
from dog.core.log_odds import logit, odds_multiplier
from dog.core.pipeline import Scored
from dog.core.receipt import option_numbers
from tests.core.kernels import oracles
from tests.core.kernels.random_plans import random_calibration, random_consolidator, random_scores, shares_of

NAN = np.nan


def stacking(coefficients: list[float], means: list[float], intercept: float) -> Consolidator:
    random = np.random.default_rng(1)
    models = tuple(Model(f"m{row}", 1.0, random_calibration(random)) for row in range(len(means)))
    fit = Stacking(
        coefficients=np.array(coefficients), used=np.ones(len(means), bool), means=np.array(means), intercept=intercept
    )
    return Consolidator(models=models, method="stacking", stacking=fit)


@pytest.mark.parametrize("method", METHODS)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_shares_are_those_of_whole_arrays(method: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    consolidator = random_consolidator(random, method)
    scores = consolidator.calibrate(random_scores(random, len(consolidator.models), 12))
    multipliers = random.choice([0.3, 1.0, 2.5], scores.shape)

    oracles.assert_same(shares_of(consolidator, scores, multipliers), oracles.shares(consolidator, scores, multipliers))


def test_the_shares_of_a_stacking_and_its_intercept_sum_to_the_log_odds() -> None:
    calibrated = np.array([[0.2, 0.3, NAN], [0.8, NAN, NAN]])
    found = stacking([0.5, 1.5], [-1.0, -2.0], -2.5)

    shares, pooled = shares_of(found, calibrated, np.ones((2, 3))), found.consolidate(calibrated)

    np.testing.assert_allclose(shares[:, :2].sum(axis=0) - 2.5, logit(pooled[:2]), rtol=1e-12)
    assert np.isnan(pooled).tolist() == [False, False, True]


def test_a_multiplier_of_a_model_multiplies_its_odds_in_a_stacking() -> None:
    found, calibrated = stacking([0.5, 1.5], [-1.0, -2.0], -2.5), np.array([[0.2], [0.3]])

    changed = shares_of(found, calibrated, np.array([[1.0], [0.5]])) - shares_of(found, calibrated, np.ones((2, 1)))

    np.testing.assert_allclose(changed, [[0.0], [1.5 * np.log(0.5)]], atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_numbers_are_those_of_the_chosen_options(method: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    consolidator = random_consolidator(random, method)
    shape = (len(consolidator.models), 6)
    raw = random_scores(random, *shape)
    calibrated, factors = consolidator.calibrate(raw), random.choice([0.0, 0.2, 0.7], (9, 6))
    by_model, final = random.choice([0.5, 1.0], shape), (random.random(6), random.random(6))
    scored, chosen = Scored(np.concatenate((calibrated, by_model, factors)), shape[0]), random.permutation(6)[:4]

    table = option_numbers(scored, raw, consolidator, chosen, final)
    numbers = dict(zip(NUMBERS, table.T, strict=False))
    of_models = table.T[len(NUMBERS) :].reshape(shape[0], len(OF_MODEL), 4).transpose(1, 0, 2)

    shown = odds_multiplier(calibrated, by_model) if consolidator.multiplies_odds else by_model
    shares = oracles.shares(consolidator, calibrated, by_model)
    for found, expected in zip(of_models, (raw, calibrated, shown, shares), strict=True):
        oracles.assert_same(found, expected[:, chosen])
    for name, row in (("consolidated", scored.consolidated), ("clamp", scored.clamp), ("streak", scored.streak)):
        assert numbers[name].tolist() == row[chosen].tolist()
    plain = factors[PLAIN]
    effective = np.divide(final[0], plain, out=np.ones(6), where=plain > 0)
    assert numbers["effective_multiplier"].tolist() == effective[chosen].tolist()
    assert (numbers["score"].tolist(), numbers["order_score"].tolist()) == tuple(row[chosen].tolist() for row in final)
