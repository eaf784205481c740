"""Events of a file that name a pitch which was refused in the same file are refused with it.

What names a pitch that was recorded before is not: one with another body of the same contact, or of an archived week.
Rows are read in order: an event that comes a whole chunk before its pitch is recorded before the pitch is refused.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from dog.errors import InvalidInput
from dog.storage.event_log import Event
from dog.storage.ids import clean_id

PITCH_REFUSED = "pitch_refused"


class RefusedPitches:
    """The ids of the events of one file that were refused so far."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def add(self, event_id: str | None) -> None:
        """Take note of an event that was refused."""
        if event_id is not None:
            self._ids.add(event_id)

    def dependents(self, events: Mapping[int, Event]) -> list[int]:
        """Return the places of the events that name one of them."""
        if not self._ids:
            return []
        return [place for place, event in events.items() if event.pitch_id is not None and event.pitch_id in self._ids]


def id_of(document: Any) -> str | None:
    """Return the id of an event as it was sent, of an unreadable row (`RowFault`) too; None without a valid one."""
    given = document.get("event_id") if isinstance(document, Mapping) else getattr(document, "event_id", None)
    with suppress(InvalidInput):
        return clean_id(given, "event_id")
    return None


def describe_refused_pitch(pitch_id: str, line: int | None = None) -> str:
    """Return why an event that names a refused pitch is refused."""
    place = "" if line is None else f" (line {line})"
    return f"its pitch '{pitch_id}'{place} was refused; fix the pitch and load both"
