"""Simulated histories: weeks of pitches whose chances of a win are known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.events import EventType
from dog.core.records import OUTCOME, pair_keys
from dog.offline.history.pitches import Pitches, complete_weeks, in_order, settle_pitches, tabulate
from dog.offline.statistics.discrimination import Floats
from dog.services.runner import LocalRunner

IN_PROCESS = LocalRunner(None)  # type: ignore[arg-type]  # for tasks that read nothing
DAY_MS = 86_400_000
START_MS = 1_704_067_200_000
"""Monday 2024-01-01, midnight UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEvent:
    """A pitch or outcome; `pitch_id` is the pitch that an outcome settles, where reported."""

    contact: int
    product: int
    at_ms: int
    kind: EventType
    event_id: str
    pitch_id: str | None = None


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


def settle(events: Sequence[OutcomeEvent], as_of_ms: int, maturation_ms: int, *, complete: bool = False) -> Pitches:
    """Settle the pitches of all weeks, or of those that are complete alone."""
    seen = sorted(events, key=lambda event: (event.contact, event.product, event.at_ms, event.event_id))
    numbers = {event.event_id: number for number, event in enumerate(sorted(seen, key=lambda it: it.event_id), 1)}
    outcomes = np.zeros(len(seen), OUTCOME)
    outcomes["at"] = [event.at_ms for event in seen]
    outcomes["event"] = [numbers[event.event_id] for event in seen]
    outcomes["pitch"] = [numbers.get(event.pitch_id or "", 0) for event in seen]
    outcomes["type"] = [event.kind for event in seen]
    contact, product = (np.array([getattr(event, name) for event in seen]) for name in ("contact", "product"))
    starts = np.flatnonzero(np.diff(pair_keys(contact, product), prepend=np.uint64(2**64 - 1)))
    found, open_ms = settle_pitches(
        outcomes, starts, contact[starts], product[starts], as_of_ms=as_of_ms, maturation_ms=maturation_ms
    )
    return tabulate(in_order(complete_weeks(found, open_ms, as_of_ms) if complete else found), [""])
