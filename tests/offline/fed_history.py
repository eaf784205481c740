"""A history that came as feedback: answers named and not named, verdicts, a retraction."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from dog.offline.history.read_history import History
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.storage.store import Store

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
PRODUCTS = ("p0", "p1", "p2")


def event(name: str, kind: str, hours: float, contact: str, product: str, **more: Any) -> dict[str, Any]:
    at = START + timedelta(hours=hours)
    about = {"contact_id": contact, "product_id": product, "occurred_at": at.isoformat()}
    return {"event_id": name, "type": kind, **about, **more}


def fill(store: Store, now_ms: int) -> None:
    """Pitch with answers named and not named, verdicts on pair and account, a retraction."""
    chance, events = np.random.default_rng(4), list[dict[str, Any]]()
    for number in range(60):
        contact, product, hours = f"c{number % 12}", PRODUCTS[number % 3], float(chance.integers(0, 24 * 9))
        events.append(event(f"a{number}", "pitch", hours, contact, product))
        named = {"pitch_id": f"a{number}"} if number % 2 else {}
        kind = "win" if chance.random() < 0.3 else "loss"
        events.append(event(f"b{number}", kind, hours + 30, contact, product, **named))
        if number % 4 == 0:
            events.append(event(f"v{number}", "discard", hours + 1, contact, product))
        if number % 9 == 0:
            reason = {"trigger": "discomfort", "attribute": "account"}
            events.append(event(f"w{number}", "discard", hours + 2, contact, product, reason=reason))
    record_feedback(store, events, now_ms)
    assert retract_feedback(store, "a3")


def told(history: History) -> list[tuple[Any, ...]]:
    """Return each pitch with what its numbers stand for."""
    pitches, streaks = history.pitches, history.streaks
    rows = zip(
        [history.contact_ids[number] for number in pitches.contact.tolist()],
        [history.product_ids[number] for number in pitches.product.tolist()],
        *(column.tolist() for column in (pitches.at_ms, pitches.settled_ms, pitches.won, pitches.variant)),
        *(column.tolist() for column in (streaks.length, streaks.days)),
        strict=True,
    )
    return sorted(rows)
