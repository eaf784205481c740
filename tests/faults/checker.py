"""Whether acknowledged feedback is lost, doubled or torn: read off the server's raw keys, without the service.

A contact's log is a hash from the digest of an event's id to `[event_id, type, at, product_id, extras]`, type 0 for
one taken back. Its two ledgers are strings of records, which begin with the time and that digest, 8 bytes each, in
the order of time and event id; outcomes (pitch, win, loss) take 40 bytes, verdicts 48.
"""

import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import redis

TYPES = {"accept": 1, "discard": 2, "restructure": 3, "pitch": 4, "win": 5, "loss": 6}
LEDGERS = {b"outcomes": 40, b"verdicts": 48}
LOG = re.compile(rb"(dog:\{[^}]*\}:)log:(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the checker found."""

    events: int  # counted by the service, acknowledged or not
    missing: frozenset[str]  # acknowledged, and not there as they were sent
    doubled: int  # there more than once
    torn: int  # there by half: log without ledger record, ledger record without log, or out of order

    @property
    def lost(self) -> int:
        """How many acknowledged events are missing."""
        return len(self.missing)


def check(url: str, acknowledged: Mapping[str, Mapping[str, Any]], tenant: str = "default") -> Findings:
    """Compare what the clients were told with what the server holds."""
    return check_servers([url], acknowledged, tenant)


def check_servers(
    urls: Iterable[str], acknowledged: Mapping[str, Mapping[str, Any]], tenant: str = "default"
) -> Findings:
    """Compare what the clients were told with what several servers hold, as the primaries of a cluster."""
    found: Counter[str] = Counter()
    bodies: dict[str, list[Any]] = {}
    torn = doubled = 0
    for url in urls:
        for entries, ledgers in _contacts(url, tenant):
            for entry in entries.values():
                found[entry[0]] += 1
                bodies[entry[0]] = entry
            # an archive leaves records of time 0, which carry on what its events counted
            places = Counter(digest for ledger in ledgers.values() for digest, at_ms in ledger if at_ms)
            counted = {digest for digest, entry in entries.items() if entry[1] != 0}
            doubled += sum(times - 1 for times in places.values())
            torn += len(counted ^ places.keys()) + sum(not _in_order(ledger, entries) for ledger in ledgers.values())
    doubled += sum(times - 1 for times in found.values())
    missing = frozenset(event_id for event_id, event in acknowledged.items() if not _is_there(event, bodies))
    return Findings(len(found), missing, doubled, torn)


def _contacts(url: str, tenant: str) -> Iterator[tuple[dict[bytes, Any], dict[bytes, list[tuple[bytes, int]]]]]:
    """Read contact after contact: log entries by digest, and of each ledger the digests and times in order."""
    with redis.Redis.from_url(url, socket_timeout=30) as client:
        yield from _contacts_of(client, tenant)


def _contacts_of(
    client: "redis.Redis", tenant: str
) -> Iterator[tuple[dict[bytes, Any], dict[bytes, list[tuple[bytes, int]]]]]:
    for key in client.scan_iter(f"dog:{{{tenant}:*}}:log:*", count=1000):
        match = LOG.fullmatch(key)
        assert match
        raw: Any = client.hgetall(key)
        entries = {digest: orjson.loads(entry) for digest, entry in raw.items()}
        ledgers = {}
        for name, size in LEDGERS.items():
            packed: Any = client.get(match[1] + name + b":" + match[2]) or b""
            assert len(packed) % size == 0, f"{name!r} of {key!r} ends within a record"
            starts = range(0, len(packed), size)
            ledgers[name] = [(packed[at + 8 : at + 16], struct.unpack_from(">Q", packed, at)[0]) for at in starts]
        yield entries, ledgers


def _in_order(ledger: list[tuple[bytes, int]], entries: Mapping[bytes, Any]) -> bool:
    order = [(at, entries[digest][0].encode()) for digest, at in ledger if digest in entries]
    return order == sorted(order)


def _is_there(event: Mapping[str, Any], bodies: Mapping[str, list[Any]]) -> bool:
    entry = bodies.get(event["event_id"])
    at = datetime.fromisoformat(event["occurred_at"]).timestamp()
    return entry is not None and entry[1:4] == [TYPES[event["type"]], round(at * 1000), event.get("product_id")]
