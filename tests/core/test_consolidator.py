from typing import Any

import numpy as np
import orjson
import pytest
from scipy.special import logit

from dog.core.consolidation import METHODS
from dog.core.consolidation_fit import ConsolidationFit, FittedModel, read_fit
from dog.core.consolidator import build_consolidator
from dog.core.describe_load import describe_load
from dog.core.policy.policy import Policy
from dog.core.policy.policy_reader import read_policy
from tests.core.kernels import oracles
from tests.core.kernels.random_plans import shares_of

NAN = np.nan
LOAD = describe_load(np.linspace(0.01, 0.99, 99))


def policy(method: str = "stacking", **models: dict[str, Any]) -> Policy:
    return read_policy({"name": "a", "models": models, "consolidation": {"method": method}})


def fitted(*, lower: bool = False, slope: float | None = 1.2, coefficient: float | None = 0.7) -> FittedModel:
    return FittedModel(
        axis="log_odds",
        lower_is_better=lower,
        slope=slope,
        intercept=None if slope is None else -2.0,
        centre=0.5,
        mean=-2.2,
        coefficient=coefficient,
        pitches=400,
    )


def fit(**models: FittedModel) -> ConsolidationFit:
    return ConsolidationFit(models=models, intercept=-2.4, pitches=400, wins=40)


def test_each_policy_turns_a_model_in_its_own_direction() -> None:
    raw = np.array([[0.2, 0.5, 0.8]])
    lower, higher = policy(risk={"direction": "lower_is_better"}), policy(risk={})

    falling, rising = (build_consolidator(one, {"risk": LOAD}, None, 0.1).calibrate(raw)[0] for one in (lower, higher))

    assert (np.diff(falling) < 0).all()
    np.testing.assert_allclose(falling, rising[::-1], rtol=1e-9)


def test_a_fit_for_the_other_direction_is_not_used() -> None:
    lower = policy(risk={"direction": "lower_is_better"})

    consolidator = build_consolidator(lower, {"risk": LOAD}, fit(risk=fitted(slope=1.2)), 0.1)

    assert consolidator.models[0].calibration.method == "standardised"
    assert consolidator.models[0].calibration.slope < 0


def test_before_there_is_a_fit_stacking_is_the_calibrated_weighted_mean() -> None:
    consolidator = build_consolidator(policy(one={"weight": 1.0}, two={"weight": 3.0}), {}, None, 0.1)

    assert consolidator.method == "mean"
    np.testing.assert_allclose(consolidator.consolidate(np.array([[0.2, NAN], [0.4, 0.4]])), [0.35, 0.4])


def test_a_model_that_the_fit_does_not_know_takes_part_with_its_stated_weight() -> None:
    both = policy(one={"weight": 1.0}, new={"weight": 3.0})

    consolidator = build_consolidator(both, {"one": LOAD, "new": LOAD}, fit(one=fitted()), 0.1)

    assert consolidator.stacking is not None
    assert consolidator.stacking.coefficients.tolist() == [0.7, 0.75]
    assert consolidator.stacking.means.tolist() == [-2.2, float(logit(0.1))]


def test_a_model_whose_weight_is_set_to_0_stays_out_at_once() -> None:
    both = policy(one={"weight": 1.0}, off={"weight": 0.0})
    consolidator = build_consolidator(both, {}, fit(one=fitted(), off=fitted()), 0.1)

    pooled = consolidator.consolidate(np.array([[0.2, 0.2, NAN], [0.1, 0.9, 0.9]]))

    assert pooled[0] == pooled[1]
    assert np.isnan(pooled[2])


def test_a_load_with_another_scale_keeps_the_calibration() -> None:
    models = fit(
        one=FittedModel(**{**{name: getattr(fitted(), name) for name in FittedModel.__slots__}, "axis": "log"})
    )
    before = np.random.default_rng(0).gamma(0.5, size=300) + 1.0
    lists = []
    for scale in (1.0, 40.0):
        consolidator = build_consolidator(policy(one={}), {"one": describe_load(scale * before)}, models, 0.1)
        lists.append(consolidator.consolidate(consolidator.calibrate(scale * before[None])))

    np.testing.assert_allclose(lists[0], lists[1], rtol=1e-9)


@pytest.mark.parametrize("method", [method for method in METHODS if method != "rrf"])
def test_the_shares_and_the_intercept_sum_to_the_log_odds(method: str) -> None:
    known = fit(one=fitted(), two=fitted(coefficient=0.0))
    consolidator = build_consolidator(policy(method, one={"weight": 1.0}, two={"weight": 3.0}), {}, known, 0.1)
    calibrated = np.array([[0.1, 0.3, NAN, 0.1], [0.2, NAN, 0.05, 0.1]])
    multipliers = np.array([[1.0, 1.0, 1.0, 1.0], [0.5, 1.0, 1.2, 1.0]])

    shares = shares_of(consolidator, calibrated, multipliers)
    pooled = oracles.consolidated(consolidator, calibrated, np.array([0, calibrated.shape[1]]), multipliers)

    np.testing.assert_allclose(shares.sum(axis=0) + consolidator.intercept, logit(pooled), rtol=1e-9)
    assert shares[1, 1] == shares[0, 2] == 0.0


def test_reciprocal_ranks_have_no_shares() -> None:
    consolidator = build_consolidator(policy("rrf", one={}), {}, None, 0.1)

    assert np.isnan(shares_of(consolidator, np.array([[0.1]]), np.ones((1, 1)))).all()


def test_a_fit_survives_being_written() -> None:
    known = fit(one=fitted(), two=fitted(slope=None, coefficient=None))

    assert read_fit(orjson.loads(orjson.dumps(known.to_document()))) == known
