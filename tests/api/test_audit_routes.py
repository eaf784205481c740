"""The audit: every act that changes something, who did it and from where; bounded, of one tenant, free of ids."""

from typing import Any

from dog.services.runtime import Runtime
from dog.storage.api_keys import SCOPES, create_key, list_keys, revoke_key
from dog.storage.audit_log import KEPT_AUDIT_ENTRIES, record_audit_entry
from dog.storage.keys import TenantKeys
from tests.conftest import NOW, Api

POLICY = {"name": "mine", "models": {"cf": {"weight": 1}}}


def acts(api: Api, **query: Any) -> list[dict[str, Any]]:
    answer = api.get("/v1/audit", query_string=query)
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def test_every_act_of_an_admin_is_listed_with_key_address_and_request(
    runtime: Runtime, api: Api, recommend: Any
) -> None:
    del recommend
    before = len(acts(api, limit=1000))
    header = {"Authorization": f"Bearer {api.key}", "X-Request-Id": "mine-1"}
    put: Any = api.client.put("/v1/policies/mine?comment=why", json=POLICY, headers=header)
    api.post("/v1/policies/mine/versions/" + put.json["version"] + "/activate")
    api.post("/v1/products", [{"product_id": "p9", "name": "Lamp"}])
    api.ended(api.post("/v1/jobs/recompute", {"dry_run": True}))  # nothing is erased while the job runs
    api.get("/v1/contacts/export?contact_id=c2")
    api.client.delete("/v1/contacts?contact_id=c2", headers={"Authorization": f"Bearer {api.key}"})
    create_key(runtime.redis, "default", "another", ("read",), None, NOW)
    found = acts(api, limit=1000)
    new = found[: len(found) - before]

    assert [entry["act"] for entry in reversed(new)] == [
        *("policy.store", "policy.activate", "policy.activate", "rows.load", "job.recompute"),
        *("contact.export", "contact.erase", "key.create"),
    ]
    stored = new[-1]
    key_id = next(key.key_id for key in list_keys(runtime.redis, "default") if key.name == "test")
    assert {name: stored[name] for name in ("who", "name", "source", "request_id", "target")} == {
        "who": key_id,
        "name": "test",
        "source": "127.0.0.1",
        "request_id": "mine-1",
        "target": "mine",
    }
    assert stored["details"]["comment"] == "why"
    assert new[0]["who"].startswith("user ")  # at the command line
    assert '"c2"' not in str(new)


def test_what_only_reads_or_is_refused_is_no_act(api: Api, recommend: Any) -> None:
    recommend()
    before = acts(api)
    api.get("/v1/policies/recommended")
    api.post("/v1/policies/mine/preview", POLICY)
    api.client.put("/v1/policies/mine", json={"nam": 1}, headers={"Authorization": f"Bearer {api.key}"})
    api.post("/v1/multipliers/versions/none/activate")

    assert acts(api) == before


def test_it_pages_newest_first_and_keeps_the_newest_ten_thousand(runtime: Runtime, api: Api) -> None:
    for number in range(5):
        record_audit_entry(runtime.redis, "default", "test", str(number))
    pages, cursor = [], None
    for _ in range(3):
        page = api.get("/v1/audit", query_string={"limit": 2, **({"cursor": cursor} if cursor else {})}).json
        pages += [entry["target"] for entry in page["items"]]
        cursor = page["next_cursor"]
    key = TenantKeys("default").of("audit").decode()
    runtime.redis.zadd(key, {f"{number:017d}-0 {{}}": 0 for number in range(KEPT_AUDIT_ENTRIES + 50)})
    record_audit_entry(runtime.redis, "default", "test", "last")

    assert pages[:5] == ["4", "3", "2", "1", "0"]
    assert runtime.redis.zcard(key) == KEPT_AUDIT_ENTRIES
    assert acts(api, limit=1)[0]["target"] == "last"


def test_another_tenant_sees_only_its_own(runtime: Runtime, api: Api, store: Any) -> None:
    del store
    record_audit_entry(runtime.redis, "default", "secret")
    runtime.store("other", create=True)
    key = create_key(runtime.redis, "other", "", SCOPES, None, NOW)
    revoke_key(runtime.redis, "default", list_keys(runtime.redis, "default")[0].key_id, NOW)
    theirs = acts(Api(api.client, key), limit=1000)

    assert {entry["act"] for entry in theirs} == {"policy.store", "policy.activate", "key.create"}


def test_a_cursor_or_limit_that_is_none_is_refused(api: Api) -> None:
    for query in ("limit=0", "limit=1001", "limit=x", "limit=١", "cursor=(a", "cursor=+", "limit=" + "9" * 5000):
        assert api.get(f"/v1/audit?{query}").status_code == 422
