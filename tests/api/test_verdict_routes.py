"""Verdicts that act beyond one contact are listed with their votes, and lifted."""

from typing import Any

import pytest

from dog.services.runtime import Runtime
from dog.storage.api_keys import create_key
from dog.storage.store import Store
from tests.conftest import NOW, Api, event


@pytest.fixture
def team(api: Api, runtime: Runtime, loaded: Store) -> Api:
    """Return a client whose key may name actors."""
    del loaded
    return Api(api.client, create_key(runtime.redis, "default", "crm", ("recommend", "feedback", "actors"), None, NOW))


def discard(team: Api, number: int, actor: str, **more: str) -> dict[str, Any]:
    sent = event(f"e{number}", "discard", "p1", actor_id=actor, reason={"trigger": "market"}, **more)
    result: dict[str, Any] = team.post("/v1/feedback", {"events": [sent]}).json["results"][0]
    return result


def votes(result: dict[str, Any]) -> dict[str, int]:
    return {scope["scope"]: scope["votes"] for scope in result["effect"]["scopes"]}


def rows(api: Api, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/v1/verdicts{query}").json["items"]
    return found


def test_votes_are_listed_by_scope_with_voters_effect_and_what_they_touch(api: Api, team: Api) -> None:
    discard(team, 1, "ann")
    discard(team, 2, "ben")
    by_scope = {row["scope"]: row for row in rows(api)}
    segment = by_scope["segment"]

    assert set(by_scope) == {"segment", "tenant"}
    assert (segment["votes"], segment["needed"], segment["acts"], segment["direction"]) == (2, 2, True, "against")
    assert segment["factor"] == pytest.approx(0.8163, abs=1e-3)
    assert sorted(voter["voter"] for voter in segment["voters"]) == ["actor ann", "actor ben"]
    assert (segment["contacts"], segment["products"]) == (["c1"], ["p1"])
    assert segment["until"] > segment["last_at"]
    assert (by_scope["tenant"]["acts"], by_scope["tenant"]["factor"], by_scope["tenant"]["until"]) == (False, 1, None)
    assert [row["scope"] for row in rows(api, "?scope=tenant")] == ["tenant"]
    assert rows(api)[0]["scope"] == "segment"  # those that act come first


def test_a_lifted_verdict_acts_no_longer_and_later_votes_count_again(api: Api, team: Api, clock: Any) -> None:
    for number, actor in enumerate(("ann", "ben")):
        discard(team, number, actor)
    verdict_id = rows(api)[0]["id"]
    lifted = api.post(f"/v1/verdicts/{verdict_id}/lift")
    again = api.post(f"/v1/verdicts/{verdict_id}/lift")
    clock.now_ms += 60_000
    late = discard(team, 8, "dan")
    new = discard(team, 9, "cat", occurred_at="2026-11-20T12:00:30Z")

    assert lifted.json == {"id": verdict_id, "status": "lifted", "repeated": False}
    assert again.json["repeated"] is True
    assert votes(late) == {"pair": 1, "segment": 0, "tenant": 3}  # given before the lift
    assert votes(new) == {"pair": 1, "segment": 1, "tenant": 4}
    assert api.get("/v1/audit").json["items"][0]["act"] == "verdict.lift"


def test_pages_follow_the_cursor(api: Api, team: Api) -> None:
    discard(team, 1, "ann")
    first = api.get("/v1/verdicts?limit=1").json
    second = api.get(f"/v1/verdicts?limit=1&cursor={first['next_cursor']}").json

    assert {first["items"][0]["scope"], second["items"][0]["scope"]} == {"segment", "tenant"}
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/verdicts?scope=planet", 422), ("/v1/verdicts?cursor=none", 422), ("/v1/verdicts", 200)]
)
def test_bad_queries_are_refused(api: Api, path: str, status: int) -> None:
    assert api.get(path).status_code == status


def test_an_unknown_verdict_cannot_be_lifted(api: Api) -> None:
    answer = api.post("/v1/verdicts/segment-00/lift")

    assert (answer.status_code, answer.json["code"]) == (404, "unknown_verdict")
