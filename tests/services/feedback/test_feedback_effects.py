"""The effect that the answer to feedback states is what the next list shows."""

from typing import Any

import orjson
import pytest

from dog.core.policy.policy_reader import read_policy
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.policies.policy_store import store_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.sender import Sender
from dog.storage.store import Store
from tests.conftest import Clock

TEAM = Sender(key_id="crm", names_actors=True)
PAIR = {"contact_id": "c1", "product_id": "p1"}
REASONS: dict[str, dict[str, Any]] = {
    "performance": {"trigger": "performance"},
    "market": {"trigger": "market"},
    "business": {"trigger": "business"},
    "rationale": {"trigger": "discomfort", "attribute": "rationale", "attribute_value": "cf"},
}
TARGETS = ("consolidated", "cf", "frequency")
CASES = [(trigger, target) for trigger in REASONS for target in TARGETS] + [("rationale", "model")]


class Rep:
    """One who asks for lists and sends verdicts."""

    def __init__(self, runtime: Runtime, store: Store, clock: Clock) -> None:
        self.runtime, self.store, self.clock, self.sent = runtime, store, clock, 0
        rows: dict[str, list[dict[str, Any]]] = {
            "products": [{"product_id": f"p{n}", "category": "office"} for n in (1, 2, 3)],
            "contacts": [{"contact_id": "c1", "account_id": "a1", "segment": "gold"}],
            "scores": [
                {"contact_id": "c1", "product_id": f"p{n}", "model": model, "score": score / n, "as_of": "2026-11-01"}
                for n in (1, 2, 3)
                for model, score in (("cf", 0.4), ("frequency", 0.2))
            ],
        }
        for kind, of_kind in rows.items():
            import_rows(store, kind, of_kind, runtime.settings.zone)

    def publish(self, name: str = "recommended", **tables: Any) -> None:
        models = {"cf": {"weight": 0.6}, "frequency": {"weight": 0.4}}
        policy = read_policy({"name": name, "models": models, **tables})
        store_policy(self.store, policy, "me", "", self.clock(), activate=True)

    def send(self, kind: str, **more: Any) -> dict[str, float]:
        self.sent += 1
        at = f"2026-11-20T12:00:{self.sent:02}Z"
        event = {"event_id": f"e{self.sent}", "type": kind, **PAIR, "occurred_at": at, "actor_id": "rep", **more}
        answer = answer_feedback(self.runtime, "default", [event], substitute=False, sender=TEAM)["results"][0]
        effect: dict[str, float] = answer["effect"]
        return effect

    def listed(self, **more: Any) -> float:
        """Return the multiplier that the next list shows for the pair."""
        request = ListRequest("c1", dry_run=True, explain="full", context={"actor_id": "rep"}, **more)
        items = orjson.loads(recommend(self.runtime, "default", request).body)["items"]
        return float(next(item for item in items if item["product_id"] == "p1")["inputs"]["effective_multiplier"])

    def win(self, count: int) -> None:
        """Win pitches in the week before, so that the pair's performance multiplier is above 1, and publish it."""
        events = [
            {"event_id": f"{kind}{n}", "type": kind, **PAIR, "occurred_at": f"2026-11-10T12:{n:02}:{second:02}Z"}
            for n in range(count)
            for kind, second in (("pitch", 0), ("win", 30))
        ]
        answer_feedback(self.runtime, "default", events, substitute=False, sender=TEAM)
        run_recompute(self.runtime, "default", force=True)


@pytest.fixture
def rep(runtime: Runtime, store: Store, clock: Clock) -> Rep:
    return Rep(runtime, store, clock)


@pytest.mark.parametrize(("trigger", "target"), CASES)
def test_the_stated_effect_is_what_the_next_list_shows(rep: Rep, trigger: str, target: str) -> None:
    rep.publish(triggers={trigger: {"apply_to": target}})
    rep.win(5)
    for n in range(3):  # the wider scopes act from the third vote on
        before = rep.listed()
        effect = rep.send("accept", reason=REASONS[trigger], **({"actor_id": f"rep{n}"} if trigger == "market" else {}))

        assert effect["multiplier_before"] == pytest.approx(before, rel=1e-12)
        assert effect["multiplier_after"] == pytest.approx(rep.listed(), rel=1e-12)
    assert effect["multiplier_after"] > effect["multiplier_before"]


def test_ranks_fused_from_all_products_state_the_effect_that_the_list_shows(rep: Rep) -> None:
    rep.publish(consolidation={"method": "rrf"}, triggers={"market": {"apply_to": "cf"}})
    for n in range(3):
        effect = rep.send("accept", reason=REASONS["market"], actor_id=f"rep{n}")

    assert effect["multiplier_after"] == pytest.approx(rep.listed(), rel=1e-12)


def test_the_effect_is_that_of_the_policy_whose_decision_the_event_names(rep: Rep) -> None:
    rep.publish()
    rep.publish("careful", reinforcement={"streak": {"accept": 1.05}})
    request = ListRequest("c1", policy="careful", decision_id="d1")
    recommend(rep.runtime, "default", request)

    careful = rep.send("accept", decision_id="d1")

    assert careful["multiplier_after"] == pytest.approx(rep.listed(policy="careful"), rel=1e-12)
    assert careful["multiplier_after"] < rep.listed()


def test_business_verdicts_have_no_effect_after_their_last_day(rep: Rep) -> None:
    rep.publish(triggers={"business": {"until": "2026-11-19"}})
    for _ in range(3):
        effect = rep.send("accept", reason=REASONS["business"])

    assert effect["multiplier_before"] == effect["multiplier_after"] == pytest.approx(rep.listed(), rel=1e-12)


def test_a_pair_without_any_score_still_has_an_effect(rep: Rep) -> None:
    rep.publish()
    import_rows(rep.store, "products", [{"product_id": "p9", "category": "office"}], rep.runtime.settings.zone)

    effect = rep.send("accept", product_id="p9")

    assert effect["multiplier_after"] > effect["multiplier_before"] == 1


def test_scores_too_old_for_the_list_have_no_part_in_the_effect(rep: Rep) -> None:
    models = {"cf": {"weight": 0.6, "max_age_days": 10}, "frequency": {"weight": 0.4}}
    rep.publish(models=models, triggers={"market": {"apply_to": "frequency"}})
    for n in range(3):
        effect = rep.send("accept", reason=REASONS["market"], actor_id=f"rep{n}")

    assert effect["multiplier_after"] == pytest.approx(rep.listed(), rel=1e-12)
