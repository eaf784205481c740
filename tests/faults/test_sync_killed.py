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
        while not self._ended.wait(0.02):
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


def sync(here: World, map_file: Path, kill_after: float | None = None) -> int | None:
    """Run a sync, and kill it after so many seconds; its exit code, None where it was killed."""
    command = ("jobs", "sync", "--map", str(map_file))
    process = here.start(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    here.processes.remove(process)
    try:
        return process.wait(kill_after or 120)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None


def until_free(here: World, map_file: Path) -> int | None:
    """Sync when the lease of a killed one is given up."""
    with here.redis() as redis:
        redis.delete("dog:{default}:lease:sync-crm")
    return sync(here, map_file)


def run(scale: Scale, seed: int, kills: int | None = None) -> Row:
    """Kill a sync at any moment of its life, many times; then let it end."""
    kills = kills or (50 if scale == "long" else 8)
    chance, killed = random.Random(seed), 0
    with running_postgres() as url, world(CRM_URL=url) as here:
        map_file = here.data_dir.parent / "dog.toml"
        map_file.write_text(MAP, "utf-8")
        execute(url, MAKE)
        server = EmbeddedServer(here.data_dir, "always")
        server.start()
        with Inserter(url, seed) as inserter:
            assert sync(here, map_file) == 0
            for _ in range(kills):
                with here.redis() as redis:
                    redis.delete("dog:{default}:lease:sync-crm")
                killed += sync(here, map_file, chance.uniform(0.5, 3.0)) is None
        early = check(here.redis_url, {})
        assert until_free(here, map_file) == 0
        found = check(here.redis_url, inserter.events)
        server.stop()
    assert found.events == len(inserter.events)
    note = f"{kills} syncs, {killed} of them killed; {early.events} of the events there before the last"
    doubled, torn = found.doubled + early.doubled, found.torn + early.torn
    return Row("sync killed", len(inserter.events), seed, found.lost, doubled, torn, None, note)


def test_a_sync_that_was_killed_goes_on_without_loss() -> None:
    row = run("short", seed=1, kills=2)

    assert row.is_clean, row


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_sync_that_is_killed_fifty_times_loses_and_doubles_nothing() -> None:
    row = run("long", seed=2)

    assert row.is_clean, row
