import numpy as np
import pytest

from dog.core.learning.curves import multiplier
from dog.core.learning.exploration import deviation, explored_rate
from dog.core.learning.reinforcement_settings import Reinforcement


def test_the_curve_is_read_one_deviation_up() -> None:
    rate, pitches = np.array([0.2]), np.array([5.0])

    explored = explored_rate(rate, pitches, 20.0, 1.0)

    assert deviation(rate, pitches, 20.0)[0] == pytest.approx(0.078446454055, abs=1e-12)
    assert multiplier(explored, 0.2, Reinforcement())[0] == pytest.approx(1.392232270276, abs=1e-12)


def test_an_explored_rate_stays_a_rate() -> None:
    assert explored_rate(np.array([0.9]), np.array([0.0]), 2.0, 5.0)[0] == 1.0


def test_no_exploration_leaves_the_rate() -> None:
    assert explored_rate(np.array([0.37]), np.array([3.0]), 20.0, 0.0)[0] == 0.37


def test_the_better_known_is_explored_less() -> None:
    explored = explored_rate(np.full(3, 0.2), np.array([0.0, 10.0, 1000.0]), 20.0, 1.0)

    assert (np.diff(explored) < 0).all()


def test_an_unknown_rate_stays_unknown() -> None:
    assert np.isnan(explored_rate(np.array([np.nan]), np.array([0.0]), 20.0, 1.0)[0])
