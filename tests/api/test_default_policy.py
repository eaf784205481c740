from typing import Any

from tests.api.test_policy_routes import product_ids, put, rule
from tests.conftest import Api

SPRING = 'name = "spring"\n[models]\ncf = {weight = 1}\n' + rule("product.id = 'p1'", "{exclude = true}")


def test_requests_that_name_no_policy_get_the_default_one(api: Api, recommend: Any) -> None:
    put(api, SPRING, "spring")
    before = recommend()
    told = api.post("/v1/policies/spring/default")
    after, named, curve = recommend(), recommend(policy="recommended"), api.get("/v1/curves").json

    assert (before["policy"], "p1" in product_ids(before)) == ("recommended", True)
    assert (told.status_code, told.json["name"], told.json["default"]) == (200, "spring", True)
    assert (after["policy"], "p1" in product_ids(after)) == ("spring", False)
    assert api.get(f"/v1/decisions/{after['decision_id']}").json["policy"] == "spring"
    assert named["policy"] == "recommended"
    assert curve["policy"] == "spring"


def test_a_policy_that_is_not_active_cannot_be_the_default(api: Api, recommend: Any) -> None:
    stored = put(api, SPRING, "spring", "?draft=true")
    told = api.post("/v1/policies/spring/default")
    activated = api.post(f"/v1/policies/spring/versions/{stored.json['version']}/activate")

    assert (told.status_code, told.json["code"]) == (404, "unknown_policy")
    assert told.json["detail"] == "no version of policy 'spring' is active; active are published, recommended"
    assert activated.status_code == 200
    assert api.post("/v1/policies/spring/default").status_code == 200
    assert recommend()["policy"] == "spring"


def test_versions_tell_drafts_from_those_that_were_active(api: Api, loaded: Any) -> None:
    assert loaded is not None
    put(api, SPRING, "spring")
    put(api, SPRING + "# the same\n", "spring", "?draft=true")
    put(api, SPRING.replace("weight = 1", "weight = 2"), "spring")
    put(api, SPRING.replace("weight = 1", "weight = 3"), "spring", "?draft=true")
    rows = api.get("/v1/policies/spring/versions").json["items"]

    assert sorted(row["state"] for row in rows) == ["active", "draft", "earlier"]
