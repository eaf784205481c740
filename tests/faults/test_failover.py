"""What was acknowledged under `ha` is there after a failover; a checker outside the service reads the journal.

The client writes down the id of every event that was answered as accepted. The checker knows nothing of the
service: it looks for those ids in the log keys of the server that is primary now.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest

from dog.errors import StoreUnavailable
from dog.services.feedback.record_feedback import record_feedback
from dog.storage.connection import Redis
from dog.storage.round_trip import IN_MEMORY, ON_DISK
from dog.storage.store import Store, ensure_tenant
from tests.conftest import Clock
from tests.faults.rows import Row, Scale
from tests.servers import Server, follow, running_pair

ROW = 29
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
    return Store(client, ensure_tenant(client, "default"), confirmations=(IN_MEMORY, ON_DISK))


def send_for(client: Client, store: Store, seconds: float) -> int:
    """Send for so long; count the calls that were acknowledged."""
    end = time.monotonic() + seconds
    acknowledged = 0
    while time.monotonic() < end:
        acknowledged += client.send(store)
    return acknowledged


@contextmanager
def ha_pair(folder: Path) -> Iterator[tuple[Server, Server]]:
    with running_pair(folder, "--min-replicas-to-write", "1", "--min-replicas-max-lag", "1") as servers:
        yield servers


def run(scale: Scale, seed: int) -> Row:
    """Kill a primary under load and promote its replica, again and again, under `ha`."""
    failovers = 20 if scale == "long" else 5
    chance, calls = random.Random(seed), []
    with TemporaryDirectory(prefix="dog-failover-") as folder, ha_pair(Path(folder)) as pair:
        journal = Path(folder) / "journal"
        client = Client(journal)
        primary, replica = pair
        for _ in range(failovers):
            with primary.connect() as connection:
                store = open_store(connection)
                calls.append(send_for(client, store, 0.3 + 0.4 * chance.random()))
                primary.kill()
                with suppress(StoreUnavailable):
                    client.send(store)
            with replica.connect() as promoted:
                promoted.replicaof("NO", "ONE")
            primary.start()
            follow(primary, replica)
            primary, replica = replica, primary
        acknowledged, lost, double = check(journal, primary)
    note = f"{failovers} failovers, {min(calls)} calls or more acknowledged before each"
    return Row("primary killed, replica promoted, ha", acknowledged, seed, lost, double, 0, None, note)


def run_split(scale: Scale, seed: int) -> Row:
    """Promote the replica of a primary that continues, and send to that primary: it may acknowledge nothing."""
    seconds = 10.0 if scale == "long" else 2.0
    with TemporaryDirectory(prefix="dog-failover-") as folder, ha_pair(Path(folder)) as (primary, replica):
        journal = Path(folder) / "journal"
        client = Client(journal)
        with primary.connect() as connection:
            store = open_store(connection)
            before = send_for(client, store, 0.3)
            with replica.connect() as promoted:  # the replica becomes primary; the old one does not know
                promoted.replicaof("NO", "ONE")
            during = send_for(client, store, seconds)
        acknowledged, lost, double = check(journal, replica)
    assert before >= 1
    note = f"{during} calls acknowledged in {seconds:g} s by the primary that was cut off"
    return Row("two primaries, ha", acknowledged, seed, lost, double, during, None, note)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_over_failovers() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
    assert row.n > 0


@pytest.mark.slow
def test_a_primary_cut_off_for_two_seconds_acknowledges_nothing() -> None:
    row = run_split("short", seed=1)

    assert row.is_clean, row
