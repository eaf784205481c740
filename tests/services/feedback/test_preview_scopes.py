import random
from typing import Any

import pytest

from dog.core.events import Attribute, Trigger
from dog.core.iso_weeks import DAY_MS, iso_time
from dog.core.policy.policy import DEFAULT_POLICY
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.preview_scopes import BeforeDiscard, ScopePreview
from dog.services.lists.read_contact import read_contact
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.sender import Sender
from dog.storage.store import Store
from tests.conftest import Clock

REASONS: list[dict[str, str]] = [
    {"trigger": "market"},
    {"trigger": "business"},
    {"trigger": "discomfort", "attribute": "account"},
    {"trigger": "discomfort", "attribute": "rationale", "attribute_value": "cf"},
]
REPS = [Sender(key_id=f"key{number}") for number in range(4)]
ADMIN = Sender(key_id="admin", is_admin=True)


@pytest.fixture(autouse=True)
def rows(runtime: Runtime, store: Store) -> None:
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": "p1", "category": "Cereal"}, {"product_id": "p2"}], zone)
    contacts = [
        {"contact_id": "c1", "account_id": "a1", "segment": "gold"},
        {"contact_id": "c2", "account_id": "a1", "segment": "iron"},
        {"contact_id": "c3"},
    ]
    import_rows(store, "contacts", contacts, zone)


def preview(
    runtime: Runtime, store: Store, contact_id: str, reason: dict[str, str], sender: Sender, product_id: str = "p1"
) -> list[ScopePreview]:
    snapshot = runtime.shared(Snapshots).current(store)
    before = BeforeDiscard(
        snapshot=snapshot,
        contact=read_contact(store, snapshot, contact_id, DEFAULT_POLICY)[1],
        tenant=store.tenant,
        sender=sender,
        actor_id=sender.key_id,
        now_ms=runtime.clock(),
    )
    trigger = Trigger[reason["trigger"].upper()]
    attribute = Attribute[reason.get("attribute", "none").upper()]
    return before.scopes(trigger, attribute, product_id, "cf")


def send(runtime: Runtime, contact_id: str, reason: dict[str, str], sender: Sender, **more: Any) -> list[Any]:
    event = {
        "event_id": f"{contact_id}-{runtime.clock()}-{sender.key_id}",
        "type": "discard",
        "contact_id": contact_id,
        "product_id": "p1",
        "occurred_at": iso_time(runtime.clock()),
        "actor_id": sender.key_id,
        "reason": reason,
        **more,
    }
    answer = answer_feedback(runtime, "default", [event], substitute=False, sender=sender)["results"][0]
    assert answer["status"] == "accepted"
    found: list[Any] = answer["effect"]["scopes"]
    return found


@pytest.mark.parametrize("seed", range(3))
def test_a_discard_comes_to_what_was_previewed(runtime: Runtime, store: Store, clock: Clock, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(25):
        clock.now_ms += draw.choice([1000, 1000, 5 * DAY_MS, 60 * DAY_MS])
        contact_id, reason = draw.choice(["c1", "c2", "c3"]), draw.choice(REASONS)
        sender = draw.choice([*REPS, ADMIN])
        if draw.random() < 0.3:
            send(runtime, contact_id, reason, sender, type="accept")
            continue
        expected = preview(runtime, store, contact_id, reason, sender)
        scopes = {scope["scope"]: scope for scope in send(runtime, contact_id, reason, sender)}

        for scope in expected:
            assert (abs(scope.votes), scope.needed) == (scopes[scope.scope]["votes"], scopes[scope.scope]["needed"])
            if scope.scope != "rationale":
                assert (scope.missing == 0) == (scopes[scope.scope]["until"] is not None) or scope.votes < 0


def test_a_second_discard_of_the_same_voter_adds_no_vote(runtime: Runtime, store: Store, clock: Clock) -> None:
    first = preview(runtime, store, "c1", {"trigger": "market"}, REPS[0])
    send(runtime, "c1", {"trigger": "market"}, REPS[0])
    again = preview(runtime, store, "c1", {"trigger": "market"}, REPS[0])
    other = preview(runtime, store, "c1", {"trigger": "market"}, REPS[1])

    assert [(it.scope, it.votes, it.needed, it.adds) for it in first] == [
        ("segment", 1, 2, True),
        ("tenant", 1, 3, True),
    ]
    assert [(it.votes, it.adds) for it in again] == [(1, False), (1, False)]
    assert [(it.votes, it.missing) for it in other] == [(2, 0), (2, 1)]


def test_a_reason_has_no_scope_without_category_or_account(runtime: Runtime, store: Store) -> None:
    market = preview(runtime, store, "c1", {"trigger": "market"}, REPS[0], product_id="p2")
    account = preview(runtime, store, "c3", {"trigger": "discomfort", "attribute": "account"}, REPS[0])

    assert (market, account) == ([], [])


def test_a_business_need_is_an_actors_own_unless_an_admin_sends_it(runtime: Runtime, store: Store) -> None:
    own = preview(runtime, store, "c1", {"trigger": "business"}, REPS[0])
    wide = preview(runtime, store, "c1", {"trigger": "business"}, ADMIN)

    assert [(it.scope, it.within, it.missing) for it in own] == [("actor", "key0", 2)]
    assert [(it.scope, it.within, it.missing) for it in wide] == [("admin", "", 0)]
