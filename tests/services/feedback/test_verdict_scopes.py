"""The answer to a verdict names where it acts, the votes so far and needed, the factor and the end."""

from typing import Any

import pytest

from dog.core.policy.policy_reader import read_policy
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.policies.policy_store import store_policy
from dog.services.runtime import Runtime
from dog.storage.sender import Sender
from dog.storage.store import Store

REP, TEAM, ADMIN = (
    Sender(key_id="rep"),
    Sender(key_id="crm", names_actors=True),
    Sender(key_id="boss", is_admin=True),
)
STRONG = pytest.approx(0.5 ** (1 - 2**-0.5), rel=1e-4)


@pytest.fixture(autouse=True)
def rows(runtime: Runtime, store: Store) -> None:
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": "p1", "category": "Cereal"}, {"product_id": "bare"}], zone)
    import_rows(
        store, "contacts", [{"contact_id": "c1", "account_id": "a1", "segment": "gold"}, {"contact_id": "c2"}], zone
    )
    scores = [
        {"contact_id": contact, "product_id": it, "model": "cf", "score": 0.5, "as_of": "2026-11-01"}
        for contact in ("c1", "c2")
        for it in ("p1", "bare")
    ]
    import_rows(store, "scores", scores, zone)


class Says:
    """Sends one verdict after the other."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.sent = runtime, 0

    def __call__(self, kind: str = "discard", sender: Sender = REP, **more: Any) -> dict[str, Any]:
        self.sent += 1
        known = {"contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-20T12:00:00Z", "actor_id": "ann"}
        event = {"event_id": f"e{self.sent}", "type": kind, **known, **more}
        result: dict[str, Any] = answer_feedback(self.runtime, "default", [event], substitute=False, sender=sender)
        answer: dict[str, Any] = result["results"][0]
        assert answer["status"] == "accepted", answer
        return answer


@pytest.fixture
def says(runtime: Runtime) -> Says:
    return Says(runtime)


def scopes(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    names = ("scope", "key", "votes", "needed", "factor", "until")
    return [tuple(scope[name] for name in names) for scope in answer["effect"]["scopes"]]


PAIR_RESTS = ("pair", "p1", 1, 1, 0.0, "2026-12-04T12:00:00.000Z")


def test_a_discard_without_a_reason_rests_the_pair(says: Says) -> None:
    answer = says()

    assert scopes(answer) == [PAIR_RESTS]
    assert (answer["effect"]["multiplier_before"], answer["effect"]["multiplier_after"]) == (1, 0)
    assert scopes(says("accept")) == [("pair", "p1", 1, 1, pytest.approx(1.0676, abs=1e-4), None)]


def test_market_verdicts_name_segment_and_tenant(says: Says) -> None:
    market: dict[str, Any] = {"sender": TEAM, "reason": {"trigger": "market"}}
    first, second = says(actor_id="ann", **market), says(actor_id="ben", **market)

    assert scopes(first)[1:] == [("segment", "Cereal/gold", 1, 2, 1, None), ("tenant", "Cereal", 1, 3, 1, None)]
    assert scopes(second)[1:] == [
        ("segment", "Cereal/gold", 2, 2, STRONG, "2027-03-12T12:00:00.000Z"),
        ("tenant", "Cereal", 2, 3, 1, None),
    ]


def test_business_verdicts_name_their_actor_and_an_admins_everybody(says: Says) -> None:
    business: dict[str, Any] = {"reason": {"trigger": "business"}}

    assert scopes(says(**business))[1:] == [("actor", "Cereal/ann", 1, 3, 1, None)]
    assert scopes(says(sender=ADMIN, **business))[1:] == [("admin", "Cereal", 1, 1, STRONG, "2027-11-15T12:00:00.000Z")]


@pytest.mark.parametrize(("attribute", "key"), [("contact", "c1"), ("account", "a1")])
def test_discomfort_with_contact_or_account_rests_it(says: Says, attribute: str, key: str) -> None:
    answer = says(reason={"trigger": "discomfort", "attribute": attribute})

    assert scopes(answer) == [PAIR_RESTS, (attribute, key, 1, 1, 0.0, "2026-12-04T12:00:00.000Z")]


def test_discomfort_with_a_model_or_a_channel_names_it(says: Says) -> None:
    about = {"trigger": "discomfort", "attribute": "rationale", "attribute_value": "cf"}
    channel = {"trigger": "discomfort", "attribute": "channel", "attribute_value": "call"}

    assert scopes(says(reason=about))[1:] == [("rationale", "cf", 1, 2, 1, None)]
    assert scopes(says(reason=about))[1:] == [("rationale", "cf", 2, 2, STRONG, None)]
    assert scopes(says(reason=channel))[1:] == [("channel", "call", 1, 1, STRONG, None)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"occurred_at": "2026-10-30T12:00:00Z"}, "rest_over"),
        ({"product_id": "bare", "reason": {"trigger": "market"}}, "no_category"),
        ({"actor_id": None, "reason": {"trigger": "business"}}, "no_actor"),
        ({"contact_id": "c2", "reason": {"trigger": "discomfort", "attribute": "account"}}, "no_account"),
        ({"reason": {"trigger": "market"}}, None),
    ],
)
def test_a_verdict_that_does_less_than_it_seems_says_so(says: Says, fields: dict[str, Any], code: str | None) -> None:
    answer = says(**fields)

    assert answer.get("warning", {}).get("code") == code


@pytest.mark.parametrize(("until", "factor", "ends"), [("2026-11-19", 1, None), ("2026-12-31", STRONG, "2027-01-01")])
def test_business_needs_end_with_the_policys_last_day(
    says: Says, store: Store, until: str, factor: Any, ends: str | None
) -> None:
    policy = read_policy({"name": "recommended", "triggers": {"business": {"until": until}}})
    store_policy(store, policy, "me", "", 0, activate=True)
    admin = scopes(says(sender=ADMIN, reason={"trigger": "business"}))[1]

    assert admin[:5] == ("admin", "Cereal", 1, 1, factor)
    assert admin[5] == (ends and f"{ends}T00:00:00.000Z")


def test_accepts_are_no_votes_for_the_rest_of_their_pair(says: Says) -> None:
    says("accept", occurred_at="2026-11-20T11:00:00Z")
    says("accept", occurred_at="2026-11-20T11:00:00Z")

    assert scopes(says(reason={"trigger": "market"}))[0] == PAIR_RESTS


def test_pitches_wins_and_losses_have_no_scopes(says: Says) -> None:
    assert scopes(says("pitch")) == []
