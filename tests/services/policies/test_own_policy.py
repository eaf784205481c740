import pytest

from dog.core.policy.policy_reader import read_policy
from dog.services.policies.own_policy import write_own_policy
from dog.storage.policy_files import parse_policy_toml


@pytest.mark.parametrize("models", [[], ["leads"], ["start", "b_2", "churn-risk"]])
def test_the_policy_is_valid_and_has_the_models_that_have_scores(models: list[str]) -> None:
    policy = read_policy(parse_policy_toml(write_own_policy("acme", models)))

    assert policy.name == "acme"
    assert set(policy.models) == {*models, "start"}
    assert any(one.weight > 0 and not one.is_fallback for one in policy.models.values())


def test_models_of_churn_speak_against_an_offer() -> None:
    policy = read_policy(parse_policy_toml(write_own_policy("acme", ["churn", "leads"])))

    assert (policy.models["churn"].direction, policy.models["leads"].direction) == (
        "lower_is_better",
        "higher_is_better",
    )
