"""Events that wait until their names are known, by event id: logged nowhere, counted nowhere, their ids not claimed."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, repeat

import orjson

from dog.storage.event_log import Event, read_entry
from dog.storage.ids import digest
from dog.storage.sender import Sender
from dog.storage.store import Store
from dog.storage.stretches import scan

MAX_WAITING = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEvent:
    """An event as it was received, and who sent it."""

    event: Event
    sender: Sender


def hold_events(store: Store, waiting: Sequence[WaitingEvent]) -> list[int]:
    """Keep events until they are released; durable like feedback.

    Return for each 1 new, 0 waiting already with this body, -1 waiting with another body, -2 there is no room.
    """
    key = store.keys.of("quarantine")
    fields = [_field(store, one.event.event_id) for one in waiting]
    room = MAX_WAITING - store.execute("HLEN", key)
    trip = store.trip()
    for field, one in zip(fields, waiting[: max(room, 0)], strict=False):
        trip.add("HSETNX", key, field, _pack(one))
    trip.add("HMGET", key, *fields)  # a full quarantine still recognises what it has
    *new, kept = trip.send(replicated=True)
    answers = []
    for one, is_new, packed in zip(waiting, chain(new, repeat(0)), kept, strict=False):
        if packed is None:
            answers.append(-2)
        elif _unpack(packed).event.fingerprint != one.event.fingerprint:
            answers.append(-1)
        else:
            answers.append(int(is_new))
    return answers


def count_waiting(store: Store) -> int:
    """Return how many events wait."""
    return int(store.execute("HLEN", store.keys.of("quarantine")))


def read_waiting(store: Store) -> Iterator[list[WaitingEvent]]:
    """Yield all waiting events in groups; an event may come twice."""
    for _, page in scan(store, "HSCAN", [store.keys.of("quarantine")]):
        yield list(map(_unpack, page.values()))


def drop_waiting(store: Store, event_ids: Sequence[str]) -> int:
    """Delete waiting events; return how many there were."""
    if not event_ids:
        return 0
    fields = [_field(store, event_id) for event_id in event_ids]
    return int(store.execute("HDEL", store.keys.of("quarantine"), *fields))


def read_waiting_of(store: Store, contact_id: str) -> list[Event]:
    """Read the waiting events of a contact, by reading all."""
    waiting = (one.event for group in read_waiting(store) for one in group)
    return list({event.event_id: event for event in waiting if event.contact_id == contact_id}.values())


def drop_waiting_load(store: Store, load: str) -> int:
    """Delete the waiting events of a load; return how many there were."""
    return sum(
        drop_waiting(store, [one.event.event_id for one in group if one.event.load == load])
        for group in read_waiting(store)
    )


def count_waiting_load(store: Store, load: str) -> int:
    """Return how many events of a load wait."""
    if not count_waiting(store):
        return 0
    return len({one.event.event_id for group in read_waiting(store) for one in group if one.event.load == load})


def drop_waiting_of(store: Store, contact_id: str) -> int:
    """Delete the waiting events of a contact; return how many there were."""
    return drop_waiting(store, [event.event_id for event in read_waiting_of(store, contact_id)])


def _field(store: Store, event_id: str) -> bytes:
    return digest(store.tenant.secret, event_id, 12)


def _pack(waiting: WaitingEvent) -> bytes:
    event = waiting.event
    sender = asdict(waiting.sender)
    return orjson.dumps([event.contact_id, orjson.Fragment(event.entry()), event.undated, sender])


def _unpack(packed: bytes) -> WaitingEvent:
    contact_id, entry, undated, sender = orjson.loads(packed)
    event = read_entry(contact_id, orjson.dumps(entry))
    if event is None:
        raise ValueError("a waiting event has type 0")  # never written: only events of types that can be sent wait
    event.undated = undated
    return WaitingEvent(event=event, sender=Sender(**sender))
