from typing import Any

import pytest

from dog.core.learning.reinforcement_settings import Recursion, Reinforcement


@pytest.mark.parametrize("bad", [{"n": -0.1}, {"n": 3.1}, {"n": float("nan")}, {"laps": 0}, {"reading": "other"}])
def test_a_recursion_with_a_bad_value_cannot_exist(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        Recursion(**bad)


@pytest.mark.parametrize(
    "bad", [{"a_max": 0.9}, {"d_min": 0.0}, {"d_min": 1.1}, {"max_step": 0.9}, {"family": "cubic"}]
)
def test_a_reinforcement_with_a_bad_value_cannot_exist(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        Reinforcement(**bad)
