"""`jobs sync` is killed while it reads a table into which rows are inserted: none is lost, none counts twice."""

import os
import random
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import pytest

from dog.storage.embedded import EmbeddedServer
from tests.databases import execute, running_postgres
from tests.faults.checker import check
from tests.faults.rows import Row, Scale
from tests.faults.worlds import World, some_event, world
from tests.servers import wait_until

ROW = 37
ROWS_AT_ONCE = 40
MAKE = (
    "CREATE TABLE events (no BIGSERIAL, event_id TEXT, type TEXT, contact_id TEXT, product_id TEXT, "
    "occurred_at TIMESTAMPTZ, minute BIGINT)"
)
MAP = """
[sources.crm]
kind = "feedback"
url = "env:CRM_URL"
query = "SELECT event_id, type, contact_id, product_id, occurred_at, minute FROM events"
cursor = "minute"
"""


class Inserter:
    """Inserts events until it is stopped; many have the same value of the cursor."""

    def __init__(self, url: str, seed: int) -> None:
        self._url, self._chance, self._ended = url, random.Random(seed), threading.Event()
        self.events: dict[str, Mapping[str, Any]] = {}
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._ended.wait(0.1):
            self.insert()

    def insert(self) -> None:
        """Insert some events in one statement."""
        new = [some_event(self._chance, f"e{len(self.events) + n}") for n in range(ROWS_AT_ONCE)]
        rows = ", ".join(
            f"('{e['event_id']}', '{e['type']}', '{e['contact_id']}', '{e['product_id']}', '{e['occurred_at']}', "
            f"{(len(self.events) + n) // 100})"
            for n, e in enumerate(new)
        )
        names = "event_id, type, contact_id, product_id, occurred_at, minute"
        execute(self._url, f"INSERT INTO events ({names}) VALUES {rows}")  # our own words
        self.events |= {event["event_id"]: event for event in new}

    def __enter__(self) -> Self:
        """Begin."""
        self.insert()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._ended.set()
        self._thread.join()


def sync(here: World, map_file: Path, kill_after: int | None = None) -> int | None:
    """Run a sync, and kill it once it has run that many scripts in Redis; its exit code, None where it was killed."""
    command = ("jobs", "sync", "--map", str(map_file))
    with here.redis() as redis:
        process = here.start(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        here.processes.remove(process)
        if kill_after is not None:
            last = scripts(redis) + kill_after
            wait_until(lambda: process.poll() is not None or scripts(redis) >= last, 60)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return None
        return process.wait(120)


def scripts(redis: Any) -> int:
    """Return how many scripts the server has run: 64 and more claim the ids of a chunk, as many write its rows."""
    return int(redis.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"])


def run(scale: Scale, seed: int, kills: int | None = None) -> Row:
    """Kill a sync at any moment of its life, many times; then let it end."""
    kills = kills or (50 if scale == "long" else 8)
    chance, killed = random.Random(seed), 0
    amid = 0
    with running_postgres() as url, world(CRM_URL=url) as here:
        map_file = here.data_dir.parent / "dog.toml"
        map_file.write_text(MAP, "utf-8")
        execute(url, MAKE)
        server = EmbeddedServer(here.data_dir, "always")
        server.start()
        with Inserter(url, seed) as inserter:
            assert sync(here, map_file) == 0
            while killed < kills:
                before = check(here.redis_url, {}).events
                if sync(here, map_file, chance.randrange(140)) is None:
                    killed += 1
                    amid += before < check(here.redis_url, {}).events
        early = check(here.redis_url, {})
        assert sync(here, map_file) == 0
        found = check(here.redis_url, inserter.events)
        server.stop()
    assert found.events == len(inserter.events)
    note = f"{killed} kills, {amid} of them after their first rows; {early.events:,} rows before the last"
    doubled, torn = found.doubled + early.doubled, found.torn + early.torn
    return Row("sync killed", len(inserter.events), seed, found.lost, doubled, torn, None, note)


def test_a_sync_that_was_killed_goes_on_without_loss() -> None:
    row = run("short", seed=1, kills=2)

    assert row.is_clean, row


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_sync_that_is_killed_again_and_again_loses_and_doubles_nothing() -> None:
    row = run("long", seed=2, kills=15)  # python -m tests.faults sync_killed: 50

    assert row.is_clean, row
