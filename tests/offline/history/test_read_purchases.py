import numpy as np
import pytest

from dog.offline.history.read_purchases import PurchaseEvents, read_purchases
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import event


@pytest.fixture
def purchases(runtime: Runtime, loaded: Store) -> Store:
    rows = [
        {"contact_id": "c1", "product_id": "p1", "occurred_at": "2026-10-01T00:00:00Z", "quantity": 1, "amount": 2},
        {"contact_id": "c1", "product_id": "p2", "occurred_at": "2026-10-02T00:00:00Z", "quantity": -1, "amount": 2},
        {"contact_id": "c2", "product_id": "p3", "occurred_at": "2026-10-03T00:00:00Z", "quantity": 2, "amount": 2},
    ]
    import_rows(loaded, "transactions", rows, runtime.settings.zone)
    record_feedback(loaded, [event("w1", "win", "p4"), event("l1", "loss", "p1", "c3")], runtime.clock())
    return loaded


def test_purchases_and_wins_are_events_and_returns_and_losses_are_not(purchases: Store) -> None:
    found = read_purchases(purchases, 100)

    owners = [str(record["contact_id"]) for record in found.records]
    pairs = {(owners[contact], product) for contact, product in zip(found.contact, found.product.tolist(), strict=True)}
    assert pairs == {("c1", 0), ("c1", 3), ("c2", 2)}


def test_the_attributes_of_the_contacts_come_along(purchases: Store) -> None:
    segments = {record["contact_id"]: record["segment"] for record in read_purchases(purchases, 100).records}

    assert segments == {"c1": "gold", "c2": "gold"}


def test_reading_stops_where_there_are_enough_contacts(purchases: Store) -> None:
    assert len(read_purchases(purchases, 1).records) == 1


def test_events_before_an_instant_leave_out_the_later_ones(purchases: Store) -> None:
    found = read_purchases(purchases, 100)

    assert len(found.before(int(found.at_ms.max())).product) == 2


def bought(contact: str, product: str, at: str, quantity: float = 1.0) -> dict[str, object]:
    return {"contact_id": contact, "product_id": product, "occurred_at": at, "quantity": quantity, "amount": 1.0}


def own(store: Store, events: PurchaseEvents, contact: str) -> list[int]:
    place = events.digests.index(store.tenant.contact(contact))
    return events.by_contact()[place].tolist()


def test_a_product_counts_once_at_its_last_purchase(runtime: Runtime, loaded: Store) -> None:
    days = [("p1", 2), ("p2", 3), ("p1", 4)]
    rows = [bought("c1", product, f"2026-11-0{day}T10:00:00Z") for product, day in days]
    import_rows(loaded, "transactions", rows, runtime.settings.zone)

    assert own(loaded, read_purchases(loaded), "c1") == [1, 0]


def test_reading_ends_when_there_are_enough_contacts(runtime: Runtime, loaded: Store) -> None:
    rows = [bought(f"x{n}", "p1", "2026-11-02T10:00:00Z") for n in range(300)]
    import_rows(loaded, "transactions", rows, runtime.settings.zone)

    some, more, all_of_them = (read_purchases(loaded, most) for most in (50, 100, None))

    assert 50 <= len(some.records) < len(more.records) < len(all_of_them.records) == 300
    assert more.digests[: len(some.digests)] == some.digests


def test_the_fingerprint_changes_with_the_events(runtime: Runtime, loaded: Store) -> None:
    import_rows(loaded, "transactions", [bought("c1", "p1", "2026-11-02T10:00:00Z")], runtime.settings.zone)
    first, again = read_purchases(loaded), read_purchases(loaded)
    import_rows(loaded, "transactions", [bought("c2", "p1", "2026-11-02T10:00:00Z")], runtime.settings.zone)

    assert first.fingerprint == again.fingerprint != read_purchases(loaded).fingerprint
    assert np.array_equal(read_purchases(loaded).before(first.at_ms.max()).product, [])
