"""Events of a load in the logs: found by the load that their entries name, and removed as if they had never come."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from dog.core.records import OUTCOME
from dog.storage.claims import release_event_ids
from dog.storage.event_counts import daily_key
from dog.storage.event_log import RETRACTED, read_entry
from dog.storage.round_trip import Argument, RoundTrip
from dog.storage.store import Store
from dog.storage.votes import change_of_votes, pack_vote
from dog.storage.week_archive import ContactLog, read_logs

EVENTS_PER_CALL = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedEvents:
    """The events of one contact that came with a load."""

    read: ContactLog
    own: Mapping[bytes, Sequence[Any]]  # parsed log entries of the load, by digest of the event

    def dependents(self) -> list[Sequence[Any]]:
        """Return the parsed entries of the events that came after one of these and name it as their pitch."""
        outcomes = np.frombuffer(self.read.outcomes, OUTCOME)
        arrived = dict(zip(outcomes["event"].tolist(), outcomes["arrival"].tolist(), strict=True))
        pitches = {entry[0]: arrived.get(_number(digest)) for digest, entry in self.own.items()}
        others = [
            (arrived.get(_number(digest), 0), orjson.loads(entry))
            for digest, entry in self.read.log.items()
            if digest not in self.own
        ]
        found = ((at, pitches.get(entry[4].get("p")), entry) for at, entry in others)
        return [entry for at, pitched, entry in found if pitched is not None and at > pitched]

    def counted_before(self, end_ms: int, arrival: int) -> np.ndarray:
        """Return the times of those outcomes that a version counts, given its end and the last arrival it saw."""
        outcomes = np.frombuffer(self.read.outcomes, OUTCOME)
        at = outcomes["at"].astype(np.int64)
        is_own = np.isin(outcomes["event"], np.frombuffer(b"".join(self.own), "<u8"))
        return at[is_own & (at < end_ms) & (outcomes["arrival"] <= arrival)]


def _number(digest: bytes) -> int:
    return int.from_bytes(digest, "little")


def read_load_events(store: Store, load: str, partition: int) -> Iterator[LoadedEvents]:
    """Read the logs of a partition; yield those with events of a load."""
    mark = orjson.dumps({"i": load})[1:-1]
    for read in read_logs(store, partition):
        marked = {digest: orjson.loads(entry) for digest, entry in read.log.items() if mark in entry}
        own = {digest: entry for digest, entry in marked.items() if entry[4].get("i") == load}
        if own:
            yield LoadedEvents(read=read, own=own)


def remove_events(
    store: Store, load: str, partition: int, found: Sequence[LoadedEvents], numbers: Mapping[str, int]
) -> int:
    """Remove events of a load and release their ids; return how many went. A repeated call removes what is left."""
    # first: an entry that is still there says which ids are left to release
    release_event_ids(store, (entry[0] for one in found for entry in one.own.values()))
    trip = store.trip()
    has_votes = [_add_calls(trip, store, load, partition, one, numbers) for one in found]
    calls = len(trip.commands)
    if any(has_votes):
        trip.add(*change_of_votes(store))
    return int(sum(trip.send(replicated=True)[:calls]))


def _add_calls(
    trip: RoundTrip, store: Store, load: str, partition: int, one: LoadedEvents, numbers: Mapping[str, int]
) -> bool:
    """Add the calls that remove the events of a contact; return whether any of them is a vote."""
    keys, contact = store.keys.partition(partition), one.read.contact
    names = [*keys.of_contact(contact, "log", "outcomes", "verdicts"), *map(keys.of, ("logged", "wide", "votes"))]
    has_votes, own = False, list(one.own.items())
    for start in range(0, len(own), EVENTS_PER_CALL):
        days: dict[bytes, int] = {}
        arguments: list[Argument] = [load, contact]
        for digest, (_, kind, at_ms, product_id, _) in own[start : start + EVENTS_PER_CALL]:
            number = numbers.get(product_id or "")
            is_counted = kind != RETRACTED and number is not None
            day = days.setdefault(daily_key(keys, at_ms), len(days) + 1) if is_counted else 0
            event = read_entry("", one.read.log[digest])
            vote = pack_vote(store, event, contact) if event is not None else None
            has_votes |= vote is not None
            arguments += (digest, day, f"{number}:{kind}" if is_counted else "", vote or b"")
        trip.script("undo_events", [*names, *days], arguments)
    return has_votes
