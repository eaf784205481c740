from dog.core.policy.model_directions import with_directions
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import ModelSettings


def test_a_policy_s_own_direction_wins_over_what_is_stated_of_the_model() -> None:
    models = {"a": ModelSettings(1.0, "higher_is_better"), "b": ModelSettings(), "c": ModelSettings()}
    found = with_directions(Policy(name="p", models=models), {"a": "lower_is_better", "b": "lower_is_better"})

    assert [settings.direction for settings in found.models.values()] == [
        "higher_is_better",
        "lower_is_better",
        "higher_is_better",
    ]


def test_a_policy_that_states_no_direction_is_stored_without_one() -> None:
    policy = Policy(name="p", models={"a": ModelSettings()})

    assert policy.to_document()["models"] == {"a": {"weight": 1.0}}
