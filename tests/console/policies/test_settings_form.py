"""Weights and learning have fields; only what a person changed is written."""

import pytest

from dog.console.policies.settings_form import read_settings, setting_fields
from dog.core.policy.policy import Policy
from dog.errors import InvalidPolicy


def test_weights_pooling_and_learning_have_fields() -> None:
    fields = {one.name: one.value for one in setting_fields(Policy(name="a").to_document())}

    assert fields["set:models/cf/weight"] == 0.4
    assert fields["set:consolidation/method"] == "stacking"
    assert fields["set:reinforcement/d_min"] == 0.3333
    assert "set:models/start/weight" not in fields


def test_only_what_changed_is_read() -> None:
    form = {"set:models/cf/weight": "0.5", "was:set:models/cf/weight": "0.4"}
    same = {"set:reinforcement/d_min": "0.3333", "was:set:reinforcement/d_min": "0.3333"}

    assert read_settings(form | same) == {("models", "cf", "weight"): 0.5}


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match="must be a number"):
        read_settings({"set:models/cf/weight": "much"})
