"""What can happen to a recommendation, and how it is packed for arithmetic.

Two ledgers are kept for each contact, one record an event, always in the order of (occurred_at, event_id):
*outcomes* (pitch, win, loss), which act through the weekly job, and *verdicts* (accept, discard,
restructure), which act on the next recommendation.
"""

from enum import IntEnum

import numpy as np


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

NO_PRODUCT = 0xFFFFFFFF
"""The product of a discard that is about a whole account, contact, channel or time."""

OUTCOME = np.dtype(
    [
        ("at", ">u8"),  # occurred_at, milliseconds since 1970; big-endian, so that bytes sort as times do
        ("event", "<u8"),  # digest of the event's id
        ("pitch", "<u8"),  # digest of the pitch it says it settles, 0 where it names none
        ("product", "<u4"),  # dense number of the product
        ("score", "<f4"),  # calibrated consolidated score when pitched, NaN where not known
        ("type", "u1"),  # EventType
        ("spare", "u1", (3,)),
        ("arrival", "<u4"),  # running number of its arrival in the partition: the weekly job's frozen cut
    ]
)
"""One pitch, win or loss: 40 bytes."""

CARRIED = np.dtype(
    [
        ("at", ">u8"),  # 0: it stands before all else
        ("wins", "<u4"),
        ("losses", "<u4"),
        ("expected", "<f8"),  # scores at pitch time, summed over the pitches that carry one
        ("product", "<u4"),
        ("scored", "<u4"),
        ("type", "u1"),  # EventType.CARRIED
        ("spare", "u1", (3,)),
        ("arrival", "<u4"),  # 0: seen by every week
    ]
)
"""What the archived weeks of a contact-product pair come to, in the place of their outcomes: 40 bytes."""

VERDICT = np.dtype(
    [
        ("at", ">u8"),
        ("event", "<u8"),
        ("value", "<u8"),  # digest of the refused attribute's value, 0 where none
        ("substitute", "<u8"),  # digest of what replaced it (of a product: its number plus 1), 0 where none
        ("actor", "<u8"),  # digest of who said it, 0 where not known
        ("product", "<u4"),  # NO_PRODUCT where about no product
        ("type", "u1"),
        ("trigger", "u1"),
        ("attribute", "u1"),
        ("spare", "u1"),
    ]
)
"""One accept, discard or restructure: 48 bytes."""
