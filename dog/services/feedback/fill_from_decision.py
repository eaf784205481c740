"""Fill what events leave out from the decision and rank that they name.

`{"type": "win", "decision_id": "d", "rank": 1}` is enough: contact and product are those of the decision, the id is
made of decision, rank and type, so that the same event sent again is a duplicate, and a missing time is that of the
first receipt. A win or loss settles the pitch that was sent in the same way, where there is one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from dog.core.iso_weeks import iso_time
from dog.errors import InputFault, InvalidInput
from dog.services.feedback.named_decisions import NamedDecisions
from dog.services.feedback.parse_event import TYPES
from dog.storage.ids import MAX_ID_BYTES, clean_id

LEFT_OUT = (None, "")
SETTLES = ("win", "loss")


@dataclass(frozen=True, slots=True)
class FilledDocuments:
    """Documents of events, filled; by place the faults of those that cannot be, and those that had no time."""

    documents: Sequence[Any]
    faults: Mapping[int, InvalidInput] = field(default_factory=dict)
    undated: Collection[int] = frozenset()

    def event_id(self, place: int) -> str | None:
        """Return the id of a document, as far as it has one."""
        event_id = self.documents[place].get("event_id")
        return event_id if isinstance(event_id, str) else None


def fill_from_decisions(decisions: NamedDecisions, documents: Sequence[Any], now_ms: int) -> FilledDocuments:
    """Return the documents with the fields that their decisions know; those without `rank` stay as they are."""
    ranked = [place for place, document in enumerate(documents) if isinstance(document, dict) and "rank" in document]
    if not ranked:
        return FilledDocuments(documents)
    filled, faults, undated = list(documents), dict[int, InvalidInput](), set[int]()
    named = (documents[place].get("decision_id") for place in ranked)
    decisions.read((decision_id for decision_id in named if isinstance(decision_id, str)), wait=True)
    for place in ranked:
        document = documents[place]
        if document["rank"] is None:
            continue
        try:
            decision_id, rank = _place_in_decision(document)
            filled[place] = document = _with_ids(document, decision_id, rank)
            filled[place] = _with_pair(document, decisions, decision_id, rank)
        except InvalidInput as error:
            faults[place] = error
            continue
        if document.get("occurred_at") in LEFT_OUT:
            filled[place]["occurred_at"] = iso_time(now_ms, "milliseconds")
            undated.add(place)
    return FilledDocuments(filled, faults, frozenset(undated))


def derived_event_id(decision_id: str, rank: int, kind: str) -> str:
    """Return the event id of what happened to one item of a decision.

    >>> derived_event_id("d1", 2, "win")
    'd1:2:win'

    """
    tail = f":{rank}:{kind}"
    if len(f"{decision_id}{tail}".encode()) > MAX_ID_BYTES:
        decision_id = blake2b(decision_id.encode(), digest_size=16).hexdigest()
    return f"{decision_id}{tail}"


def _place_in_decision(document: Mapping[str, Any]) -> tuple[str, int]:
    rank = document["rank"]
    if document.get("decision_id") in LEFT_OUT:
        raise _fault("decision_id", "is missing; rank is a place in the list of that decision", "invalid_event")
    if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
        raise _fault("rank", "must be a whole number from 1 on", "invalid_event")
    return clean_id(document["decision_id"], "decision_id"), rank


def _with_ids(document: Mapping[str, Any], decision_id: str, rank: int) -> dict[str, Any]:
    filled = {name: value for name, value in document.items() if name != "rank"} | {"decision_id": decision_id}
    kind = document.get("type")
    if isinstance(kind, str) and kind in TYPES:
        if filled.get("event_id") in LEFT_OUT:
            filled["event_id"] = derived_event_id(decision_id, rank, kind)
        if kind in SETTLES and filled.get("pitch_id") in LEFT_OUT:
            filled["pitch_id"] = derived_event_id(decision_id, rank, "pitch")
    return filled


def _with_pair(document: dict[str, Any], decisions: NamedDecisions, decision_id: str, rank: int) -> dict[str, Any]:
    if (away := decisions.unreachable.get(decision_id)) is not None:
        raise InvalidInput(f"{away.message}; send the event again", code=away.code)
    decision = decisions.get(decision_id)
    if not decision:
        raise _fault(
            "decision_id",
            f"'{document['decision_id']}' is not kept (decisions are kept for 35 days); send contact_id and product_id",
            "unknown_decision",
        )
    items = decision["items"]
    if rank > len(items):
        raise _fault("rank", f"is {rank}, and the decision has {len(items)} item(s)", "unknown_rank")
    known = {"contact_id": decision["contact_id"], "product_id": items[rank - 1]["product_id"]}
    for name, value in known.items():
        given = document.get(name)
        if given not in LEFT_OUT and clean_id(given, name) != value:
            raise _fault(name, f"is '{given}', and the decision has '{value}' there; leave it out", "decision_mismatch")
    return {**document, **known}


def _fault(name: str, why: str, code: str) -> InvalidInput:
    message = f"{name} {why}"
    return InvalidInput(message, [InputFault(f"/{name}", code, message)], code=code)
