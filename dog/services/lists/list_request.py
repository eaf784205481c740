"""A validated request for a ranked list."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

MAX_K = 1000
MAX_CANDIDATES = 10_000
MAX_NAMES = 64
"""Most names of a context, and of a candidate's scores."""
MAX_NAME_CHARACTERS = 64
MAX_RECENT_EVENTS = 50
RECENT_EVENT_TYPES = ("purchase", "win", "loss", "pitch", "accept", "discard")
EXPLANATIONS = ("none", "brief", "full")


@dataclass(frozen=True, slots=True)
class RecentEvent:
    """An event that a request tells of: its type, its product, and when, milliseconds since 1970; None: now."""

    type: str
    product_id: str
    occurred_at_ms: int | None = None


@dataclass(slots=True)  # not frozen: each would take 15,000 instructions more to make
class ListRequest:
    """What a list is asked for, as `POST /v1/recommendations` has it; the schema of the body makes it.

    Parameters
    ----------
    candidates
        `product_id` and `scores` of each option; None: the products with stored scores.
    exclude
        Ids of products that the list must not have.
    explain
        One of `EXPLANATIONS`.
    contact
        Attributes of a contact that was never loaded; of a loaded one they fill what its record lacks. None: not given.
    events
        What the contact just did, in any order; used for this list alone.
    dry_run
        Whether to store nothing and count no lap.
    decision_id
        The client's own id of the decision, None for a generated one.

    """

    contact_id: str
    _: KW_ONLY
    k: int = 10
    policy: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    candidates: Sequence[Mapping[str, Any]] | None = None
    exclude: Sequence[str] = ()
    explain: str = "brief"
    dry_run: bool = False
    decision_id: str | None = None
    contact: Mapping[str, Any] | None = None
    events: Sequence[RecentEvent] = ()
