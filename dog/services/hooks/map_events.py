"""From the body of a request to documents of events: found, filtered, mapped, given their ids."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

from dog.core.iso_weeks import iso_time
from dog.errors import InvalidInput
from dog.services.data.data_rows import Row
from dog.services.data.import_feedback import event_document
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.mapping.map_entries import HookEntry
from dog.services.data.mapping.match_columns import IGNORED, ColumnMatch
from dog.services.data.mapping.row_map import FileEvidence, RowMap, build_row_map
from dog.services.hooks.body_paths import value_at
from dog.storage.ids import MAX_ID_BYTES

KIND = "feedback"
COLUMNS = FILE_COLUMNS[KIND]
Result = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedEvents:
    """The events of a body: documents to record, by their place in the body; results of the others."""

    count: int
    documents: dict[int, dict[str, Any]] = field(default_factory=dict)
    results: dict[int, Result] = field(default_factory=dict)
    undated: set[int] = field(default_factory=set)  # places of documents without a time of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMap:
    """How the events of one hook are mapped."""

    hook: str
    entry: HookEntry
    id_paths: Sequence[str]
    row_map: RowMap
    sources: Sequence[str]

    @classmethod
    def of(cls, hook: str, entry: HookEntry, usual_paths: Sequence[str]) -> "EventMap":
        """Return the map of a hook; `usual_paths` lead to the sender's id where none are stated."""
        targets = {source: target for source, target in entry.columns.items() if target != IGNORED}
        taken = {*targets.values(), *entry.constants, *entry.columns, "event_id"}
        targets |= {name: name for name in COLUMNS.names if name not in taken}
        match = ColumnMatch(targets)
        evidence = FileEvidence(KIND, match, typed_cells=False, dots_are_points=True, is_whole=True)
        any_case: dict[str, Mapping[str, str]] = {name: {} for name in COLUMNS.choices}
        mapping = replace(entry, values={**any_case, **entry.values})
        row_map = build_row_map(KIND, match, mapping, evidence, keeps_new=False, table=f"hooks.{hook}")
        row_map = replace(row_map, derives_ids=False)  # `read` gives each event that of its sender
        paths = entry.id or usual_paths
        return cls(hook=hook, entry=entry, id_paths=paths, row_map=row_map, sources=list(targets))

    def read(self, body: Any, message_id: str, now_ms: int) -> MappedEvents:
        """Map the events of a body; `message_id` is the id of the request, empty where it has none."""
        found = value_at(self.entry.items, body, body) if self.entry.items else body
        events = found if isinstance(found, list) else [] if found is None else [found]
        mapped = MappedEvents(count=len(events))
        shares_id = isinstance(found, list) and all(path.startswith("/") for path in self.id_paths)
        for place, event in enumerate(events):
            number, known = str(place) if shares_id else "", None
            try:
                document = self._read_event(place, event, body)
                if document is not None:
                    document["event_id"] = self._event_id(event, body, message_id, number)
            except InvalidInput as error:
                with suppress(InvalidInput):
                    known = self._event_id(event, body, message_id, number)
                mapped.results[place] = rejection(known, error)
                continue
            if document is None:
                mapped.results[place] = {"event_id": None, "status": "ignored"}
                continue
            if document["occurred_at"] is None:
                document["occurred_at"] = iso_time(now_ms)
                mapped.undated.add(place)
            mapped.documents[place] = document
        return mapped

    def _read_event(self, place: int, event: Any, body: Any) -> dict[str, Any] | None:
        """Return the document of an event without its id, None where it is to be ignored."""
        if not isinstance(event, dict):
            raise InvalidInput("the event is not a JSON object", code="invalid_event")
        if any(value_at(path, event, body) is None for path in self.entry.only_with):
            return None
        values = {source: value_at(source, event, body) for source in self.sources}
        row = self.row_map.apply(Row(place, {name: value for name, value in values.items() if value is not None}))
        if row is None:
            return None
        if row.fault is not None:
            raise InvalidInput(row.fault.message, code=row.fault.code)
        return event_document(row.fields)

    def _event_id(self, event: Any, body: Any, message_id: str, number: str) -> str:
        """Return the id of an event; `number` tells it from the others of a body that has one id for all."""
        own = [self._id_part(path, event, body) for path in self.id_paths] or [message_id]
        return event_id(self.hook, [*own, *([number] if number else [])])

    def _id_part(self, path: str, event: Any, body: Any) -> str:
        value = value_at(path, event, body)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise InvalidInput(f"id: {path} is missing, or neither text nor a whole number", code="invalid_id")
        return str(value)


def event_id(hook: str, parts: Sequence[str]) -> str:
    """Return the id of an event, always the same for the same id of its sender.

    >>> event_id("crm", ["evt_1", "0"])
    'crm:evt_1:0'

    """
    own = ":".join(parts)
    if len(f"{hook}:{own}".encode("utf-8", "surrogatepass")) > MAX_ID_BYTES:
        own = blake2b(own.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{hook}:{own}"


def rejection(event_id: str | None, error: InvalidInput) -> Result:
    """Return the result of an invalid event."""
    code = "invalid_event" if error.code == InvalidInput.code else error.code
    return {"event_id": event_id, "status": "rejected", "code": code, "message": error.message}
