"""What a verdict's reason does to the next list, through feedback and recommendation."""

from typing import Any

import numpy as np
import orjson
import pytest

from dog.core.records import OUTCOME
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.record_feedback import retract_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.runtime import Runtime
from dog.services.weekly.recount import recount
from dog.storage.sender import Sender
from dog.storage.store import Store
from tests.conftest import Clock

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
REP, ADMIN = Sender(key_id="rep"), Sender(key_id="admin", is_admin=True)
TEAM = Sender(key_id="crm", names_actors=True)
MARKET: dict[str, Any] = {"reason": {"trigger": "market"}}


@pytest.fixture
def tenant(runtime: Runtime, store: Store) -> None:
    """Load two accounts with three contacts, four products in two categories, two models."""
    contacts = [
        {"contact_id": "c1", "account_id": "a1", "segment": "gold", "channels": "call;email", "times": "am;pm"},
        {"contact_id": "c2", "account_id": "a1", "segment": "gold"},
        {"contact_id": "c3", "account_id": "a2", "segment": "iron"},
    ]
    products = [{"product_id": f"p{n}", "category": "office" if n < 3 else "home"} for n in (1, 2, 3, 4)]
    scores = [
        {"contact_id": c["contact_id"], "product_id": p["product_id"], "model": m, "score": s, "as_of": "2026-11-01"}
        for c in contacts
        for p in products
        for m, s in (("cf", 0.4), ("frequency", 0.1))
    ]
    for kind, rows in (("products", products), ("contacts", contacts), ("scores", scores)):
        import_rows(store, kind, rows, runtime.settings.zone)


class Desk:
    """A rep's desk: say something, look at the list."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self.runtime, self.clock, self.said = runtime, clock, 0

    def say(
        self, kind: str, product: str | None = "p1", contact: str = "c1", *, sender: Sender = REP, **more: Any
    ) -> Any:
        self.said += 1
        self.clock.now_ms += 1000
        at = f"2026-11-20T12:{self.said // 60:02}:{self.said % 60:02}Z"
        event = {"event_id": f"e{self.said}", "type": kind, "contact_id": contact, "occurred_at": at, **more}
        if product:
            event["product_id"] = product
        answer = answer_feedback(self.runtime, "default", [event], substitute=True, sender=sender)["results"][0]
        assert answer["status"] == "accepted", answer
        return answer

    def look(self, contact: str = "c1", **more: Any) -> dict[str, dict[str, Any]]:
        body = recommend(self.runtime, "default", ListRequest(contact, dry_run=True, explain="full", **more)).body
        return {item["product_id"]: item for item in orjson.loads(body)["items"]}

    def factor(self, name: str, product: str = "p1", contact: str = "c1", **more: Any) -> float:
        return float(self.look(contact, **more)[product]["factors"][name])


@pytest.fixture
def desk(runtime: Runtime, clock: Clock, tenant: None) -> Desk:
    return Desk(runtime, clock)


def discomfort(attribute: str, value: str | None = None) -> dict[str, Any]:
    reason = {"trigger": "discomfort", "attribute": attribute}
    return {"reason": {**reason, "attribute_value": value} if value else reason}


def test_a_discard_rests_the_pair_for_fourteen_days_then_lowers_it(desk: Desk, clock: Clock) -> None:
    desk.say("discard")
    resting = desk.look()
    clock.now_ms += 14 * DAY_MS
    lowered = desk.factor("streak")

    assert "p1" not in resting
    assert lowered == pytest.approx(0.5 ** ((1 - 2**-0.5) * 2 ** (-14 / 28)), rel=1e-6)


def test_an_accept_ends_the_rest_and_turns_the_run(desk: Desk) -> None:
    desk.say("discard")
    desk.say("accept")

    assert desk.factor("streak") > 1


def test_a_streak_fades_by_half_in_logarithms_every_28_days(desk: Desk, clock: Clock) -> None:
    desk.say("accept")
    fresh = desk.factor("streak")
    clock.now_ms += 28 * DAY_MS

    assert desk.factor("streak") == pytest.approx(fresh**0.5, rel=1e-6)


def test_business_discards_act_for_their_actor_from_the_third_on(desk: Desk) -> None:
    for _ in range(3):
        desk.say("discard", "p1", "c2", actor_id="rep", reason={"trigger": "business"})
    mine: dict[str, Any] = {"context": {"actor_id": "rep"}}
    others: dict[str, Any] = {"context": {"actor_id": "other"}}

    assert desk.factor("business", "p2", **mine) < 1
    assert desk.factor("business", "p3", **mine) == 1
    assert desk.factor("business", "p2", **others) == 1


def test_a_business_discard_of_an_admin_acts_for_all(desk: Desk) -> None:
    desk.say("discard", "p1", "c2", sender=ADMIN, reason={"trigger": "business"})

    assert desk.factor("business", "p2", "c3") < 1


@pytest.mark.parametrize("trigger", ["market", "business"])
def test_the_first_discard_rests_its_pair_and_lowers_nothing_else(desk: Desk, trigger: str) -> None:
    desk.say("discard", "p1", actor_id="rep", reason={"trigger": trigger})

    assert "p1" not in desk.look()
    assert desk.factor(trigger, "p2", context={"actor_id": "rep"}) == 1
    assert desk.factor(trigger, "p1", "c2") == 1


def test_market_discards_of_two_voters_act_in_their_segment_and_of_three_for_all(desk: Desk) -> None:
    for actor in ("r1", "r2", "r1"):
        desk.say("discard", "p1", "c2", sender=TEAM, actor_id=actor, **MARKET)
    in_segment, elsewhere = desk.factor("market", "p2", "c1"), desk.factor("market", "p2", "c3")
    desk.say("discard", "p2", "c3", sender=TEAM, actor_id="r3", **MARKET)

    assert in_segment == pytest.approx(0.5 ** (1 - 2**-0.5), rel=1e-4)
    assert elsewhere == 1
    assert desk.factor("market", "p1", "c3") == pytest.approx(0.5 ** (1 - 2**-0.5), rel=1e-4)


def test_verdicts_count_once_where_segment_and_tenant_both_act(desk: Desk) -> None:
    for actor in ("r1", "r2", "r3"):
        desk.say("discard", "p1", "c2", sender=TEAM, actor_id=actor, **MARKET)

    assert desk.factor("market", "p2", "c1") == pytest.approx(0.5 ** (1 - 2**-1), rel=1e-4)  # the segment's, stronger
    assert desk.factor("market", "p2", "c3") == pytest.approx(0.5 ** (1 - 2**-0.5), rel=1e-4)


def test_a_key_without_the_scope_actors_is_one_voter_whatever_actors_it_names(desk: Desk) -> None:
    for actor in ("r1", "r2", "r3"):
        desk.say("discard", "p1", "c2", actor_id=actor, **MARKET)

    assert desk.factor("market", "p2", "c1") == 1


def test_an_accept_takes_away_one_vote(desk: Desk) -> None:
    for actor in ("r1", "r2", "r3"):
        desk.say("discard", "p1", "c2", sender=TEAM, actor_id=actor, **MARKET)
    by_another = desk.say("accept", "p1", "c2", sender=TEAM, actor_id="r4", **MARKET)
    left = desk.factor("market", "p2", "c1")
    by_a_voter = desk.say("accept", "p1", "c2", sender=TEAM, actor_id="r1", **MARKET)

    assert [scope["votes"] for scope in by_another["effect"]["scopes"] if scope["scope"] == "segment"] == [2]
    assert left == pytest.approx(0.5 ** (1 - 2**-0.5), rel=1e-4)
    assert [scope["votes"] for scope in by_a_voter["effect"]["scopes"] if scope["scope"] == "segment"] == [1]
    assert desk.factor("market", "p2", "c1") == 1


def test_a_retracted_vote_stays_away_when_it_is_sent_again(desk: Desk, store: Store) -> None:
    sent = [
        {
            "event_id": f"m{n}",
            "type": "discard",
            "contact_id": "c2",
            "product_id": "p1",
            "occurred_at": "2026-11-20T11:00:00Z",
            "actor_id": f"r{n}",
            **MARKET,
        }
        for n in range(2)
    ]
    factors = []
    for step in ("send", "retract", "send"):
        if step == "send":
            answer_feedback(desk.runtime, "default", sent, substitute=False, sender=TEAM)
        else:
            assert all(retract_feedback(store, str(event["event_id"])) for event in sent)
        factors.append(desk.factor("market", "p2", "c1"))

    assert factors == [pytest.approx(0.816, abs=1e-3), 1, 1]
    assert recount(desk.runtime, "default") == []


def test_discomfort_with_an_account_rests_all_its_contacts(desk: Desk, clock: Clock) -> None:
    desk.say("discard", None, "c1", **discomfort("account"))
    notes = orjson.loads(recommend(desk.runtime, "default", ListRequest("c2", dry_run=True)).body)["notes"]

    assert desk.look("c2") == desk.look("c1") == {}
    assert "the account rests until 2026-12-04T12:00:01Z: it was discarded" in notes
    assert len(desk.look("c3")) == 4
    clock.now_ms += 14 * DAY_MS
    assert len(desk.look("c2")) == 4


def test_discomfort_with_a_contact_rests_it_alone_until_an_accept(desk: Desk) -> None:
    answer = desk.say("discard", "p1", "c1", **discomfort("contact"))

    assert desk.look("c1") == {}
    assert len(desk.look("c2")) == 4
    assert ("contact", "c1", 0.0) in [(s["scope"], s["key"], s["factor"]) for s in answer["effect"]["scopes"]]
    desk.say("accept", "p1", "c1", **discomfort("contact"))
    assert len(desk.look("c1")) == 4


@pytest.mark.parametrize(("attribute", "refused", "other"), [("channel", "call", "email"), ("time", "am", "pm")])
def test_a_refused_choice_gives_way_to_another_for_all_products(
    desk: Desk, attribute: str, refused: str, other: str
) -> None:
    before = desk.look()["p2"]
    answer = desk.say("discard", "p1", **discomfort(attribute, refused))
    after = desk.look()["p2"]

    assert (before["attributes"][attribute], after["attributes"][attribute]) == (refused, other)
    assert after["score"] == before["score"]
    assert "p1" not in desk.look()
    assert answer["substitute"]["attributes"][attribute] == other


def test_refused_rationales_act_on_the_model_behind_them(desk: Desk) -> None:
    before = desk.look()["p2"]["factors"]["models"]
    for _ in range(2):
        desk.say("discard", "p1", **discomfort("rationale"))
    after = desk.look()["p2"]["factors"]["models"]

    assert [model["multiplier"] for model in before.values()] == [1, 1]
    assert after["cf"]["multiplier"] < 1 == after["frequency"]["multiplier"]


def test_a_restructured_product_is_refused_and_its_substitute_lifted(desk: Desk) -> None:
    answer = desk.say("restructure", "p1", replace={"attribute": "product", "from": "p1", "to": "p3"})

    assert "p1" not in desk.look()
    assert desk.factor("streak", "p3") > 1
    assert answer["substitute"]["product_id"] == "p3"


def test_the_effect_told_is_the_effect_had(desk: Desk, clock: Clock) -> None:
    answer = desk.say("accept", "p2")
    factors = desk.look()["p2"]["factors"]
    together = factors["performance"]["multiplier"] * factors["streak"] * factors["clamp"]

    assert answer["effect"]["multiplier_before"] == 1
    assert answer["effect"]["multiplier_after"] == pytest.approx(together, rel=1e-6)


def test_a_pitch_carries_the_calibrated_score_of_its_time(desk: Desk, store: Store) -> None:
    score = desk.look()["p1"]["factors"]["consolidated"]
    desk.say("pitch", "p1")
    contact = store.tenant.contact("c1")
    packed = store.redis.get(store.tenant.partition(contact).contact("outcomes", contact))

    assert isinstance(packed, bytes)
    assert np.frombuffer(packed, OUTCOME)["score"][0] == pytest.approx(score, rel=1e-6)


def test_being_put_in_anothers_place_ends_a_rest(desk: Desk) -> None:
    desk.say("discard", "p3")
    desk.say("restructure", "p1", replace={"attribute": "product", "from": "p1", "to": "p3"})

    assert {"p1", "p3"} & set(desk.look()) == {"p3"}


def test_the_receipt_names_the_runs_behind_its_factors(desk: Desk) -> None:
    desk.say("accept", "p1")
    desk.say("accept", "p1")
    for _ in range(3):
        desk.say("discard", "p1", "c2", actor_id="rep", reason={"trigger": "market"})
    items = desk.look()

    assert items["p1"]["inputs"]["runs"] == {"pair": 2, "segment": -1, "tenant": -1}
    assert items["p3"]["inputs"]["runs"] == {}
