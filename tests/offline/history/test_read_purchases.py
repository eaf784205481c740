"""Purchases and wins are read as events of their contact, in a sample that is always the same."""

import numpy as np

from dog.offline.history.read_purchases import PurchaseEvents, read_purchases
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.storage.store import Store


def bought(contact: str, product: str, at: str, quantity: float = 1.0) -> dict[str, object]:
    return {"contact_id": contact, "product_id": product, "occurred_at": at, "quantity": quantity, "amount": 1.0}


def own(store: Store, events: PurchaseEvents, contact: str) -> list[int]:
    place = events.digests.index(store.tenant.contact(contact))
    return events.by_contact()[place].tolist()


def test_purchases_and_wins_are_one_history(runtime: Runtime, loaded: Store) -> None:
    rows = [bought("c1", "p2", "2026-11-02T10:00:00Z"), bought("c1", "p1", "2026-11-04T10:00:00Z")]
    import_rows(loaded, "transactions", rows, runtime.settings.zone)
    win = {"event_id": "1", "type": "win", "contact_id": "c1", "product_id": "p3"}
    record_feedback(loaded, [{**win, "occurred_at": "2026-11-03T10:00:00Z"}], runtime.clock())

    events = read_purchases(loaded)

    assert own(loaded, events, "c1") == [1, 2, 0]
    assert events.records[0]["segment"] == "gold"


def test_a_product_counts_once_at_its_last_purchase(runtime: Runtime, loaded: Store) -> None:
    days = [("p1", 2), ("p2", 3), ("p1", 4)]
    rows = [bought("c1", product, f"2026-11-0{day}T10:00:00Z") for product, day in days]
    import_rows(loaded, "transactions", rows, runtime.settings.zone)

    assert own(loaded, read_purchases(loaded), "c1") == [1, 0]


def test_returns_and_losses_are_no_events(runtime: Runtime, loaded: Store) -> None:
    rows = [bought("c1", "p1", "2026-11-02T10:00:00Z", quantity=-1.0)]
    import_rows(loaded, "transactions", rows, runtime.settings.zone)
    loss = {"event_id": "1", "type": "loss", "contact_id": "c2", "product_id": "p3"}
    record_feedback(loaded, [{**loss, "occurred_at": "2026-11-03T10:00:00Z"}], runtime.clock())

    assert len(read_purchases(loaded).product) == 0


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
