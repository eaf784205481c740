"""What happens to events with unknown names: a warning, a refusal, or a wait until they are known.

The tenant's setting `unknown` decides. What is refused or waits claims no id, so it can be sent again.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from dog.services.feedback.find_unknown_names import find_unknown_names, suggest_products
from dog.services.feedback.named_decisions import NamedDecisions
from dog.services.feedback.record_feedback import EventResult
from dog.services.lists.unknown_names import UnknownName
from dog.services.runtime import Runtime
from dog.storage.claims import find_claimed
from dog.storage.erasure import find_erased
from dog.storage.event_log import Event, Status
from dog.storage.name_counts import count_unknown_names
from dog.storage.quarantine import MAX_WAITING, WaitingEvent, hold_events
from dog.storage.sender import FILE, Sender
from dog.storage.store import Store
from dog.storage.tenant_settings import read_unknown_setting

WAITING = {1: Status.QUARANTINED, 0: Status.DUPLICATE}


@dataclass(slots=True, kw_only=True)
class NameScreen:
    """The screen of one call or file: call it with the events that were read, by place."""

    runtime: Runtime
    store: Store
    sender: Sender
    decisions: NamedDecisions | None = None  # those that the only call names
    warnings: dict[int, UnknownName] = field(default_factory=dict)  # of the last call, by place
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)  # of all calls, by kind and name

    def __call__(self, events: Mapping[int, Event]) -> dict[int, EventResult]:
        """Return the results of the events that are not to be recorded, by place; note warnings for the others."""
        self.warnings = found = find_unknown_names(self.runtime, self.store, events, self.decisions)
        if not found:
            return {}
        counts = Counter((one.kind, one.name) for one in found.values())
        self.counts.update(counts)
        count_unknown_names(self.store, counts)
        if self.sender is not FILE:  # a file is summed up at its end
            self.warnings = found = suggest_products(self.runtime, self.store, found)
        setting = read_unknown_setting(self.store)
        if setting == "accept":
            return {}
        # what was accepted before the setting was changed is a duplicate; of erased contacts nothing may wait
        claimed = find_claimed(self.store, [events[place].event_id for place in found])
        erased = find_erased(self.store, {events[place].contact_id for place in found})
        held = {
            place: one
            for place, one in sorted(found.items())  # of two with one id, the first waits
            if events[place].event_id not in claimed and events[place].contact_id not in erased
        }
        return self.hold_back(setting, events, held)

    def hold_back(
        self, setting: str, events: Mapping[int, Event], held: Mapping[int, UnknownName]
    ) -> dict[int, EventResult]:
        """Refuse events or keep them waiting, as the tenant's setting says; return their results by place."""
        return self._refuse(events, held) if setting == "refuse" else self._hold(events, held)

    def _refuse(self, events: Mapping[int, Event], held: Mapping[int, UnknownName]) -> dict[int, EventResult]:
        for place in held:
            self.warnings.pop(place, None)
        return {place: _rejected(events[place], one.code, one.message) for place, one in held.items()}

    def _hold(self, events: Mapping[int, Event], held: Mapping[int, UnknownName]) -> dict[int, EventResult]:
        waiting = [WaitingEvent(event=events[place], sender=self.sender) for place in held]
        results = {}
        for place, answer in zip(held, hold_events(self.store, waiting) if waiting else (), strict=True):
            event = events[place]
            if answer in WAITING:
                results[place] = EventResult(event.event_id, WAITING[answer])
            elif answer == -1:
                results[place] = _rejected(
                    event, "event_id_conflict", "an event with this event_id and another body waits in quarantine"
                )
            else:
                results[place] = _rejected(
                    event,
                    "quarantine_full",
                    f"{MAX_WAITING} events wait already; load the rows that they name, or set unknown to accept",
                )
        return results


def _rejected(event: Event, code: str, message: str) -> EventResult:
    return EventResult(event.event_id, Status.REJECTED, code=code, message=message)
