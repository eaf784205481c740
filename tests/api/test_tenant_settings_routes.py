from tests.conftest import Api


def test_a_setting_is_read_as_it_was_put(api: Api) -> None:
    before = api.get("/v1/settings").json
    put = api.put("/v1/settings", {"require_proof": True}).json

    assert (before, put, api.get("/v1/settings").json) == (
        {"require_proof": False},
        {"require_proof": True},
        {"require_proof": True},
    )


def test_an_unknown_setting_is_refused(api: Api) -> None:
    assert api.put("/v1/settings", {"require_prof": True}).status_code == 422
