"""The undo of a load is killed anywhere, while live feedback comes for the same contacts: repeated, it completes."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from dog.services.data.loads.undo_load import undo_load
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.storage.embedded import EmbeddedServer
from dog.storage.load_records import UNDONE, read_load
from dog.storage.store import Store
from tests.conftest import Clock
from tests.faults.checker import check
from tests.faults.worlds import some_event
from tests.loads_world import KINDS, exported, load

ROOT = Path(__file__).parents[2]
KILLS, CONTACTS, EVENTS = 24, 300, 3_000
LIVE_SECONDS = 0.05
"""Between calls with live events."""
CHILD = """
import os, signal, sys, threading
from dog.bootstrap import create_runtime
from dog.config import read_settings
from dog.services.data.loads.undo_load import undo_load
from dog.storage.connection import connect
url, policies, folder = sys.argv[1:]
for line in sys.stdin:  # a process for each undo, which has all imported
    load_id, seconds = line.split()
    if not (child := os.fork()):
        settings = read_settings({"DOG_POLICY_DIR": policies, "DOG_DATA_DIR": folder})
        runtime = create_runtime(settings, connect(url, timeout_seconds=30))
        runtime.store("default")
        threading.Timer(float(seconds), os.kill, (os.getpid(), signal.SIGKILL)).start()
        undo_load(runtime, "default", load_id)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Undoer:
    """A process that undoes loads in children, which kill themselves."""

    def __init__(self, server: EmbeddedServer, folder: Path) -> None:
        words = [sys.executable, "-c", CHILD, server.url, str(ROOT / "rules"), str(folder)]
        self._process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def killed(self, load_id: str, seconds: float) -> bool:
        """Undo a load in a process that kills itself after that many seconds; return whether it did."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(load_id, seconds, file=self._process.stdin, flush=True)
        code = int(self._process.stdout.readline())
        assert code in (0, -9)
        return code == -9

    def close(self) -> None:
        """End it."""
        self._process.communicate()


@contextmanager
def live_feedback(store: Store, chance: random.Random, acknowledged: dict[str, Any]) -> Iterator[None]:
    """Send events of the same contacts all the while."""
    ended = threading.Event()

    def send() -> None:
        while not ended.wait(LIVE_SECONDS):
            events = [dict(some_event(chance, f"live{len(acknowledged) + n}", CONTACTS)) for n in range(20)]
            results = record_feedback(store, events, time.time_ns() // 1_000_000)
            acknowledged.update(
                {
                    one["event_id"]: one
                    for one, result in zip(events, results, strict=True)
                    if result.status == "accepted"
                }
            )

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def free_leases(store: Store) -> None:
    """Expire the leases of a killed process, for which an undo would wait."""
    for key in store.redis.scan_iter("*lease:*"):
        store.redis.delete(key)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_undo_is_completed_and_loses_and_doubles_no_live_feedback(
    runtime: Runtime, store: Store, redis_server: EmbeddedServer, clock: Clock, tmp_path: Path
) -> None:
    clock.now_ms = time.time_ns() // 1_000_000
    chance, acknowledged, kills = random.Random(7), dict[str, Any](), 0
    old = [dict(some_event(chance, f"old{n}", CONTACTS)) for n in range(900)]
    assert {one.status for one in record_feedback(store, old, runtime.clock())} == {"accepted"}
    events = [some_event(chance, f"e{n}", CONTACTS) for n in range(EVENTS)]
    people = [{"contact_id": f"c{n}", "segment": f"s{n}"} for n in range(CONTACTS)]
    before = exported(runtime, tmp_path)
    rows: dict[str, Sequence[Mapping[str, Any]]] = {"feedback": events, "contacts": people}

    took = {}
    for kind, own in rows.items():
        began = load(runtime, tmp_path, kind, *own).load_id, time.monotonic()
        undo_load(runtime, "default", began[0])
        took[kind] = time.monotonic() - began[1]
    assert exported(runtime, tmp_path) == before

    with closing(Undoer(redis_server, tmp_path)) as undoer, live_feedback(store, random.Random(8), acknowledged):
        while kills < KILLS:
            for kind, own in rows.items():
                load_id = load(runtime, tmp_path, kind, *own).load_id
                while read_load(store, load_id).state != UNDONE:
                    kills += undoer.killed(load_id, chance.uniform(0, took[kind]))
                    free_leases(store)
    found = check(redis_server.url, acknowledged | {one["event_id"]: one for one in old})

    assert (found.lost, found.doubled, found.torn) == (0, 0, 0)
    assert found.events == len(acknowledged) + len(old)
    after = exported(runtime, tmp_path)
    kept = [line for line in after["feedback"].splitlines(keepends=True) if not line.startswith(b"live")]
    assert b"".join(kept) == before["feedback"]
    assert {kind: after[kind] for kind in KINDS[:3] if kind != "contacts"} == {
        kind: before[kind] for kind in KINDS[:3] if kind != "contacts"
    }
    assert b"s1" not in after["contacts"]
