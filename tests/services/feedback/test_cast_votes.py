from typing import Any

import pytest

from dog.core.events import Attribute, EventType, Trigger
from dog.core.verdicts.cross_contact import VoteKind
from dog.services.data.import_rows import import_rows
from dog.services.feedback.cast_votes import cast_votes
from dog.services.runtime import Runtime
from dog.storage.event_log import Event
from dog.storage.sender import Sender
from dog.storage.store import Store

REP, ADMIN = Sender(key_id="rep"), Sender(key_id="boss", is_admin=True)


@pytest.fixture
def rows(runtime: Runtime, store: Store) -> None:
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": "p1", "category": "office"}, {"product_id": "p2"}], zone)
    import_rows(store, "contacts", [{"contact_id": "c1", "account_id": "a1", "segment": "gold"}], zone)


def vote_of(store: Store, sender: Sender, **fields: Any) -> tuple[int, str, str, str] | None:
    known: dict[str, Any] = {"contact_id": "c1", "product_id": "p1", "type": EventType.DISCARD, "actor_id": "ann"}
    event = Event(event_id="e", occurred_at_ms=1, **{**known, **fields})
    return cast_votes(store, [event], sender)[0].vote


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("sender", "fields", "vote"),
    [
        (REP, {"trigger": Trigger.MARKET}, (VoteKind.MARKET, "office", "gold", "key rep")),
        (REP, {"trigger": Trigger.MARKET, "contact_id": "c9"}, (VoteKind.MARKET, "office", "", "key rep")),
        (REP, {"trigger": Trigger.MARKET, "product_id": "p2"}, None),
        (REP, {"trigger": Trigger.BUSINESS}, (VoteKind.ACTOR, "office", "ann", "ann")),
        (REP, {"trigger": Trigger.BUSINESS, "actor_id": None}, None),
        (ADMIN, {"trigger": Trigger.BUSINESS}, (VoteKind.ADMIN, "office", "", "key boss")),
        (REP, {"trigger": Trigger.PERFORMANCE}, None),
        (REP, {"trigger": Trigger.MARKET, "type": EventType.WIN}, None),
        (
            REP,
            {"trigger": Trigger.DISCOMFORT, "attribute": Attribute.ACCOUNT, "product_id": None},
            (VoteKind.ACCOUNT, "a1", "", "key rep"),
        ),
        (REP, {"trigger": Trigger.DISCOMFORT, "attribute": Attribute.ACCOUNT, "contact_id": "c9"}, None),
    ],
)
def test_a_verdict_votes_on_what_its_reason_is_about(
    store: Store, sender: Sender, fields: dict[str, Any], vote: tuple[int, str, str, str] | None
) -> None:
    assert vote_of(store, sender, **fields) == vote
