import pytest

from tests.conftest import Api

DEFAULTS = {
    "require_proof": False,
    "replay_share": 0.05,
    "unknown": "accept",
    "contact_attributes": [],
    "batch_accept": False,
}


def test_a_setting_is_read_as_it_was_put(api: Api) -> None:
    before = api.get("/v1/settings").json
    put = api.put("/v1/settings", {"require_proof": True}).json
    shown = {"replay_share": 0.2, "contact_attributes": ["city"], "batch_accept": True}
    api.put("/v1/settings", shown)

    assert before == DEFAULTS
    assert put == DEFAULTS | {"require_proof": True}
    assert api.get("/v1/settings").json == DEFAULTS | {"require_proof": True} | shown


@pytest.mark.parametrize("names", [["x"] * 13, [""], "city", [7]])
def test_attributes_that_are_no_names_or_too_many_are_refused(api: Api, names: object) -> None:
    assert api.put("/v1/settings", {"contact_attributes": names}).status_code == 422


@pytest.mark.parametrize("share", [-0.1, 1.1, "0.5", None])
def test_a_share_outside_0_to_1_is_refused(api: Api, share: object) -> None:
    assert api.put("/v1/settings", {"replay_share": share}).status_code == 422


def test_an_unknown_setting_is_refused(api: Api) -> None:
    assert api.put("/v1/settings", {"require_prof": True}).status_code == 422
