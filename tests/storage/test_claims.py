from dog.core.events import EventType
from dog.storage.claims import claim_ids, release_ids
from dog.storage.event_log import Event
from dog.storage.store import Store

WEEK = 2960


def pitch(event_id: str, product_id: str = "p1", contact_id: str = "c1") -> Event:
    return Event(
        event_id=event_id, type=EventType.PITCH, contact_id=contact_id, product_id=product_id, occurred_at_ms=1
    )


def claim(store: Store, *events: Event) -> list[int]:
    return claim_ids(store, events, [WEEK] * len(events)).answers


def test_an_id_belongs_to_the_body_that_came_first(store: Store) -> None:
    assert claim(store, pitch("e1"), pitch("e2")) == [1, 1]
    assert claim(store, pitch("e2"), pitch("e1", "p2"), pitch("e3")) == [0, -1, 1]


def test_two_bodies_with_one_id_in_one_call_are_a_conflict(store: Store) -> None:
    assert claim(store, pitch("e1"), pitch("e1", "p2")) == [1, -1]


def test_a_released_id_can_be_claimed_again(store: Store) -> None:
    claim(store, pitch("e1"))
    release_ids(store, [pitch("e1")])

    assert claim(store, pitch("e1", "p2")) == [1]


def test_the_contacts_of_the_events_come_with_their_digests(store: Store) -> None:
    claims = claim_ids(store, [pitch("e1", contact_id="c1"), pitch("e2", contact_id="c2")], [WEEK, WEEK])

    assert claims.contacts == {contact: store.tenant.contact(contact) for contact in ("c1", "c2")}
    assert claims.erased == set()
