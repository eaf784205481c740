"""What votes in a call cost more than other events, in units of the key's rate limit."""

from collections.abc import Mapping, Sequence
from typing import Any

from dog.services.feedback.answer_feedback import MAX_EFFECTS
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime

KNOWN_A_UNIT = 4_000
"""Votes that each process reads and counts in the time of a list: all of the tenant's, after every call with one."""
UNITS_AN_EFFECT = 1
"""The effect of a vote ranks its pair twice and counts the votes on its subject."""


def vote_units(runtime: Runtime, tenant: str, documents: Sequence[Any]) -> float:
    """Return the units that a call costs for its votes; 0 where it has none."""
    votes = sum(map(_may_vote, documents))
    if not votes:
        return 0.0
    snapshot = runtime.shared(Snapshots).cached(runtime.store(tenant))
    known = snapshot.cross_contact.given if snapshot else 0
    return known / KNOWN_A_UNIT + (votes * UNITS_AN_EFFECT if len(documents) <= MAX_EFFECTS else 0.0)


def _may_vote(document: Any) -> bool:
    reason = document.get("reason") if isinstance(document, Mapping) else None
    if not isinstance(reason, Mapping):
        return False
    return reason.get("trigger") in ("market", "business") or reason.get("attribute") == "account"
