"""A cluster of three primaries, each with a replica, fails over by itself under load: what is lost or refused."""

import random
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from dog.bootstrap import build_runtime
from dog.errors import StoreUnavailable
from dog.process_setup import REQUEST_SECONDS
from dog.services.feedback.record_feedback import record_feedback
from dog.storage.event_log import Status
from dog.storage.store import Store
from tests.faults.checker import check_servers
from tests.faults.rows import Row, Scale
from tests.faults.worlds import ROOT, some_event
from tests.servers import Server, cluster_url, is_primary, running_cluster_with_replicas, wait_until

ROW = 30
CLIENTS, MOST_EVENTS = 8, 2
PAUSE_SECONDS = 1.0
OPTIONS = ("--cluster-node-timeout", "1000")
FOR_HA = ("--min-replicas-to-write", "1", "--min-replicas-max-lag", "1")


@dataclass
class Clients:
    """Threads that send feedback; a batch that is refused is sent again until it is accepted."""

    store: Store
    seed: int
    acknowledged: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    longest_refusal: float = 0.0  # seconds in which one batch was refused
    refused: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    sending: "list[Future[None]]" = field(default_factory=list)

    def stop(self) -> None:
        """Stop, and raise what went wrong."""
        self.stopping.set()
        for one in self.sending:
            one.result()

    def send(self, number: int) -> None:
        """Send until stopped; the last batch, too, until it is accepted."""
        chance, sent = random.Random(self.seed * 100 + number), 0
        while not self.stopping.is_set():
            batch = [dict(some_event(chance, f"{number}-{sent + n}")) for n in range(chance.randint(1, MOST_EVENTS))]
            sent += len(batch)
            began = time.monotonic()
            while not self._is_accepted(batch):
                assert time.monotonic() - began < 60, "refused for a minute"
                time.sleep(0.02)
            with self.lock:
                self.acknowledged.update({event["event_id"]: event for event in batch})
                self.longest_refusal = max(self.longest_refusal, time.monotonic() - began)

    def _is_accepted(self, batch: list[dict[str, Any]]) -> bool:
        try:
            results = record_feedback(self.store, batch, round(time.time() * 1000))
        except StoreUnavailable:
            with self.lock:
                self.refused += 1
            return False
        assert all(result.status in (Status.ACCEPTED, Status.DUPLICATE) for result in results), results
        return True


def run(scale: Scale, seed: int) -> Row:
    """Break nodes under `strict`: a replica that is promoted lacks what it had not received."""
    return _break_nodes("strict", (), scale, seed)


def run_ha(scale: Scale, seed: int) -> Row:
    """Break nodes under `ha`: nothing acknowledged may be lost."""
    return _break_nodes("ha", FOR_HA, scale, seed)


def _break_nodes(profile: str, options: Sequence[str], scale: Scale, seed: int) -> Row:
    chance, rounds = random.Random(seed), 10 if scale == "long" else 1
    with (
        TemporaryDirectory(prefix="dog-cluster-") as folder,
        running_cluster_with_replicas(Path(folder), *OPTIONS, *options) as (primaries, replicas),
        _sending(cluster_url(primaries + replicas), profile, folder, seed) as clients,
    ):
        pairs = list(zip(primaries, replicas, strict=True))
        for _ in range(rounds):
            _pause_replica(*chance.choice(pairs))
            for fail_over in (_kill_primary, _pause_primary):
                place = chance.randrange(len(pairs))
                fail_over(*pairs[place])
                pairs[place] = pairs[place][::-1]
                time.sleep(PAUSE_SECONDS)
        clients.stop()
        found = check_servers([primary.url for primary, _ in pairs], clients.acknowledged)
    note = f"{rounds} replicas paused, {rounds} primaries killed, {rounds} paused; {clients.refused} calls refused"
    return Row(
        fault=f"failovers of a cluster under writes, {profile}",
        n=len(clients.acknowledged),
        seed=seed,
        lost=found.lost,
        doubled=found.doubled,
        torn=found.torn,
        seconds_to_recover=clients.longest_refusal,
        note=note,
        may_lose=profile != "ha",
    )


@contextmanager
def _sending(url: str, profile: str, folder: str, seed: int) -> "Iterator[Clients]":
    given = {"DOG_REDIS_URL": url, "DOG_DURABILITY": profile, "DOG_POLICY_DIR": str(ROOT / "rules")}
    environ = {**given, "DOG_DATA_DIR": folder}
    with (
        build_runtime(environ, timeout_seconds=REQUEST_SECONDS) as runtime,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        assert runtime.durability.profile == profile
        clients = Clients(runtime.store("default", create=True), seed)
        clients.sending = [pool.submit(clients.send, number) for number in range(CLIENTS)]
        time.sleep(PAUSE_SECONDS)
        try:
            yield clients
        finally:
            clients.stopping.set()


def _pause_replica(_: Server, replica: Server) -> None:
    replica.send(signal.SIGSTOP)
    time.sleep(PAUSE_SECONDS / 2)  # shorter than the cluster takes to call it failed
    replica.send(signal.SIGCONT)
    time.sleep(PAUSE_SECONDS)


def _kill_primary(primary: Server, replica: Server) -> None:
    primary.kill()
    wait_until(lambda: is_primary(replica), 30)
    primary.start()
    wait_until(lambda: not is_primary(primary), 30)


def _pause_primary(primary: Server, replica: Server) -> None:
    """Pause it until its replica is promoted; when it continues it does not know yet that it is a replica."""
    primary.send(signal.SIGSTOP)
    wait_until(lambda: is_primary(replica), 30)
    time.sleep(PAUSE_SECONDS / 2)
    primary.send(signal.SIGCONT)
    wait_until(lambda: not is_primary(primary), 30)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_under_ha_a_cluster_that_fails_over_loses_nothing_and_counts_nothing_twice() -> None:
    row = run_ha("short", seed=1)

    assert row.is_clean, row
    assert row.n > 0


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_under_strict_a_cluster_that_fails_over_counts_nothing_twice_and_leaves_nothing_by_half() -> None:
    row = run("short", seed=1)

    assert (row.doubled, row.torn) == (0, 0), row
    assert row.n > 0
