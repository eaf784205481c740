from typing import Any

from tests.conftest import Api


def test_an_erased_contact_is_exported_before_and_refused_after(api: Api, recommend: Any) -> None:
    recommend("c1")
    before = api.get("/v1/contacts/export?contact_id=c1")
    erased = api.client.delete("/v1/contacts?contact_id=c1", headers={"Authorization": f"Bearer {api.key}"})
    after = api.post("/v1/recommendations", {"contact_id": "c1"})

    assert (before.status_code, erased.status_code) == (200, 200)
    assert b"Ann" in before.data
    assert (after.status_code, after.json["code"]) == (404, "contact_erased")
