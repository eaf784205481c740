"""The records of a split back-fill: claims, by the partition of their id, and events, by that of their contact.

The fixed fields of an event and its text (log entry and contact's id, one after the other) are in two files.
"""

import numpy as np

from dog.storage.claims import CLAIM

NO_NAME = 0xFFFFFFFF
"""Place of a product that an event does not name."""
CLOSED, ERASED, UNKNOWN = 1, 2, 4
"""Flags: the week is archived, the contact erased, a name unknown where the tenant holds such events back."""

CLAIMED = np.dtype(
    [
        *((name, CLAIM[name]) for name in CLAIM.names or ()),
        ("row", "<i8"),
        ("event", "<u8"),  # digest of its id, as in ledgers
        ("pitch", "<u8"),  # digest of the pitch that it names, 0 where none
        ("product", "<u4"),  # place in the names of the file, as the next
        ("replacement", "<u4"),
        ("flags", "u1"),
    ]
)
"""What is known of an event's claim: it begins as `CLAIM` does."""
EVENT = np.dtype(
    [
        ("row", "<i8"),
        ("at", "<i8"),
        ("event", "<u8"),
        ("pitch", "<u8"),
        ("product", "<u4"),
        ("type", "u1"),
        ("contact", "V16"),
        ("entry_bytes", "<u4"),
        ("contact_bytes", "<u4"),
    ]
)
