"""What can happen to a recommendation: event types, triggers and attributes."""

from enum import IntEnum


class EventType(IntEnum):
    """What happened."""

    ACCEPT = 1
    DISCARD = 2
    RESTRUCTURE = 3
    PITCH = 4
    WIN = 5
    LOSS = 6
    CARRIED = 7  # no event: what the archived weeks of a pair come to

    __hash__ = int.__hash__  # an enum's own is written in Python, and asked for several times an event


class Trigger(IntEnum):
    """Why it happened, as far as the user said."""

    NONE = 0
    PERFORMANCE = 1
    MARKET = 2
    BUSINESS = 3
    DISCOMFORT = 4


class Attribute(IntEnum):
    """Which attribute of the option a discard or restructure is about."""

    NONE = 0
    ACCOUNT = 1
    CONTACT = 2
    PRODUCT = 3
    TIME = 4
    CHANNEL = 5
    RATIONALE = 6


ANSWERS = frozenset({EventType.ACCEPT, EventType.DISCARD})
VERDICTS = ANSWERS | {EventType.RESTRUCTURE}
OUTCOMES = frozenset({EventType.PITCH, EventType.WIN, EventType.LOSS})

EVENT_TYPES = {
    "pitch": EventType.PITCH,
    "win": EventType.WIN,
    "loss": EventType.LOSS,
    "accept": EventType.ACCEPT,
    "discard": EventType.DISCARD,
}
"""The events that rules may name."""
