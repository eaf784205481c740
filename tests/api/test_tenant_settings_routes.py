import pytest

from tests.conftest import Api


def test_a_setting_is_read_as_it_was_put(api: Api) -> None:
    before = api.get("/v1/settings").json
    put = api.put("/v1/settings", {"require_proof": True}).json
    api.put("/v1/settings", {"replay_share": 0.2})

    assert before == {"require_proof": False, "replay_share": 0.05, "unknown": "accept"}
    assert put == {"require_proof": True, "replay_share": 0.05, "unknown": "accept"}
    assert api.get("/v1/settings").json == {"require_proof": True, "replay_share": 0.2, "unknown": "accept"}


@pytest.mark.parametrize("share", [-0.1, 1.1, "0.5", None])
def test_a_share_outside_0_to_1_is_refused(api: Api, share: object) -> None:
    assert api.put("/v1/settings", {"replay_share": share}).status_code == 422


def test_an_unknown_setting_is_refused(api: Api) -> None:
    assert api.put("/v1/settings", {"require_prof": True}).status_code == 422
