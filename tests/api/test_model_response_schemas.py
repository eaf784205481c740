"""What /v1/models says of the computed model beside the loaded ones."""

from dog.api.model_response_schemas import ModelsSchema
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api
from tests.start_world import load_tastes


def test_the_model_start_shows_its_proof_and_no_dates_of_scores(api: Api, runtime: Runtime, loaded: Store) -> None:
    load_tastes(runtime, loaded)

    answered = api.get("/v1/models").json

    assert ModelsSchema().validate(answered) == {}
    start = next(model for model in answered["items"] if model["name"] == "start")
    assert start["trained_at"] == "2026-11-20T12:00:00+00:00"
    assert start["proof"]["contacts"] == 300
    assert start["policies"]["recommended"] is None
    assert [start[name] for name in ("as_of", "age_seconds", "rows", "trained_until")] == [None] * 4
    cf = next(model for model in answered["items"] if model["name"] == "cf")
    assert (cf["proof"], cf["trained_at"], cf["policies"]["recommended"]) == (None, None, 0.4)


def test_the_model_start_cannot_be_changed(api: Api, loaded: Store) -> None:
    del loaded
    answer = api.put("/v1/models/start", {"direction": "lower_is_better"})

    assert (answer.status_code, answer.json["code"]) == (422, "computed_model")
    assert "dog jobs train" in answer.json["detail"]
