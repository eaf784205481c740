"""A back-fill is killed anywhere, again and again: loaded once more it leaves what an undisturbed load leaves."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dog.services.data.load_file import load_file
from dog.services.policies.policy_store import load_policy_files
from dog.services.runtime import Runtime
from dog.storage.embedded import EmbeddedServer
from dog.storage.load_records import list_loads
from dog.storage.store import Store, put_tenant
from tests.conftest import NOW, Clock
from tests.faults.test_undo_killed import free_leases
from tests.faults.worlds import some_event
from tests.loads_world import write_rows
from tests.services.data.backfill.test_run_backfill import left

ROOT = Path(__file__).parents[2]
KILLS, CONTACTS, EVENTS = 12, 200, 6_000
CHILD = """
import os, signal, sys, threading
from pathlib import Path
from dog.bootstrap import create_runtime
from dog.config import read_settings
from dog.services.data.load_file import load_file
from dog.storage.connection import connect
url, policies, folder, kind, file = sys.argv[1:]
for line in sys.stdin:  # a process for each load, which has all imported
    if not (child := os.fork()):
        settings = read_settings({"DOG_POLICY_DIR": policies, "DOG_DATA_DIR": folder})
        runtime = create_runtime(settings, connect(url, timeout_seconds=30))
        threading.Timer(float(line), os.kill, (os.getpid(), signal.SIGKILL)).start()
        load_file(runtime, "default", kind, Path(file), backfill=True, split_bytes=0)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@contextmanager
def loader(server: EmbeddedServer, folder: Path, kind: str, file: Path) -> Iterator[Any]:
    """Yield what loads the file in a process that kills itself after some seconds, and returns whether it did."""
    words = [sys.executable, "-c", CHILD, server.url, str(ROOT / "rules"), str(folder), kind, str(file)]
    process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def killed(seconds: float) -> bool:
        assert process.stdin is not None
        assert process.stdout is not None
        print(seconds, file=process.stdin, flush=True)
        code = int(process.stdout.readline())
        assert code in (0, -9)
        return code == -9

    yield killed
    process.communicate()


def kill_loads(
    killed: Callable[[float], bool], chance: random.Random, seconds: float, after_each: Callable[[], None]
) -> None:
    """Load until `KILLS` loads are killed, each some time within the seconds that an undisturbed one took."""
    kills = 0
    while kills < KILLS:
        if killed(chance.uniform(0.1 * seconds, seconds)):
            kills += 1
        else:  # it is quicker than the first one was
            seconds *= 0.8
        after_each()


def history(chance: random.Random) -> list[dict[str, Any]]:
    """Return events, some of them repeated, some with the id of another."""
    events = [dict(some_event(chance, f"e{number}", CONTACTS)) for number in range(EVENTS)]
    for event in events:
        event.pop("reason", None)
        if event["type"] in ("discard", "accept") and chance.random() < 0.3:
            event["trigger"] = "market"
    events += [dict(event) for event in chance.sample(events, 200)]
    events += [event | {"contact_id": "c1"} for event in chance.sample(events, 50)]
    chance.shuffle(events)
    return events


def left_by_loads(runtime: Runtime, store: Store) -> dict[bytes, Any]:
    """Return all keys, with one name for all loads; journals of several loads are one."""
    found: dict[bytes, Any] = {}
    loads = [record.load_id.encode() for record in list_loads(store)]

    def named(text: bytes) -> bytes:
        for load in loads:
            text = text.replace(load, b"LOAD")
        return text

    for key, (kind, values) in left(runtime.redis, runtime).items():
        if not any(name in key for name in (b"file_loads", b"arrival", b"polic")):
            before = found.get(named(key), (kind, frozenset()))[1]
            found[named(key)] = kind, before | {named(value) for value in values}
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_backfill_is_completed_by_loading_again_and_leaves_the_same_keys(
    runtime: Runtime, store: Store, redis_server: EmbeddedServer, clock: Clock, tmp_path: Path
) -> None:
    clock.now_ms = time.time_ns() // 1_000_000
    chance = random.Random(3)
    file = write_rows(tmp_path / "history.csv", history(chance))
    began = time.monotonic()
    load_file(runtime, "default", "feedback", file, backfill=True)
    took = time.monotonic() - began
    undisturbed = left_by_loads(runtime, store)
    tenant = store.tenant
    runtime.redis.flushall()
    put_tenant(runtime.redis, tenant)
    load_policy_files(store, ROOT / "rules", clock.now_ms, NOW.date())  # a killed command may leave some out

    with loader(redis_server, tmp_path, "feedback", file) as killed:
        kill_loads(killed, chance, took, lambda: free_leases(store))
    last = load_file(runtime, "default", "feedback", file, backfill=True)

    assert left_by_loads(runtime, store) == undisturbed
    assert last.counts.total == EVENTS + 250
