import pytest

from dog.errors import NotFound
from dog.services.data.describe_models import change_model, describe_models
from dog.services.runtime import Runtime
from dog.storage.store import Store


def test_a_stated_direction_is_described_and_names_of_others_stay(runtime: Runtime, loaded: Store) -> None:
    changed = change_model(runtime, "default", "cf", {"direction": "lower_is_better"})

    assert changed["direction"] == "lower_is_better"
    assert [(model["name"], model["direction"]) for model in describe_models(runtime, "default")] == [
        ("cf", "lower_is_better"),
        ("frequency", None),
    ]


def test_a_model_without_scores_is_unknown(runtime: Runtime, store: Store) -> None:
    with pytest.raises(NotFound, match="has no scores"):
        change_model(runtime, "default", "cf", {})
