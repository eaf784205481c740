"""Simulated histories: weeks of pitches whose chances of a win are known."""

import numpy as np

from dog.core.events import EventType
from dog.offline.history.pitches import OutcomeEvent, Pitches, _settle, _tabulate
from dog.offline.statistics.discrimination import Floats

DAY_MS = 86_400_000
START_MS = 1_704_067_200_000
"""Monday 2024-01-01, midnight UTC."""


def simulate(chances: Floats, weeks: int, seed: int = 0, answer_days: float = 3.0) -> list[OutcomeEvent]:
    """Pitch every pair once a week; `chances` of a win has shape (contacts, products)."""
    chance = np.random.default_rng(seed)
    events = []
    for week in range(weeks):
        for contact, product in np.ndindex(*chances.shape):
            at_ms = START_MS + week * 7 * DAY_MS + int(chance.integers(0, 4 * DAY_MS))
            name = f"{week:03}-{contact:04}-{product:03}"
            kind = EventType.WIN if chance.random() < chances[contact, product] else EventType.LOSS
            events.append(
                OutcomeEvent(contact=contact, product=product, at_ms=at_ms, kind=EventType.PITCH, event_id=f"p{name}")
            )
            answered_ms = at_ms + round(answer_days * DAY_MS)
            events.append(
                OutcomeEvent(
                    contact=contact,
                    product=product,
                    at_ms=answered_ms,
                    kind=kind,
                    event_id=f"q{name}",
                    pitch_id=f"p{name}",
                )
            )
    return events


def settle_pitches(events: list[OutcomeEvent], as_of_ms: int, maturation_ms: int) -> Pitches:
    """Settle the pitches of all weeks, also of those that are not complete."""
    return _tabulate(_settle(events, as_of_ms, maturation_ms)[0])
