"""The task that writes a partition's events: whole contacts at once, those with events or votes event by event."""

from dataclasses import dataclass, replace

import numpy as np
import orjson

from dog.core.events import OUTCOMES
from dog.core.records import NO_PRODUCT, OUTCOME, VERDICT
from dog.errors import StoreUnavailable
from dog.services.data.backfill.claim_partition import BackfillTask
from dog.services.data.backfill.encode_events import decode_text
from dog.services.data.backfill.split_records import EVENT
from dog.services.data.spill import Spill
from dog.services.feedback.cast_votes import cast_votes
from dog.services.runtime import Runtime
from dog.storage.apply_events import FULL, apply_events
from dog.storage.claims import release_event_ids
from dog.storage.contacts import record_snoozed_contacts
from dog.storage.event_log import Event, pack_event, read_entry
from dog.storage.sender import FILE
from dog.storage.store import Store
from dog.storage.write_history import WholeContacts, write_history

OUTCOME_TYPES = np.array(sorted(int(kind) for kind in OUTCOMES), np.uint8)
APPLIED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenEvents:
    """What became of a partition's events."""

    new: int
    late: int  # of these, outcomes of published weeks
    known: int  # recorded before
    erased: np.ndarray  # rows whose contact was erased meanwhile


def write_partition(runtime: Runtime, partition: int, task: BackfillTask) -> WrittenEvents:
    """Write the events of a partition but those dropped; raise `StoreUnavailable` where Redis is full."""
    store = replace(runtime.store(task.tenant), load=task.load)
    own = _PartitionEvents(store, partition, task)
    if not len(own.rows):
        return WrittenEvents(new=0, late=0, known=0, erased=np.zeros(0, np.int64))
    is_written = own.write_whole()
    left = np.flatnonzero(~is_written)
    answers = np.ones(len(own.rows), np.int8)
    for start in range(0, len(left), APPLIED_AT_ONCE):
        some = left[start : start + APPLIED_AT_ONCE]
        answers[some] = own.apply(some)
    if (answers == FULL).any():
        raise StoreUnavailable("Redis is full; give it more memory and load the file again", code="store_full")
    new = answers == 1
    return WrittenEvents(
        new=int(new.sum()),
        late=int((new & own.is_outcome & (own.rows["at"] < task.published_until_ms)).sum()),
        known=int((answers == 0).sum()),
        erased=own.rows["row"][answers < 0],
    )


class _PartitionEvents:
    """The events of a partition, sorted by contact, then as in ledgers."""

    def __init__(self, store: Store, partition: int, task: BackfillTask) -> None:
        self._store, self._partition, self._task = store, partition, task
        spill = Spill(task.folder)
        rows, blob = spill.read("events", partition, EVENT), spill.read_texts("texts", partition)
        sizes = rows["entry_bytes"].astype(np.int64) + rows["contact_bytes"]
        ends = np.cumsum(sizes)
        kept = ~np.isin(rows["row"], np.load(task.folder / DROPPED, mmap_mode="r"))
        rows, starts, ends = rows[kept], (ends - sizes)[kept], ends[kept]
        contacts = np.ascontiguousarray(rows["contact"]).view("<u8").reshape(-1, 2)
        order = np.lexsort((rows["at"], contacts[:, 1], contacts[:, 0]))
        self.rows, contacts = rows[order], contacts[order]
        is_start = np.ones(len(rows), bool)
        is_start[1:] = (contacts[1:] != contacts[:-1]).any(axis=1)
        self._starts, self._code = np.flatnonzero(is_start), np.cumsum(is_start) - 1
        self._texts = [blob[start:end] for start, end in zip(starts[order].tolist(), ends[order].tolist(), strict=True)]
        self._sort_ties()
        self.is_outcome = np.isin(self.rows["type"], OUTCOME_TYPES)

    def _sort_ties(self) -> None:
        """Sort events of a contact that occurred at the same time by their ids."""
        same = (np.diff(self._code) == 0) & (np.diff(self.rows["at"]) == 0)
        if not same.any():
            return
        edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
        order = np.arange(len(self.rows))
        for start, end in zip(edges[::2].tolist(), (edges[1::2] + 1).tolist(), strict=True):
            order[start:end] = sorted(range(start, end), key=lambda place: self._event_id(place).encode())
        self.rows = self.rows[order]
        self._texts = [self._texts[place] for place in order.tolist()]

    def _event_id(self, place: int) -> str:
        entry, _ = decode_text(self._texts[place], int(self.rows["contact_bytes"][place]))
        return str(orjson.loads(entry)[0])

    def event(self, place: int) -> Event:
        """Return an event as it was parsed."""
        entry, contact_id = decode_text(self._texts[place], int(self.rows["contact_bytes"][place]))
        event = read_entry(contact_id, entry)
        if event is None:
            raise ValueError("an event of a file has type 0")  # never written
        return event

    def write_whole(self) -> np.ndarray:
        """Write the contacts without events that give no votes; return which events are written, shape (events,)."""
        store, task, rows = self._store, self._task, self.rows
        numbers = np.array([*task.numbers, NO_PRODUCT], np.uint32)
        product = numbers[np.minimum(rows["product"], np.uint32(len(task.numbers)))]
        verdicts = [self.event(place) for place in np.flatnonzero(~self.is_outcome).tolist()]
        record_snoozed_contacts(store, verdicts, task.now_ms)
        voting = np.array([event.vote is not None for event in cast_votes(store, verdicts, FILE)], bool)
        votes = np.zeros(len(rows), np.int64)
        votes[np.flatnonzero(~self.is_outcome)[voting]] = 1
        by_id = dict(zip(task.product_ids, task.numbers, strict=True))
        packed = b"".join([pack_event(store, event, by_id) for event in verdicts])
        outcomes = np.zeros(int(self.is_outcome.sum()), OUTCOME)
        own = rows[self.is_outcome]
        for name in ("at", "event", "pitch", "type"):
            outcomes[name] = own[name]
        outcomes["product"], outcomes["score"] = product[self.is_outcome], np.nan
        is_whole = np.add.reduceat(votes, self._starts) == 0
        history = self._history(product, outcomes, np.frombuffer(packed, VERDICT))
        written = np.zeros(len(is_whole), bool)
        written[is_whole] = write_history(store, history.of(is_whole), task.now_ms)
        return written[self._code]

    def _history(self, product: np.ndarray, outcomes: np.ndarray, verdicts: np.ndarray) -> WholeContacts:
        rows, firsts = self.rows, self._starts.tolist()
        sizes = rows["entry_bytes"].tolist()
        ids = [self._texts[place][sizes[place] :].decode() for place in firsts]
        return WholeContacts(
            partition=self._partition,
            contacts=rows["contact"][self._starts].tolist(),
            records=[orjson.dumps({"contact_id": contact_id}) for contact_id in ids],
            starts=self._starts,
            at_ms=rows["at"],
            product=product,
            kind=rows["type"],
            digests=rows["event"],
            entries=[text[:size] for text, size in zip(self._texts, sizes, strict=True)],
            is_outcome=self.is_outcome,
            outcomes=outcomes,
            verdicts=verdicts,
        )

    def apply(self, places: np.ndarray) -> list[int]:
        """Write events one by one, each once; return the answers of `apply_events`."""
        store, task = self._store, self._task
        events = cast_votes(store, [self.event(place) for place in places.tolist()], FILE)
        contacts = dict(zip([event.contact_id for event in events], self.rows["contact"][places].tolist(), strict=True))
        numbers = dict(zip(task.product_ids, task.numbers, strict=True))
        answers = apply_events(store, events, numbers, task.now_ms, contacts)
        gone = [event.event_id for event, answer in zip(events, answers, strict=True) if answer == -1]
        release_event_ids(store, gone)
        return answers


DROPPED = "dropped.npy"
"""The rows of a back-fill that are not to be written, sorted."""
