"""Receive a request to a hook: prove its sender, map its events, record each once.

hook by name -> signature (schemes.py) -> events (map_events.py) -> contact and product of the pitch that is named
    -> recorded as other feedback (answer_feedback.py) -> counts and results
"""

from collections import Counter
from typing import Any

from dog import metrics
from dog.core.documents.section import Section
from dog.errors import BadSignature, InvalidInput, NotFound, StoreUnavailable
from dog.log import log
from dog.services.data.mapping.map_entries import HookEntry
from dog.services.data.strict_json import parse_json
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.hooks.map_events import EventMap, MappedEvents, rejection
from dog.services.hooks.schemes import SCHEMES, SignedRequest
from dog.services.runtime import Runtime
from dog.storage.event_log import Status
from dog.storage.hooks import Hook, read_hook
from dog.storage.ids import SLUG
from dog.storage.pitched_pairs import read_pitched_pair
from dog.storage.sender import Sender
from dog.storage.store import Store

NO_HOOK = Hook(
    name="", tenant="", scheme="standard", secret="whsec_" + "A" * 32, mapping={}, published_at=""
)  # a name that does not exist takes the same steps as a wrong signature
TELLS = ("event_id", "status", "code", "message", "warning")
NOT_NOW = frozenset({"store_full", "quarantine_full"})
"""Codes of events that may be taken later: the sender is to send them again."""
SHOWN_REJECTIONS = 10


def authenticate_hook(runtime: Runtime, name: str, request: SignedRequest) -> Hook:
    """Return the hook of a request; raise `BadSignature` if there is none, or its sender is not proved."""
    found = read_hook(runtime.redis, name) if SLUG.fullmatch(name) else None
    hook = found or NO_HOOK
    is_genuine = SCHEMES[hook.scheme].is_genuine(hook.secret, request, runtime.clock())
    if found is None or not is_genuine:
        raise BadSignature("there is no such hook, or the request's signature is missing, wrong or too old")
    return found


def receive_events(runtime: Runtime, hook: Hook, request: SignedRequest) -> dict[str, Any]:
    """Record the events of a request whose sender is proved; return counts, and one result per event.

    Raises
    ------
    NotJson
        The body is not JSON.
    InvalidInput
        It has more events than a call may have.
    StoreUnavailable
        Not all could be recorded now; the same request sent again records the others, and counts none twice.

    """
    scheme, store = SCHEMES[hook.scheme], runtime.store(hook.tenant)
    entry = HookEntry.read(Section(hook.mapping))
    body = parse_json(request.body)
    message_id = request.header(scheme.id_header) if scheme.id_header else ""
    mapped = EventMap.of(hook.name, entry, scheme.id_paths).read(body, message_id, runtime.clock())
    _fill_from_pitches(store, mapped)
    results = mapped.results | _record(runtime, hook, mapped)
    ordered = [results[place] for place in range(mapped.count)]
    _report(hook, mapped, ordered)
    if any(result.get("code") in NOT_NOW for result in ordered):
        raise StoreUnavailable("not all events could be recorded; send the request again", code="store_full")
    counts = Counter(result["status"] for result in ordered)
    return {
        "accepted": counts["accepted"],
        "duplicates": counts["duplicate"],
        "rejected": counts["rejected"],
        "ignored": counts["ignored"],
        "quarantined": counts["quarantined"],
        "results": ordered,
    }


def _record(runtime: Runtime, hook: Hook, mapped: MappedEvents) -> dict[int, dict[str, Any]]:
    places = sorted(mapped.documents)
    if not places:
        return {}
    answered = answer_feedback(
        runtime,
        hook.tenant,
        [mapped.documents[place] for place in places],
        substitute=False,
        sender=Sender(key_id=hook.key.key_id, names_actors=True),
        zone=runtime.settings.zone,
        undated=[index for index, place in enumerate(places) if place in mapped.undated],
        tells_effects=False,
    )
    results = ({name: result[name] for name in TELLS if name in result} for result in answered["results"])
    return dict(zip(places, results, strict=True))


def _fill_from_pitches(store: Store, mapped: MappedEvents) -> None:
    """Give outcomes that name a pitch, and neither contact nor product, those of the pitch."""
    for place, document in list(mapped.documents.items()):
        if "pitch_id" not in document or "contact_id" in document or "product_id" in document:
            continue
        try:
            contact_id, product_id = read_pitched_pair(store, str(document["pitch_id"]))
        except NotFound as error:
            refused = InvalidInput(f"pitch_id: {error.message}; or map contact_id and product_id", code=error.code)
            mapped.results[place] = rejection(mapped.documents.pop(place)["event_id"], refused)
        else:
            document |= {"contact_id": contact_id, "product_id": product_id}


def _report(hook: Hook, mapped: MappedEvents, results: list[dict[str, Any]]) -> None:
    """Count what was rejected before it was recorded; log the first of all rejected ones."""
    unread = sum(results[place]["status"] == Status.REJECTED for place in mapped.results)
    if unread:
        metrics.feedback.labels("unread", Status.REJECTED).inc(unread)
    rejected = [(place, result) for place, result in enumerate(results) if result["status"] == Status.REJECTED]
    for place, result in rejected[:SHOWN_REJECTIONS]:
        told = {"place": place, "event_id": result["event_id"], "code": result["code"], "reason": result["message"]}
        log.warning("hook_event_rejected", hook=hook.name, **told)
