"""What is done with events before they are recorded: filled from their decisions, their names checked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from dog.services.feedback.fill_from_decision import FilledDocuments, fill_from_decisions
from dog.services.feedback.named_decisions import NamedDecisions
from dog.services.feedback.record_feedback import EventResult
from dog.services.feedback.screen_names import NameScreen
from dog.services.runtime import Runtime
from dog.storage.event_log import Event, Status
from dog.storage.sender import Sender
from dog.storage.store import Store


@dataclass(frozen=True, slots=True)
class FeedbackIntake:
    """The documents of a call as they are recorded, and the screen that they pass."""

    filled: FilledDocuments
    names: NameScreen
    decisions: NamedDecisions

    @classmethod
    def read(
        cls,
        runtime: Runtime,
        store: Store,
        documents: Sequence[Any],
        *,
        sender: Sender,
        decisions: NamedDecisions,
        undated: Collection[int] = (),
    ) -> Self:
        """Fill what the documents leave out; `undated` are the places of those that were given the present time."""
        names = NameScreen(runtime=runtime, store=store, sender=sender, decisions=decisions)
        filled = fill_from_decisions(decisions, documents, runtime.clock())
        return cls(replace(filled, undated=frozenset([*filled.undated, *undated])), names, decisions)

    @property
    def documents(self) -> Sequence[Any]:
        """The documents, filled."""
        return self.filled.documents

    def screen(self, events: dict[int, Event]) -> Mapping[int, EventResult]:
        """Return the results of the events that are not to be recorded, by place."""
        for place in self.filled.undated & events.keys():
            events[place].undated = True
        refused = {
            place: EventResult(self.filled.event_id(place), Status.REJECTED, code=fault.code, message=fault.message)
            for place, fault in self.filled.faults.items()
        }
        refused |= self._out_of_reach(events)
        checked = {place: event for place, event in events.items() if place not in refused} if refused else events
        return refused | self.names(checked)

    def _out_of_reach(self, events: Mapping[int, Event]) -> dict[int, EventResult]:
        """Return the results of events whose decisions are archived, while the archive cannot be reached."""
        self.decisions.read(event.decision_id for event in events.values())
        away = self.decisions.unreachable
        return {
            place: EventResult(
                event.event_id, Status.REJECTED, code=error.code, message=f"{error.message}; send the event again"
            )
            for place, event in events.items()
            if away and (error := away.get(event.decision_id or "")) is not None
        }

    def warning(self, place: int, status: Status) -> dict[str, Any]:
        """Return the field `warning` of a result, or nothing."""
        found = self.names.warnings.get(place)
        return (
            {}
            if found is None or status is Status.REJECTED
            else {"warning": {"code": found.code, "message": found.message}}
        )

    def count_held(self, statuses: Sequence[Status]) -> dict[str, int]:
        """Return the count of events that wait, or nothing where none does."""
        count = statuses.count(Status.QUARANTINED)
        return {"quarantined": count} if count else {}
