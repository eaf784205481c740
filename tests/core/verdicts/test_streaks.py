import numpy as np
import pytest

from dog.core.learning.reinforcement_settings import Streak
from dog.core.verdicts.streaks import streak_multiplier


def read(run: list[int], days: float = 0.0, free_run: int = 0, half_life_days: float = 28.0) -> np.ndarray:
    return streak_multiplier(np.array(run), np.full(len(run), days), free_run, half_life_days, Streak())


def test_discards_act_from_the_third_on_after_a_free_run_of_two() -> None:
    values = read([-2, -3, -4], free_run=2)

    np.testing.assert_allclose(values, [1, 0.816263459719, 0.707106781187], rtol=0, atol=1e-12)


def test_a_run_tends_to_its_limit() -> None:
    np.testing.assert_allclose(read([200, -200]), [1.25, 0.5], rtol=1e-12)


def test_no_run_is_no_streak() -> None:
    assert read([0])[0] == 1.0


@pytest.mark.parametrize("half_life_days", [28.0, 90.0])
def test_half_of_the_effect_is_gone_after_a_half_life(half_life_days: float) -> None:
    fresh = read([-2, 3], half_life_days=half_life_days)

    halved = read([-2, 3], days=half_life_days, half_life_days=half_life_days)

    np.testing.assert_allclose(halved, np.sqrt(fresh), rtol=1e-14)
