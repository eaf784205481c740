"""Weeks whose right numbers can be read off any answer, a runner that is broken on its way, and readers who watch.

Every pair is pitched once a week, so after n weeks each pair of an answer has n pitches: an answer with two numbers
of pitches, with a version beside other numbers, or with pairs missing was read off a torn publication.
"""

import random
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.exceptions import RedisError

from tests.faults.rows import Row
from tests.faults.worlds import World, world

CONTACTS, PRODUCTS = 100, 5
READERS = 3


def load_weeks(here: World, weeks: int, contacts: int = CONTACTS, tag: str = "w") -> None:
    """Let every pair have one pitch in each of the last weeks, every third pair a won one."""
    chance = random.Random(weeks)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=today.weekday() + 7 * weeks)
    events = [
        {
            "event_id": f"{tag}{week}-{pair}",
            "type": "win" if chance.random() < 1 / 3 else "loss",
            "contact_id": f"c{pair // PRODUCTS}",
            "product_id": f"p{pair % PRODUCTS}",
            "occurred_at": (first + timedelta(weeks=week, seconds=pair)).isoformat(),
        }
        for week in range(weeks)
        for pair in range(contacts * PRODUCTS)
    ]
    for start in range(0, len(events), 1000):
        status, answer = here.call("/v1/feedback", {"events": events[start : start + 1000]}, seconds=60)
        assert (status, answer["accepted"]) == (200, len(events[start : start + 1000]))


def published(here: World) -> dict[int, str]:
    """Read from the server which week got which version, in order."""
    with here.redis() as client:
        weeks: Any = client.hgetall("dog:{default}:weeks")
    return {
        int(week): noted.decode().partition("@")[0] for week, noted in sorted(weeks.items(), key=lambda w: int(w[0]))
    }


def cut_lease(here: World) -> None:
    """Let the lease of a killed runner end now, not in half a minute."""
    with here.redis() as client:
        client.delete("dog:{default}:lease:recompute")


@dataclass
class Readers:
    """Clients who read multipliers and lists all the time, and what they saw."""

    here: World
    reads: int = 0
    unanswered: int = 0
    torn: int = 0
    missing: int = 0
    back: int = 0
    seen: set[int] = field(default_factory=set)  # numbers of weeks that answers showed
    stopping: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        """Read until stopped."""
        newest = 0
        while not self.stopping.is_set():
            for look in (self._multipliers, self._list):
                seen = look()
                if seen is not None:
                    self.seen.add(seen)
                    self.back += seen < newest
                    newest = max(newest, seen)

    def _multipliers(self) -> int | None:
        page = self._ask("/v1/multipliers?limit=1000")
        return None if page is None else self._judge(page["items"], page["version"], CONTACTS * PRODUCTS)

    def _list(self) -> int | None:
        asked = {"contact_id": f"c{self.reads % CONTACTS}", "explain": "full", "dry_run": True}
        asked["candidates"] = [{"product_id": f"p{p}", "scores": {"cf": 0.5}} for p in range(PRODUCTS)]
        body = self._ask("/v1/recommendations", asked)
        if body is None:
            return None
        version = body["multiplier_version"]
        rows = [{**item["factors"]["performance"], "version": version} for item in body["items"]]
        return self._judge(rows, version, PRODUCTS)

    def _ask(self, path: str, body: Any = None) -> Any:
        """Ask; None where there is no answer, or one that says itself that it may be old."""
        status, answer = self.here.call(path, body)
        if status == 200 and "degraded" not in answer:
            return answer
        self.unanswered += 1
        return None

    def _judge(self, rows: list[Any], version: str | None, expected: int) -> int:
        """Tell how many weeks an answer shows; 0 before the first."""
        self.reads += 1
        if version is None:
            return 0
        pitches = {row["pitches"] for row in rows}
        self.torn += len(pitches) != 1 or {row["version"] for row in rows} != {version}
        self.missing += len(rows) != expected
        return int(max(pitches))


def break_recomputes(
    name: str, weeks: int, kills: int, seed: int, strike: Callable[[World, "subprocess.Popen[bytes]"], None]
) -> Row:
    """Publish weeks while readers watch; strike so often while the runner is at work, then let it finish."""
    chance = random.Random(seed)
    longest = 0.0
    with world(DOG_WORKERS="2") as here:
        here.serve()
        load_weeks(here, weeks)
        readers = Readers(here)
        with ThreadPoolExecutor(READERS) as pool:
            watching = [pool.submit(readers.read) for _ in range(READERS)]
            try:
                struck = sum(strike_once(here, chance, strike) for _ in range(kills))
                began = time.monotonic()
                _until_published(here, weeks)
                longest = time.monotonic() - began
                time.sleep(0.5)
            finally:
                readers.stopping.set()
        for watch in watching:
            watch.result()
        done = published(here)
        last = here.read_all("/v1/multipliers")
    missed = weeks - len(done)
    assert list(done) == list(range(min(done), min(done) + weeks)), "weeks out of order"
    assert {row["pitches"] for row in last} == {weeks}
    note = (
        f"{readers.reads:,} reads, {readers.unanswered} refused or marked as old; {struck} strikes; "
        f"{len(done)} of {weeks} weeks; torn {readers.torn}, missing {readers.missing}, back {readers.back}"
    )
    doubled = len(done) - len(set(done.values()))
    return Row(name, readers.reads, seed, missed + readers.missing, doubled, readers.torn + readers.back, longest, note)


def strike_once(here: World, chance: random.Random, strike: Callable[[World, "subprocess.Popen[bytes]"], None]) -> bool:
    runner = here.start("jobs", "recompute", stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while runner.poll() is None and not _is_leased(here):
        time.sleep(0.005)
    time.sleep(chance.random() * 0.25)
    if runner.poll() is not None:
        return False
    strike(here, runner)
    return True


def _is_leased(here: World) -> bool:
    with suppress(RedisError), here.redis() as client:
        return bool(client.exists("dog:{default}:lease:recompute"))
    return False


def _until_published(here: World, weeks: int) -> None:
    for _ in range(20):
        runner = here.start("jobs", "recompute", stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if runner.wait(300) == 0 and len(published(here)) == weeks:
            return
        cut_lease(here)
    raise AssertionError(f"only {len(published(here))} of {weeks} weeks are published after 20 tries")
