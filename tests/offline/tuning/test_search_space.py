"""Settings leave a policy and come back to it by their names."""

from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import ModelSettings
from dog.offline.tuning.search_space import SearchSpace, current_settings, with_settings


def test_settings_come_back_as_they_went_and_all_else_of_the_policy_stays() -> None:
    policy = Policy(name="p", models={"a": ModelSettings(0.5), "b": ModelSettings(1.0)})

    same = with_settings(policy, current_settings(policy, SearchSpace(("a", "b"))))
    other = with_settings(policy, {"weight.a": 0.9, "family": "linear", "a_max": 2.0, "consolidation": "log_pool"})

    assert same == policy
    assert (other.models["a"].weight, other.models["b"].weight, other.consolidation) == (0.9, 1.0, "log_pool")
    assert (other.reinforcement.family, other.reinforcement.a_max, other.reinforcement.d_min) == ("linear", 2.0, 1 / 3)


def test_settings_beyond_their_ranges_are_moved_to_them_and_what_is_not_tuned_is_named() -> None:
    policy = with_settings(Policy(name="p", models={"a": ModelSettings(1.0)}), {"a_max": 9.0})
    space = SearchSpace(("a",))

    assert current_settings(policy, space)["a_max"] == 5.0
    assert set(space.not_tuned) == {"streak", "recursion.n"}
