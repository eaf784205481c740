"""The power fails under load, and what was not synced is gone: `strict` loses nothing that was acknowledged."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from dog.errors import StoreUnavailable
from dog.services.feedback.record_feedback import record_feedback
from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.round_trip import IN_MEMORY, ON_DISK
from dog.storage.store import Store, ensure_tenant
from tests.faults.checker import check
from tests.faults.clients import CLIENTS, post_until_told
from tests.faults.journal import Journal
from tests.faults.power import COMPILER, NO_COMPILER, ForgetfulDisk
from tests.faults.processes import children
from tests.faults.rows import Row, Scale
from tests.faults.worlds import ROOT, World, some_event
from tests.servers import running_pair

ROW = 2
MOST_EVENTS = 20
pytestmark = pytest.mark.skipif(COMPILER is None, reason=NO_COMPILER)


class Client(threading.Thread):
    """Sends batches until one is not answered, which it keeps."""

    def __init__(self, here: World, journal: Journal, name: str, seed: int) -> None:
        super().__init__()
        self.here, self.journal, self.tag, self.chance = here, journal, name, random.Random(seed)
        self.sent = 0
        self.unanswered: list[Mapping[str, Any]] = []

    def run(self) -> None:
        """Send until cut off."""
        while not self.unanswered:
            batch = [
                some_event(self.chance, f"{self.tag}-{self.sent + n}")
                for n in range(self.chance.randint(1, MOST_EVENTS))
            ]
            self.sent += len(batch)
            status, answer = self.here.call("/v1/feedback", {"events": batch})
            if status != 200:
                self.unanswered = batch
                return
            assert answer["rejected"] == 0, answer
            for event in batch:
                self.journal.acknowledge({**event, "told_at": time.monotonic()})


def run(scale: Scale, seed: int) -> Row:
    """Cut the power again and again, appendfsync always."""
    return _cut_again_and_again("strict", 20 if scale == "long" else 2, seed)


def run_standard(scale: Scale, seed: int) -> Row:
    """Cut the power again and again, appendfsync everysec: what is lost is counted."""
    return _cut_again_and_again("standard", 20 if scale == "long" else 2, seed)


def _cut_again_and_again(profile: str, cuts: int, seed: int) -> Row:
    chance = random.Random(seed)
    longest, rewrites, lost_per_cut, lost_seconds = 0.0, 0, [], []
    with TemporaryDirectory(prefix="dog-power-") as folder:
        disk = ForgetfulDisk(Path(folder) / "var", Path(folder) / "kept")
        disk.build()
        here = World(disk.root, LD_PRELOAD=str(disk.library), DOG_DURABILITY=profile)
        journal, known_lost = Journal(Path(folder) / "acknowledged.ndjson"), frozenset[str]()
        try:
            serving = here.serve()
            for cut in range(cuts):
                clients = [Client(here, journal, f"{cut}-{n}", seed + 1000 * cut + n) for n in range(CLIENTS)]
                rewrite = chance.random() < 0.5
                rewrites += rewrite
                at = _run_and_cut(here, disk, serving, clients, chance, rewrite=rewrite)
                serving = here.serve_again()
                longest = max(longest, time.monotonic() - at)
                found = check(here.redis_url, journal.read())
                told = [
                    event["told_at"] for name, event in journal.read().items() if name in found.missing - known_lost
                ]
                lost_per_cut.append(len(told))
                lost_seconds.append(at - min(told, default=at))
                known_lost = found.missing
                for client in clients:
                    post_until_told(here, journal, client.unanswered)
            found = check(here.redis_url, journal.read())
        finally:
            here.close()
    note = (
        f"{cuts} cuts, {rewrites} of them after a rewrite of the log was begun; "
        f"lost per cut {max(lost_per_cut)} events and {max(lost_seconds):.2f} s at most"
    )
    return Row(
        fault=f"power cut under writes, {profile}",
        n=journal.count,
        seed=seed,
        lost=len(found.missing | known_lost),
        doubled=found.doubled,
        torn=found.torn,
        seconds_to_recover=longest,
        note=note,
        may_lose=profile == "standard",
    )


def _run_and_cut(
    here: World,
    disk: ForgetfulDisk,
    serving: "subprocess.Popen[bytes]",
    clients: list[Client],
    chance: random.Random,
    *,
    rewrite: bool,
) -> float:
    """Let clients send for about a second, begin a rewrite of the log if wanted, cut, and return when that was."""
    for client in clients:
        client.start()
    time.sleep(0.3 + chance.random())
    with here.redis() as redis:
        server = int(redis.info("server")["process_id"])
        if rewrite:
            redis.bgrewriteaof()
    time.sleep(chance.random() / 4)
    stop_everything(serving, server)
    at = time.monotonic()
    for client in clients:
        client.join()
    disk.cut_power()
    return at


def stop_everything(serving: "subprocess.Popen[bytes]", server: int) -> None:
    """Kill the service, the server and its helpers; the service is paused first, so that it starts no other server."""
    services = [serving.pid, *children(serving.pid)]
    for group in services:
        os.killpg(os.getpgid(group), signal.SIGSTOP)
    for process in (*children(server), server):
        os.kill(process, signal.SIGKILL)
    for group in services:
        os.killpg(os.getpgid(group), signal.SIGKILL)
    serving.wait()


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_strict_loses_nothing_that_was_acknowledged() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
    assert row.n > 0


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_standard_loses_about_a_second_and_nothing_is_doubled_or_torn() -> None:
    row = run_standard("short", seed=1)

    assert row.is_clean, row
    assert row.lost > 0, "the disk forgot nothing"


@pytest.mark.slow
def test_under_ha_the_replica_has_what_was_acknowledged_when_both_machines_lose_power(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = ForgetfulDisk(tmp_path / "var", tmp_path / "kept")
    disk.build()
    sync_folders([disk.root / "primary", disk.root / "replica"], disk)
    monkeypatch.setenv("LD_PRELOAD", str(disk.library))
    chance = random.Random(1)
    acknowledged: dict[str, Mapping[str, Any]] = {}
    with running_pair(disk.root, "--min-replicas-to-write", "1") as (primary, replica):
        with primary.connect() as client:
            store = Store(client, ensure_tenant(client, "default"), confirmations=(IN_MEMORY, ON_DISK))
            for number in range(200):
                event = dict(some_event(chance, f"e{number}"))
                with suppress(StoreUnavailable):  # a busy machine: too late
                    record_feedback(store, [event], round(time.time() * 1000))
                    acknowledged[event["event_id"]] = event
        primary.kill()
        replica.kill()
        disk.cut_power()
        replica.start()
        found = check(replica.url, acknowledged)

    assert acknowledged
    assert (found.lost, found.doubled, found.torn) == (0, 0, 0)


def sync_folders(folders: list[Path], disk: ForgetfulDisk) -> None:
    """Create folders that a power cut leaves there, as an operator's are; with the library, which records that."""
    program = """
import os, sys
for path in sys.argv[1:]:
    os.makedirs(path, exist_ok=True)
    for folder in (path, os.path.dirname(path)):
        handle = os.open(folder, os.O_RDONLY); os.fsync(handle); os.close(handle)
"""
    environ = {**os.environ, "LD_PRELOAD": str(disk.library)}
    subprocess.run([sys.executable, "-c", program, *map(str, folders)], env=environ, check=True)


def test_a_new_embedded_server_survives_the_first_power_cut_with_its_folder(tmp_path: Path) -> None:
    disk = ForgetfulDisk(tmp_path / "var", tmp_path / "kept")
    disk.build()
    program = """
import sys, os, signal
from pathlib import Path
from dog.errors import StoreUnavailable
from dog.services.feedback.record_feedback import record_feedback
from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.round_trip import IN_MEMORY, ON_DISK
from dog.storage.store import Store, ensure_tenant
server = EmbeddedServer(Path(sys.argv[1]))
server.start()
with connect(server.url, timeout_seconds=5) as client:
    client.set("key", "acknowledged")
    os.kill(client.info("server")["process_id"], signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""
    environ = {**os.environ, "LD_PRELOAD": str(disk.library)}
    subprocess.run([sys.executable, "-c", program, str(disk.root)], cwd=ROOT, env=environ, check=False)
    disk.cut_power()
    server = EmbeddedServer(disk.root)
    server.start()
    try:
        with connect(server.url, timeout_seconds=5) as client:
            kept = client.get("key")
    finally:
        server.stop()

    assert kept == b"acknowledged"


def test_the_disk_forgets_bytes_names_and_renames_that_were_not_synced(tmp_path: Path) -> None:
    disk = ForgetfulDisk(tmp_path / "root", tmp_path / "kept")
    disk.build()
    (disk.root / "sub").mkdir(parents=True)
    program = """
import os, sys
def sync(path):
    handle = os.open(path, os.O_RDONLY); os.fsync(handle); os.close(handle)
def write(path, text, synced):
    with open(path, "a") as file:
        file.write(text); file.flush()
        if synced: os.fdatasync(file)
write("kept", "synced", True); write("old", "old", True); sync(".")
write("kept", " not synced", False)
write("nameless", "synced", True)
write("new", "new", True); os.replace("new", "old")
write("sub/lost", "synced", True)
"""
    environ = {**os.environ, "LD_PRELOAD": str(disk.library)}
    subprocess.run([sys.executable, "-c", program], cwd=disk.root, env=environ, check=True)
    disk.cut_power()

    left = {path.name: path.read_text() for path in disk.root.iterdir() if path.is_file()}
    assert left == {"kept": "synced", "old": "old"}
    assert list((disk.root / "sub").iterdir()) == []
