"""Recount: compare the ledgers and the published counts with the log, from which both are derived; repair them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import orjson

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS, format_week, week_end_ms
from dog.core.learning.ledger_chunk import LedgerChunk
from dog.core.learning.settlement import settle
from dog.core.records import OUTCOME, VERDICT
from dog.services.job_lease import Lease
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_catalogue
from dog.storage.event_log import Event, ledger_name, pack_event, read_entry
from dog.storage.ledgers import Cut, read_chunks, read_published
from dog.storage.multiplier_versions import MultiplierVersion, read_version
from dog.storage.store import Store
from dog.storage.votes import find_wrong_rows, pack_vote, parse_vote, read_kept_votes, settle_votes
from dog.storage.week_archive import ContactLog, read_logs, replace_logs

RECORDS = {"outcomes": OUTCOME, "verdicts": VERDICT}


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a ledger or a version disagrees with the log."""

    contact_id: str
    what: str  # outcomes, verdicts, votes, multipliers
    says: str


def recount(
    runtime: Runtime, tenant: str, *, repair: bool = False, report: Callable[[float], None] = lambda _: None
) -> list[Difference]:
    """Compare every ledger with its log, and the counts of the active multiplier version with the ledgers.

    With `repair`, ledgers that differ are rewritten from the log; the next recompute corrects a version's counts.

    Raises
    ------
    Conflict
        The weekly job or the archive is running.

    """
    store = runtime.store(tenant)
    numbers = read_catalogue(store).numbers
    differences: list[Difference] = []
    with Lease(store, "recompute", runtime.stopping) as weekly, Lease(store, "archive", runtime.stopping) as archive:
        for partition in range(store.tenant.partition_count):
            weekly.renew()
            archive.renew()
            differences += _recount_partition(store, partition, numbers, repair=repair)
            report((partition + 1) / store.tenant.partition_count)
        differences += _recount_version(runtime, store)
    return differences


def _recount_partition(store: Store, partition: int, numbers: Mapping[str, int], *, repair: bool) -> list[Difference]:
    differences: list[Difference] = []
    changes: list[tuple[ContactLog, np.ndarray, np.ndarray, list[bytes]]] = []
    votes, before = set[bytes](), set(read_kept_votes(store, partition))
    for read in read_logs(store, partition):
        contact_id = orjson.loads(read.record or b"{}").get("contact_id", read.contact.hex())
        events = [event for entry in read.log.values() if (event := read_entry(contact_id, entry)) is not None]
        votes |= {vote for event in events if (vote := pack_vote(store, event, read.contact)) is not None}
        expected = _ledgers(store, read, events, numbers)
        found = list(_compare(read, expected, contact_id))
        differences += found
        if found:
            changes.append((read, expected["outcomes"], expected["verdicts"], []))
    after = set(read_kept_votes(store, partition))  # again: votes may have come and gone meanwhile
    wrong = (votes - before - after) | ((before & after) - votes) | find_wrong_rows(store, partition)
    for vote in sorted(wrong):
        says = "a vote of the log is missing" if vote in votes else "a vote counts that the log lacks"
        differences.append(Difference(parse_vote(vote).contact.hex(), "votes", says))
    if repair and changes:
        replace_logs(store, partition, changes)
    if repair:
        settle_votes(store, partition, sorted(wrong))
    return differences


def _ledgers(store: Store, read: ContactLog, events: list[Event], numbers: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Build a contact's ledgers from its log; arrival numbers and carried records come from the old ones."""
    events.sort(key=lambda event: (event.occurred_at_ms, event.event_id.encode()))
    packed: dict[str, list[bytes]] = {name: [] for name in RECORDS}
    for event in events:
        packed[ledger_name(event.type)].append(pack_event(store, event, numbers))
    stored = np.frombuffer(read.outcomes, OUTCOME)
    arrivals = dict(zip(stored["event"].tolist(), stored["arrival"].tolist(), strict=True))
    outcomes = np.frombuffer(b"".join(packed["outcomes"]), OUTCOME).copy()
    outcomes["arrival"] = [arrivals.get(event, 0) for event in outcomes["event"].tolist()]
    carried = stored[stored["type"] == EventType.CARRIED]
    verdicts = np.frombuffer(b"".join(packed["verdicts"]), VERDICT)
    return {"outcomes": np.concatenate([carried, outcomes]), "verdicts": verdicts}


def _compare(read: ContactLog, expected: Mapping[str, np.ndarray], contact_id: str) -> Iterator[Difference]:
    for name, dtype in RECORDS.items():
        stored = np.frombuffer(getattr(read, name), dtype)
        if stored.tobytes() != expected[name].astype(dtype).tobytes():  # joined arrays may have another byte order
            missing = set(expected[name]["event"].tolist()) - set(stored["event"].tolist())
            beyond = set(stored["event"].tolist()) - set(expected[name]["event"].tolist())
            other = "" if missing or beyond else ", other contents or order"
            yield Difference(
                contact_id, name, f"{len(missing)} of the log's events are missing, {len(beyond)} are too many{other}"
            )


def _recount_version(runtime: Runtime, store: Store) -> Iterator[Difference]:
    """Compare a version's wins, losses and pending pitches with a settlement of its input."""
    snapshot = runtime.shared(Snapshots).current(store)
    version = None if snapshot.version is None else read_version(store, snapshot.version.version)
    if version is None or not version.arrivals:
        return
    ids = snapshot.catalogue.ids
    cut = Cut(week_end_ms(version.week, runtime.settings.zone), version.arrivals)
    for policy, described in version.policies.items():
        maturation_ms = round(described["settings"]["maturation_days"] * DAY_MS)
        for chunk in read_chunks(store, cut):
            for index in _wrong_pairs(store, chunk, version, policy, cut.end_ms, maturation_ms):
                contact = chunk.contacts.digests[chunk.contact[index]].tobytes().hex()
                says = f"{ids[chunk.product[index]]} of policy {policy}: counts of {format_week(version.week)} differ"
                yield Difference(contact, "multipliers", f"{says} (an event retracted since is one cause)")


def _wrong_pairs(
    store: Store, chunk: LedgerChunk, version: MultiplierVersion, policy: str, end_ms: int, maturation_ms: int
) -> list[int]:
    settled = settle(chunk.outcomes, chunk.starts, end_ms, maturation_ms)
    published = read_published(store, chunk, version.version, policy)
    pairs = published.records.take(published.group)
    wrong = np.zeros(len(chunk.product), bool)
    for name in ("wins", "losses", "pending"):
        wrong |= pairs[name] != getattr(settled, name)
    return np.flatnonzero(wrong).tolist()
