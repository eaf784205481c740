"""One actor's power over a week: bounded for every pair, and seen where it is most of the week."""

from typing import Any

import pytest

from dog.core.iso_weeks import week_of
from dog.services.feedback.actor_shares import ActorShare, ActorShares, largest_shares
from dog.services.operations.doctor import run_doctor
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Api, Clock, event


def report(api: Api, actor: str | None, kind: str, count: int, product: str = "p1") -> None:
    more = {"actor_id": actor} if actor else {}
    events = [event(f"{actor}-{kind}-{n}", kind, product, f"c{n % 3 + 1}", **more) for n in range(count)]
    assert api.post("/v1/feedback", {"events": events}).json["accepted"] == count


def week_of_now(runtime: Runtime) -> int:
    return week_of(runtime.clock(), runtime.settings.zone)


@pytest.mark.parametrize("kind", ["win", "loss"])
def test_a_thousand_outcomes_of_one_actor_move_no_multiplier_further_than_a_step(
    runtime: Runtime, api: Api, recommend: Any, clock: Clock, kind: str
) -> None:
    del recommend
    report(api, "honest", "win", 30, "p2")
    report(api, "honest", "loss", 60, "p3")
    report(api, "greedy", kind, 1000)
    clock.set("2026-11-23T01:00:00")
    run_recompute(runtime, "default", force=True)
    multipliers = [item["multiplier"] for item in api.get("/v1/multipliers").json["items"]]

    assert len(multipliers) == 9
    assert all(1 / 1.25 - 1e-9 <= multiplier <= 1.25 + 1e-9 for multiplier in multipliers)


def test_who_reports_most_of_a_week_is_named_by_doctor_and_in_the_metrics(
    runtime: Runtime, api: Api, recommend: Any, store: Store
) -> None:
    del recommend
    report(api, "honest", "win", 40)
    before = run_doctor(runtime, "default")
    report(api, "greedy", "win", 160)
    runtime.shared(ActorShares).flush()
    found = largest_shares(store, week_of_now(runtime))
    after = {finding.about: finding for finding in run_doctor(runtime, "default")}["2026-W47 wins"]

    assert {finding.about: finding.ok for finding in before}.get("2026-W47 wins", True)
    assert [(share.kind, share.actor, share.count, share.total) for share in found] == [("win", "greedy", 160, 200)]
    assert not after.ok
    assert "greedy reported 160 of 200 (80%)" in after.says
    assert 'dog_largest_actor_share{tenant="default",type="win"} 0.8' in api.get("/metrics").text


def test_duplicates_and_pitches_give_nobody_a_share(runtime: Runtime, api: Api, recommend: Any, store: Store) -> None:
    del recommend
    report(api, "a", "win", 3)
    report(api, None, "loss", 2)
    api.post("/v1/feedback", {"events": [event("a-win-0", "win", actor_id="a"), event("x", "pitch", actor_id="a")]})
    runtime.shared(ActorShares).flush()
    found = {share.kind: share for share in largest_shares(store, week_of_now(runtime))}

    assert (found["win"].actor, found["win"].count, found["win"].total) == ("a", 3, 3)
    assert found["loss"].actor.startswith("key ")
    assert not found["win"].is_large  # there is nobody else


@pytest.mark.parametrize(
    ("count", "total", "actors", "large"),
    [(51, 100, 2, True), (50, 100, 2, False), (99, 99, 2, False), (100, 100, 1, False), (60, 99, 2, False)],
)
def test_a_share_is_large_above_half_of_at_least_a_hundred(count: int, total: int, actors: int, large: bool) -> None:
    share = ActorShare(kind="win", actor="a", count=count, total=total, actors=actors)

    assert share.is_large is large
