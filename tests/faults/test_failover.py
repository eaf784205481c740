"""What was acknowledged under `ha` is there after a failover; a checker outside the service reads the journal.

The client writes down the id of every event that was answered as accepted. The checker knows nothing of the
service: it looks for those ids in the log keys of the server that is primary now.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import orjson
import pytest

from dog.errors import StoreUnavailable
from dog.services.feedback.record_feedback import record_feedback
from dog.storage.connection import Redis
from dog.storage.store import Store, ensure_tenant
from tests.conftest import Clock
from tests.servers import Server, follow, running_pair

FAILOVERS = 5
BATCH = 20


class Client:
    """Sends events and keeps a journal of those that were acknowledged."""

    def __init__(self, journal: Path) -> None:
        self.journal, self.sent = journal, 0

    def send(self, store: Store) -> bool:
        """Send the next events; tell whether they were acknowledged. What was refused is never sent again."""
        ids = [f"e{number}" for number in range(self.sent, self.sent + BATCH)]
        self.sent += BATCH
        at = "2026-11-20T10:00:00Z"
        events = [
            {"event_id": i, "type": "pitch", "contact_id": f"c{i[-2:]}", "product_id": "p1", "occurred_at": at}
            for i in ids
        ]
        try:
            results = record_feedback(store, events, Clock()())
        except StoreUnavailable:
            return False
        with self.journal.open("a") as journal:
            journal.writelines(f"{result.event_id}\n" for result in results if result.status == "accepted")
        return True


def check(journal: Path, server: Server) -> tuple[int, int, int]:
    """Count acknowledged events, those of them that are lost, and those that stand in the log twice."""
    acknowledged = journal.read_text("utf-8").split() if journal.exists() else []
    logged: list[str] = []
    with server.connect() as client:
        for key in client.scan_iter("dog:{default:*}:log:*"):
            logged += [orjson.loads(entry)[0] for entry in client.hvals(key)]
    return len(acknowledged), len(set(acknowledged) - set(logged)), len(logged) - len(set(logged))


def open_store(client: Redis) -> Store:
    return Store(client, ensure_tenant(client, "default"), replicas=1)


def send_for(client: Client, store: Store, seconds: float) -> int:
    """Send for so long; count the calls that were acknowledged."""
    end = time.monotonic() + seconds
    acknowledged = 0
    while time.monotonic() < end:
        acknowledged += client.send(store)
    return acknowledged


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    with running_pair(tmp_path, "--min-replicas-to-write", "1", "--min-replicas-max-lag", "1") as servers:
        yield servers


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_over_failovers(pair: tuple[Server, Server], tmp_path: Path) -> None:
    primary, replica = pair
    client, journal, calls = Client(tmp_path / "journal"), tmp_path / "journal", []
    for _ in range(FAILOVERS):
        with primary.connect() as connection:
            store = open_store(connection)
            calls.append(send_for(client, store, 0.5))
            primary.kill()
            with suppress(StoreUnavailable):
                client.send(store)
        with replica.connect() as promoted:
            promoted.replicaof("NO", "ONE")
        primary.start()
        follow(primary, replica)
        primary, replica = replica, primary
    acknowledged, lost, double = check(journal, primary)
    sys.stdout.write(f"failovers {FAILOVERS}, acknowledged {acknowledged}, lost {lost}, double {double}\n")

    assert min(calls) >= 1
    assert (lost, double) == (0, 0)


@pytest.mark.slow
def test_a_primary_cut_off_for_two_seconds_acknowledges_nothing(pair: tuple[Server, Server], tmp_path: Path) -> None:
    primary, replica = pair
    client, journal = Client(tmp_path / "journal"), tmp_path / "journal"
    with primary.connect() as connection:
        store = open_store(connection)
        before = send_for(client, store, 0.3)
        with replica.connect() as promoted:  # the replica becomes primary; the old one does not know
            promoted.replicaof("NO", "ONE")
        during = send_for(client, store, 2.0)
    acknowledged, lost, double = check(journal, replica)
    sys.stdout.write(f"split brain 2 s: acknowledged before {before * BATCH}, during {during * BATCH}, lost {lost}\n")

    assert before >= 1
    assert (during, acknowledged, lost, double) == (0, before * BATCH, 0, 0)
