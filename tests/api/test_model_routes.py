from typing import Any

import pytest

from dog.storage.store import Store
from tests.conftest import Api, Clock


def models(api: Api) -> dict[str, dict[str, Any]]:
    return {model["name"]: model for model in api.get("/v1/models").json["items"]}


def test_models_are_listed_with_their_dates_and_the_policies_that_use_them(api: Api, loaded: Store) -> None:
    cf = models(api)["cf"]

    assert list(models(api)) == ["cf", "frequency"]
    assert (cf["as_of"], cf["age_seconds"]) == ("2026-11-01T00:00:00+00:00", 19.5 * 86_400)
    assert (cf["trained_until"], cf["direction"], cf["changes"]) == (None, None, 1)
    assert cf["policies"]["recommended"] > 0


def test_a_load_states_up_to_when_its_model_was_trained(api: Api, loaded: Store) -> None:
    row = {"contact_id": "c1", "product_id": "p1", "model": "cf", "score": 0.7}
    dates = {"as_of": "2026-11-15T00:00:00Z", "trained_until": "2026-11-08T00:00:00Z"}
    api.post("/v1/scores", [{**row, **dates}])
    cf = models(api)["cf"]

    assert (cf["trained_until"], cf["as_of"], cf["changes"]) == (
        "2026-11-08T00:00:00+00:00",
        "2026-11-15T00:00:00+00:00",
        2,
    )


def test_what_is_stated_of_a_model_stays_until_it_is_taken_back(api: Api, loaded: Store) -> None:
    stated = {"trained_until": "2026-11-08T00:00:00Z", "direction": "lower_is_better"}
    put = api.put("/v1/models/cf", stated).json
    half = api.put("/v1/models/cf", {"direction": None}).json
    gone = api.put("/v1/models/cf", {"trained_until": None}).json

    assert (put["trained_until"], put["direction"]) == ("2026-11-08T00:00:00+00:00", "lower_is_better")
    assert (half["trained_until"], half["direction"]) == ("2026-11-08T00:00:00+00:00", None)
    assert gone == models(api)["cf"] == {**half, "trained_until": None}
    assert api.get("/v1/audit?limit=1").json["items"][0]["act"] == "model.change"


@pytest.mark.parametrize(
    "body",
    [
        {"direction": "up"},
        {"trained_until": "soon"},
        {"trained_until": "2026-11-20T13:00:00Z"},
        {"trained_until": 5},
        {"trained": "2026-11-08T00:00:00Z"},
    ],
)
def test_a_bad_statement_is_refused_and_changes_nothing(
    api: Api, loaded: Store, clock: Clock, body: dict[str, Any]
) -> None:
    before = models(api)

    assert api.put("/v1/models/cf", body).status_code == 422
    assert models(api) == before


def test_nothing_can_be_stated_of_a_model_without_scores(api: Api, loaded: Store) -> None:
    answer = api.put("/v1/models/lead", {"direction": "lower_is_better"})

    assert (answer.status_code, answer.json["code"]) == (404, "unknown_model")


@pytest.mark.parametrize(("own", "expected"), [({}, "p4"), ({"direction": "higher_is_better"}, "p1")])
def test_a_stated_direction_turns_the_lists_of_policies_that_state_none(
    api: Api, loaded: Store, own: dict[str, str], expected: str
) -> None:
    api.put("/v1/policies/mine", {"name": "mine", "models": {"cf": {"weight": 1, **own}}})

    def best() -> str:
        asked = {"contact_id": "c1", "policy": "mine", "dry_run": True}
        return str(api.post("/v1/recommendations", asked).json["items"][0]["product_id"])

    before = best()
    api.put("/v1/models/cf", {"direction": "lower_is_better"})

    assert (before, best()) == ("p1", expected)
