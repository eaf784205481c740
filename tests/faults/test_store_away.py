"""Redis is killed or hung under load: answers are marked or refused in time, and no suppressed product comes out."""

import itertools
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
import pytest

from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer
from tests.faults.clients import CLIENTS
from tests.faults.rows import Row, Scale
from tests.faults.worlds import World, world

ROW = 17
CONTACTS = 200
SUPPRESSED = "p0"
CANDIDATES = [{"product_id": f"p{number}", "scores": {"cf": 0.9 - number / 10}} for number in range(4)]
SETTLED_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client was told, and when."""

    path: str
    contact: int
    status: int
    degraded: str | None
    retry_after: str | None
    products: tuple[str, ...]
    began: float  # seconds, as time.monotonic()
    seconds: float

    @property
    def leaks(self) -> bool:
        """Whether it offers the product that contacts of even number have discarded."""
        return self.contact % 2 == 0 and SUPPRESSED in self.products


def ask(world: World, contact: int, path: str = "/v1/recommendations") -> Answer:
    """Ask for a list, or send feedback about p3."""
    body: dict[str, Any] = {"contact_id": f"c{contact}", "candidates": CANDIDATES}
    if path == "/v1/feedback":
        body = {"events": [said(f"e{time.monotonic_ns()}-{threading.get_ident()}", "accept", contact, "p3")]}
    began = time.monotonic()
    connection = HTTPConnection("127.0.0.1", world.port, timeout=10)
    status, document = 0, {}
    marks: tuple[str | None, str | None] = (None, None)
    with suppress(OSError, HTTPException):
        connection.request("POST", path, orjson.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        status, document = answer.status, orjson.loads(answer.read())
        marks = answer.getheader("X-DOG-Degraded"), answer.getheader("Retry-After")
    connection.close()
    products = tuple(item["product_id"] for item in document.get("items", ()))
    return Answer(path, contact, status, *marks, products, began, time.monotonic() - began)


def said(event_id: str, kind: str, contact: int, product: str) -> dict[str, Any]:
    """Write an event of this moment."""
    at = datetime.now(UTC).isoformat()
    return {
        "event_id": event_id,
        "type": kind,
        "contact_id": f"c{contact}",
        "product_id": product,
        "occurred_at": at,
    }


def load(world: World, seed: int, until: Callable[[], bool]) -> list[Answer]:
    """Let eight clients ask for lists (four of five calls) and send feedback until it is enough."""

    def client(number: int) -> list[Answer]:
        chance = random.Random(seed * 100 + number)
        found = []
        while not until():
            path = "/v1/feedback" if chance.random() < 0.2 else "/v1/recommendations"
            found.append(ask(world, chance.randrange(CONTACTS), path))
        return found

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(itertools.chain.from_iterable(pool.map(client, range(CLIENTS))))


@dataclass(frozen=True, slots=True)
class Outage:
    """All answers of one run, and when Redis was away (seconds, as time.monotonic())."""

    answers: list[Answer]
    left: float
    back: float

    def between(self, first: float, last: float) -> list[Answer]:
        """List the answers to calls that began in that time."""
        return [answer for answer in self.answers if first <= answer.began < last]

    @property
    def away(self) -> list[Answer]:
        """List the answers to calls that lie wholly in the outage."""
        return [it for it in self.between(self.left, self.back) if it.began + it.seconds < self.back]

    @property
    def recovered_seconds(self) -> float:
        """How long after the return the last marked or refused answer was asked for."""
        late = [it.began for it in self.between(self.back, float("inf")) if it.status != 200 or it.degraded]
        return max(late, default=self.back) - self.back

    def wrong(self) -> list[Answer]:
        """List answers that are neither marked lists nor refusals that say when to come again."""
        return [
            it
            for it in self.away
            if not (it.status == 200 and it.degraded and it.path != "/v1/feedback")
            and not (it.status == 503 and it.retry_after in {"1", "2", "3", "4", "5"})
        ]

    def p99_ms(self, answers: list[Answer]) -> float:
        """Tell the 99th percentile of how long calls took."""
        return float(np.percentile([it.seconds for it in answers], 99)) * 1000


def endure(
    seconds: float, seed: int, leave: Callable[[int], None], come_back: Callable[[EmbeddedServer, int], None]
) -> Outage:
    """Serve a load before, during and after an outage of Redis."""
    with TemporaryDirectory(prefix="dog-redis-") as folder:
        server = EmbeddedServer(Path(folder), "everysec")
        server.start()
        try:
            with world(DOG_REDIS_URL=server.url, DOG_WORKERS="2", DOG_DURABILITY="standard") as here:
                here.serve()
                discards = [said(f"d{contact}", "discard", contact, SUPPRESSED) for contact in range(0, CONTACTS, 2)]
                assert here.call("/v1/feedback", {"events": discards})[1]["accepted"] == len(discards)
                over = threading.Event()
                with ThreadPoolExecutor(1) as pool:
                    answers = pool.submit(load, here, seed, over.is_set)
                    time.sleep(4)
                    with connect(server.url) as client:
                        process = int(client.info("server")["process_id"])
                    left = time.monotonic()
                    leave(process)
                    time.sleep(seconds)
                    back = time.monotonic()
                    come_back(server, process)
                    time.sleep(4)
                    over.set()
                    return Outage(answers.result(), left, back)
        finally:
            server.start()
            server.stop()


def kill(process: int) -> None:
    """End the server as `kill -9` does."""
    os.kill(process, signal.SIGKILL)


def start_again(server: EmbeddedServer, _: int) -> None:
    """Start the server that was killed."""
    server.ensure_running()


def hang(process: int) -> None:
    """Let the server take commands and answer none."""
    os.kill(process, signal.SIGSTOP)


def go_on(_: EmbeddedServer, process: int) -> None:
    """Let the server answer again."""
    os.kill(process, signal.SIGCONT)


def run_down(scale: Scale, seed: int) -> Row:
    """Kill Redis under load and start it a minute later."""
    return _row("redis down", endure(60 if scale == "long" else 5, seed, kill, start_again), seed)


def run_hung(scale: Scale, seed: int) -> Row:
    """Stop Redis under load without ending it."""
    return _row("redis hung", endure(30 if scale == "long" else 6, seed, hang, go_on), seed)


def _row(fault: str, outage: Outage, seed: int) -> Row:
    settled = outage.between(outage.left + SETTLED_SECONDS, outage.back)
    before = outage.between(0, outage.left)
    leaks = sum(answer.leaks for answer in outage.answers)
    away = outage.away
    note = (
        f"{sum(it.status == 200 for it in away):,} marked, {sum(it.status == 503 for it in away):,} refused; "
        f"p99 {outage.p99_ms(before):.0f} ms before, {outage.p99_ms(away):.0f} ms away "
        f"({outage.p99_ms(settled):.0f} ms once open), longest {max(it.seconds for it in away) * 1000:.0f} ms; "
        f"{leaks} suppressed products in {len(outage.answers):,} answers"
    )
    return Row(fault, len(outage.answers), seed, len(outage.wrong()), 0, leaks, outage.recovered_seconds, note)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("run", [run_down, run_hung])
def test_answers_are_marked_or_refused_in_time_and_suppress_what_they_must(run: Callable[[Scale, int], Row]) -> None:
    row = run("short", 1)

    assert row.n > 1_000, row
    assert row.is_clean, row
    assert row.seconds_to_recover is not None
    assert row.seconds_to_recover < 2, row
