"""Votes: verdicts about market, business or account, which act beyond their contact.

Each partition holds the votes of its contacts' events twice: every one in the sorted set `wide`, and the newest of each
ballot (what a vote is about, and who gave it) in the hash `votes`, which processes read. Both are written by the script
that writes the event's log entry, so that no vote counts whose event the log lacks. A vote costs O(log n).

A member of `wide` is the ballot (25 bytes of `BALLOT`), 8 bytes of time (big-endian), the event's id, a zero byte, "+"
for an accept or "-" for a discard, and JSON for readers: digest of the contact, product, subject, within, voter.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from dog.core.events import EventType
from dog.core.records import BALLOT, VOTE
from dog.core.verdicts.cross_contact import MOST_COUNTED, VoteKind
from dog.storage.event_log import Event
from dog.storage.round_trip import Command
from dog.storage.store import Store
from dog.storage.stretches import read_hash, read_hashes, read_members

CHANGES = b"wide"
"""Field of the tenant's head that changes with every vote."""
VOTES_PER_CALL = 100
PACKED_BALLOT, PACKED_TIME = struct.Struct(">BQQQ"), struct.Struct(">Q")
NEWEST = np.dtype([("at", ">u8"), ("sign", "S1")])


def change_of_votes(store: Store) -> Command:
    """Return the command that makes processes read the votes again."""
    return "HINCRBY", store.keys.of("head"), CHANGES, 1


def announce_votes(store: Store) -> Command:
    """Return the command by which processes know that there are votes to be read, from time to time at least."""
    return "HSETNX", store.keys.of("head"), CHANGES, 0


def pack_vote(store: Store, event: Event, contact: bytes) -> bytes | None:
    """Pack an event's vote as a member of `wide`; None where it is not a vote."""
    if event.vote is None:
        return None
    kind, subject, within, voter = event.vote
    digest64 = store.tenant.digest64
    ballot = PACKED_BALLOT.pack(kind, digest64(subject), digest64(within) if has_within(kind) else 0, digest64(voter))
    readable = orjson.dumps([contact.hex(), event.product_id, subject, within, voter])
    sign = b"+" if event.type is EventType.ACCEPT else b"-"
    return ballot + PACKED_TIME.pack(event.occurred_at_ms) + event.event_id.encode() + b"\0" + sign + readable


def unpack_vote(member: bytes) -> np.ndarray:
    """Return a member of `wide` as a record of `VOTE`, shape ()."""
    rows = {member[: BALLOT.itemsize]: _row([member])}
    return np.asarray(_unpack(rows)[0])


def has_within(kind: int) -> bool:
    """Return whether votes of a kind are about a part of their subject: of a segment (maybe none), or of an actor."""
    return kind in (VoteKind.MARKET, VoteKind.ACTOR)


def read_votes(store: Store) -> np.ndarray:
    """Read the newest votes of every ballot as records of `VOTE`."""
    if not store.execute("HEXISTS", store.keys.of("head"), CHANGES):  # the usual case: there never was one
        return np.zeros(0, VOTE)
    return np.concatenate([np.zeros(0, VOTE), *map(_unpack, _read_rows(store))])


def _read_rows(store: Store) -> Iterator[dict[bytes, bytes]]:
    """Yield the rows of each partition."""
    partitions = map(store.keys.partition, range(store.tenant.partition_count))
    yield from read_hashes(store, [keys.of("votes") for keys in partitions])


def _unpack(rows: Mapping[bytes, bytes]) -> np.ndarray:
    """Return the votes of one partition's rows."""
    counts = [row[0] for row in rows.values()]
    newest = b"".join([row[1 : 1 + NEWEST.itemsize * count] for row, count in zip(rows.values(), counts, strict=True)])
    ballots, said = np.frombuffer(b"".join(rows), BALLOT), np.frombuffer(newest, NEWEST)
    votes = np.zeros(len(said), VOTE)
    owner = np.repeat(np.arange(len(ballots)), counts)
    for name in ballots.dtype.names or ():
        votes[name] = ballots[name][owner]
    votes["at"], votes["sign"] = said["at"], np.where(said["sign"] == b"+", 1, -1)
    return votes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVote:
    """One vote as it is kept, readable."""

    member: bytes
    kind: int
    at_ms: int
    event_id: str
    is_accept: bool
    contact: bytes  # digest
    product_id: str | None
    subject: str  # category or account
    within: str  # segment or actor
    voter: str


def parse_vote(member: bytes) -> KeptVote:
    """Parse a member of `wide`."""
    begins = BALLOT.itemsize + PACKED_TIME.size
    event_id, _, rest = member[begins:].partition(b"\0")
    contact, product_id, subject, within, voter = orjson.loads(rest[1:])
    return KeptVote(
        member=member,
        kind=member[0],
        at_ms=PACKED_TIME.unpack(member[BALLOT.itemsize : begins])[0],
        event_id=event_id.decode(),
        is_accept=rest[:1] == b"+",
        contact=bytes.fromhex(contact),
        product_id=product_id,
        subject=subject,
        within=within,
        voter=voter,
    )


def read_ballots(store: Store) -> list[KeptVote]:
    """Read the newest vote of every ballot, readable."""
    return [_parse_row(ballot, row) for rows in _read_rows(store) for ballot, row in rows.items()]


def _parse_row(ballot: bytes, row: bytes) -> KeptVote:
    """Parse a row of `votes`, which does not hold ids of events."""
    ends = 1 + NEWEST.itemsize * row[0]
    newest = row[ends - NEWEST.itemsize : ends]
    return parse_vote(ballot + newest[:-1] + b"\0" + newest[-1:] + row[ends:])


def read_votes_on(store: Store, kind: int, subject: str, within: str | None, most: int) -> list[KeptVote]:
    """Read some of the votes on a subject, within a segment or by an actor where one is named; at most `most`."""
    digest64 = store.tenant.digest64
    ballot = PACKED_BALLOT.pack(kind, digest64(subject), digest64(within or ""), 0)[: 9 if within is None else 17]
    bounds = (b"[" + ballot, b"[" + ballot + b"\xff" * (BALLOT.itemsize + 1 - len(ballot)))
    partitions = map(store.keys.partition, range(store.tenant.partition_count))
    found = store.execute_all(("ZRANGEBYLEX", own.of("wide"), *bounds, "LIMIT", 0, most) for own in partitions)
    return [parse_vote(member) for members in found for member in members][:most]


def read_kept_votes(store: Store, partition: int) -> list[bytes]:
    """Read all votes of a partition, as members of `wide`."""
    return list(read_members(store, store.keys.partition(partition).of("wide")))


def find_wrong_rows(store: Store, partition: int) -> set[bytes]:
    """Return a kept vote of each ballot whose newest votes differ from those that processes read."""
    keys = store.keys.partition(partition)
    by_ballot, rows = _by_ballot(store, partition), read_hash(store, keys.of("votes"))
    return {own[-1] for ballot, own in by_ballot.items() if rows.get(ballot) != _row(own[-MOST_COUNTED:])}


def _by_ballot(store: Store, partition: int) -> dict[bytes, list[bytes]]:
    """Read the votes of a partition, those of each ballot in order."""
    found: dict[bytes, list[bytes]] = {}
    for member in read_kept_votes(store, partition):
        found.setdefault(member[: BALLOT.itemsize], []).append(member)
    return found


def _row(members: Sequence[bytes]) -> bytes:
    """Return the row of a ballot, as count_votes.lua writes it."""
    begins, ends = BALLOT.itemsize, BALLOT.itemsize + PACKED_TIME.size
    zeros = [member.index(0, ends) for member in members]
    newest = [member[begins:ends] + member[zero + 1 : zero + 2] for member, zero in zip(members, zeros, strict=True)]
    return bytes([len(members)]) + b"".join(newest) + members[-1][zeros[-1] + 2 :]


def rebuild_rows(store: Store, partition: int) -> None:
    """Make the rows that processes read those of a partition's votes."""
    key, by_ballot = store.keys.partition(partition).of("votes"), _by_ballot(store, partition)
    rows, trip = {ballot: _row(own[-MOST_COUNTED:]) for ballot, own in by_ballot.items()}, store.trip()
    for ballot, row in rows.items():
        trip.add("HSET", key, ballot, row)
    for ballot in read_hash(store, key).keys() - rows.keys():
        trip.add("HDEL", key, ballot)
    trip.send()


def settle_votes(store: Store, partition: int, votes: Iterable[bytes]) -> None:
    """Make votes, given as members, agree with the logs of their contacts: add those missing, remove the others."""
    _write(store, partition, [(store.tenant.digest64(parse_vote(vote).event_id), vote) for vote in votes])


def remove_votes(store: Store, partition: int, votes: Iterable[bytes]) -> None:
    """Remove votes, given as members."""
    _write(store, partition, [(0, vote) for vote in votes])


def _write(store: Store, partition: int, votes: Sequence[tuple[int, bytes]]) -> None:
    if not votes:
        return
    keys, trip = store.keys.partition(partition), store.trip()
    for first in range(0, len(votes), VOTES_PER_CALL):
        some = votes[first : first + VOTES_PER_CALL]
        logs = [keys.contact("log", parse_vote(vote).contact) for _, vote in some]
        trip.script("write_votes", [keys.of("wide"), keys.of("votes"), *logs], list(_arguments(some)))
    trip.add(*change_of_votes(store))
    trip.send(replicated=True)


def _arguments(votes: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    for digest, member in votes:
        yield from (digest.to_bytes(8, "little") if digest else b"", member)


def lift_votes(store: Store, scope: str, key: int, until_ms: int) -> None:
    """Lift the votes of a scope given until a time: from now on they do not count in it."""
    write: Command = ("HSET", store.keys.of("lifted"), f"{scope}-{key:016x}", until_ms)
    store.execute_all([write, change_of_votes(store)])


def read_lifted(store: Store) -> dict[tuple[str, int], int]:
    """Read until when the votes of each scope, by name and key, are lifted."""
    found = {}
    for field, until_ms in store.execute("HGETALL", store.keys.of("lifted")).items():
        scope, _, key = field.decode().partition("-")
        found[scope, int(key, 16)] = int(until_ms)
    return found
