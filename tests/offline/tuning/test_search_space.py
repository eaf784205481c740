"""Settings leave a policy and come back to it by their names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.policy.policy import Policy
from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_settings import ModelSettings
from dog.offline.tuning.search_space import SearchSpace, current_settings, suggest, with_settings


def test_settings_come_back_as_they_went_and_all_else_of_the_policy_stays() -> None:
    policy = Policy(name="p", models={"a": ModelSettings(0.5), "b": ModelSettings(1.0)})

    same = with_settings(policy, current_settings(policy, SearchSpace(("a", "b"))))
    other = with_settings(
        policy, {"weight.a": 0.9, "neutral": "global", "family": "linear", "a_max": 2.0, "consolidation": "log_pool"}
    )

    assert same == policy
    assert (other.models["a"].weight, other.models["b"].weight, other.consolidation) == (0.9, 1.0, "log_pool")
    assert (other.reinforcement.family, other.reinforcement.a_max, other.reinforcement.d_min) == ("linear", 2.0, 1 / 3)


def test_settings_beyond_their_ranges_are_moved_to_them_and_what_is_not_tuned_is_named() -> None:
    policy = with_settings(Policy(name="p", models={"a": ModelSettings(1.0)}), {"a_max": 9.0})
    space = SearchSpace(("a",))

    assert current_settings(policy, space)["a_max"] == 5.0
    assert set(space.not_tuned) == {"streak", "recursion.n"}


@pytest.mark.parametrize(
    "settings",
    [
        Reinforcement(),
        Reinforcement(on="odds", clamp=(0.25, 4.0)),
        Reinforcement(trust=(0.25, 0.75)),
        Reinforcement(neutral="score", on="odds"),
        Reinforcement(neutral=0.2, family="linear", explore=0.25),
    ],
)
def test_the_first_trial_is_the_policy_in_force(settings: Reinforcement) -> None:
    policy = Policy(name="p", models={"a": ModelSettings(1.0)}, reinforcement=settings)

    assert with_settings(policy, current_settings(policy, SearchSpace(("a",)))) == policy


class FixedTrial:
    """Suggests one of the choices and a point of the range, drawn at random, as a trial of Optuna does."""

    def __init__(self, seed: int) -> None:
        self.chance = np.random.default_rng(seed)

    def suggest_categorical(self, _name: str, choices: list[object]) -> object:
        return choices[int(self.chance.integers(len(choices)))]

    def suggest_float(self, _name: str, low: float, high: float) -> float:
        return float(self.chance.uniform(low, high))


@given(st.integers(0, 2**32), st.booleans())
def test_whatever_is_tried_is_a_policy_that_can_be_stored(seed: int, grid: bool) -> None:
    settings = Reinforcement(on="odds", clamp=(0.25, 4.0))
    policy = Policy(name="p", models={"a": ModelSettings(1.0), "b": ModelSettings(1.0)}, reinforcement=settings)
    tried = with_settings(policy, suggest(FixedTrial(seed), SearchSpace(("a", "b"), streaks=True), grid=grid))

    assert read_policy(tried.to_document()) == tried
    assert tried.reinforcement.on_odds == (tried.reinforcement.neutral == "expected")
