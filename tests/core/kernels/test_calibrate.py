import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.consolidator import Consolidator, Model
from dog.core.kernels.calibrate import write_ranks
from tests.core.kernels import oracles
from tests.core.kernels.random_plans import random_calibration, random_scores

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS)
def test_scores_are_calibrated_as_by_whole_arrays(seed: int) -> None:
    random = np.random.default_rng(seed)
    calibrations = [random_calibration(random) for _ in range(3)]
    models = tuple(Model(str(row), 1.0, one) for row, one in enumerate(calibrations))
    consolidator, scores = Consolidator(models=models, method="mean"), random_scores(random, 3, 12)
    found = consolidator.calibrate(scores)

    for row, calibration in enumerate(calibrations):
        oracles.assert_same(found[row], oracles.calibrated(scores[row], calibration))


@given(SEEDS)
def test_equal_scores_share_the_better_rank(seed: int) -> None:
    scores = random_scores(np.random.default_rng(seed), 1, 15)
    known, ranks = ~np.isnan(scores[0]), np.zeros(15, np.int64)
    write_ranks(scores[0], ranks)

    assert ranks[known].tolist() == oracles.ranks(scores, np.array([0, 15]))[0][known].tolist()


@pytest.mark.parametrize("score", [math.inf, -math.inf])
def test_a_rank_beyond_all_scores_of_the_load_is_that_of_the_last(score: float) -> None:
    random = np.random.default_rng(1)
    calibration = next(one for one in iter(lambda: random_calibration(random), None) if one.axis == "rank" and one.load)
    consolidator = Consolidator(models=(Model("a", 1.0, calibration),), method="mean")
    found = consolidator.calibrate(np.array([[score]]))

    oracles.assert_same(found[0], oracles.calibrated(np.array([score]), calibration))
