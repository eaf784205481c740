"""`[models]`: every model that can be loaded can be weighed, and its scores named in conditions."""

import pytest

from dog.core.policy.policy_reader import read_policy
from dog.errors import InputFault, InvalidPolicy
from dog.storage.ids import clean_slug


def faults(models: dict[str, object]) -> list[InputFault]:
    with pytest.raises(InvalidPolicy) as caught:
        read_policy({"name": "plain", "models": models})
    return list(caught.value.faults)


@pytest.mark.parametrize("name", ["cf", "lead-score", "next_best", "2026q4"])
def test_a_model_that_can_be_loaded_can_be_weighed_and_named(name: str) -> None:
    rule = {"id": "r", "when": f'score."{name}" > 0.5', "then": {"exclude": True}}
    policy = read_policy({"name": "plain", "models": {clean_slug(name, "model"): {}}, "rules": [rule]})

    assert policy.models[name].weight == 1.0


@pytest.mark.parametrize("name", ["Churn", "", "a b", "consolidated", "model", "x" * 65])
def test_a_model_that_can_never_have_scores_is_refused(name: str) -> None:
    assert [fault.code for fault in faults({name: {}})] == ["bad_name"]


def test_a_weight_below_zero_is_refused_in_plain_words() -> None:
    told = [(fault.pointer, fault.message) for fault in faults({"cf": {"weight": -1}, "churn": {}})]

    assert told == [("/models/cf/weight", "must be a finite number of at least 0")]


def test_weights_that_are_all_zero_are_refused() -> None:
    assert [fault.pointer for fault in faults({"cf": {"weight": 0}})] == ["/models"]
