"""A tenant whose pitches carry scores that know nothing: what wins depends on the kind of contact, or on nothing."""

from datetime import UTC, datetime, timedelta

import numpy as np

from dog.core.events import EventType
from dog.core.records import OUTCOME
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.storage.store import Store

FIRST = datetime(2026, 8, 31, 8, 0, tzinfo=UTC)
CONTACTS, WEEKS = 84, 6
PRODUCTS = {"bread": 3, "wine": 3}
SCORE = 0.2


def fill_cases(runtime: Runtime, store: Store, *, alike: bool) -> None:
    """Pitch each contact a product of each category a week; a score of 0.2 was recorded with each pitch.

    Where contacts are `alike`, those of a segment win 36 % of one category and 4 % of the other; else all win 20 %.
    """
    chance, zone = np.random.default_rng(0), runtime.settings.zone
    products = [
        {"product_id": f"{category}{n}", "name": f"{category} {n}", "category": category}
        for category, count in PRODUCTS.items()
        for n in range(count)
    ]
    segments = [list(PRODUCTS)[n % 2] for n in range(CONTACTS)]
    import_rows(store, "products", products, zone)
    contacts = [{"contact_id": f"k{n}", "segment": f"likes {name}"} for n, name in enumerate(segments)]
    import_rows(store, "contacts", contacts, zone)
    events = []
    for week in range(WEEKS):
        at = FIRST + timedelta(weeks=week)
        for contact, liked in enumerate(segments):
            for category, count in PRODUCTS.items():
                rate = (0.36 if category == liked else 0.04) if alike else 0.2
                name = f"{week}-{contact}-{category}"
                pair = {"contact_id": f"k{contact}", "product_id": f"{category}{chance.integers(count)}"}
                kind = "win" if chance.random() < rate else "loss"
                later = (at + timedelta(days=1)).isoformat()
                events.append({"event_id": f"p{name}", "type": "pitch", "occurred_at": at.isoformat(), **pair})
                events.append({"event_id": f"o{name}", "type": kind, "occurred_at": later, **pair})
    for start in range(0, len(events), 500):
        record_feedback(store, events[start : start + 500], runtime.clock())
    for contact in range(CONTACTS):
        _write_scores(store, f"k{contact}")


def _write_scores(store: Store, contact_id: str) -> None:
    """Write the score of each pitch of a contact, as a decision would have."""
    digest = store.tenant.contact(contact_id)
    (key,) = store.tenant.partition(digest).of_contact(digest, "outcomes")
    rows = np.frombuffer(bytearray(store.execute("GET", key)), OUTCOME)
    rows["score"][rows["type"] == EventType.PITCH] = SCORE
    store.execute("SET", key, rows.tobytes())
