"""Workers are killed amid votes and retractions: no vote without its event, and none of an answer is missing."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from dog.bootstrap import build_runtime
from dog.services.feedback.list_verdicts import list_verdicts
from dog.services.runtime import Runtime
from dog.services.weekly.recount import recount
from tests.faults.checker import check
from tests.faults.clients import CLIENTS, in_batches, post_until_told
from tests.faults.journal import Journal
from tests.faults.rows import Row, Scale
from tests.faults.test_worker_kill import workers_of
from tests.faults.worlds import World, world

ROW = 4
SECONDS_BETWEEN = 1.5
CONTACTS, ACTORS = 60, ("ann", "ben", "cat", "dan")
SEGMENTS, CATEGORIES, ACCOUNTS = ("gold", "iron"), ("Cereal", "Dairy", "Ink"), 6
REASONS: tuple[dict[str, str], ...] = (
    {"trigger": "market"},
    {"trigger": "business"},
    {"trigger": "discomfort", "attribute": "account"},
)
Events = list[Mapping[str, Any]]


def draw_votes(chance: random.Random, count: int) -> Events:
    """Draw verdicts that act beyond their contact, no two of the same time."""
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=5)
    return [
        {
            "event_id": f"v{number}",
            "type": chance.choice(["discard", "discard", "accept"]),
            "contact_id": f"c{chance.randrange(CONTACTS)}",
            "product_id": f"p{chance.randrange(len(CATEGORIES))}",
            "actor_id": chance.choice(ACTORS),
            "occurred_at": (start + timedelta(seconds=number)).isoformat(),
            "reason": chance.choice(REASONS),
        }
        for number in range(count)
    ]


def load_rows(here: World) -> None:
    """Load products with categories, and contacts with accounts and segments."""
    products = [{"product_id": f"p{n}", "category": category} for n, category in enumerate(CATEGORIES)]
    contacts = [
        {"contact_id": f"c{n}", "account_id": f"a{n % ACCOUNTS}", "segment": SEGMENTS[n % 2]} for n in range(CONTACTS)
    ]
    for kind, rows in (("products", products), ("contacts", contacts)):
        assert here.call(f"/v1/{kind}", rows)[0] == 200


def retract_until_told(here: World, event_id: str) -> None:
    """Retract an event until an answer comes."""
    for _ in range(1000):
        status, answer = here.call(f"/v1/feedback/{event_id}/retract", {})
        if status == 200:
            return
        assert status <= 0 or status in (429, 500, 502, 503), (status, answer)
        time.sleep(0.05)
    raise AssertionError("no answer to a retraction")


@contextmanager
def killing(here: World, serving: int, chance: random.Random) -> Iterator[list[int]]:
    """Kill a worker every now and then; the list has their ids."""
    killed, done = list[int](), threading.Event()

    def kill() -> None:
        while not done.wait(SECONDS_BETWEEN):
            if victims := workers_of(serving):
                killed.append(chance.choice(victims))
                os.kill(killed[-1], signal.SIGKILL)
                here.until_ready()

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        done.set()
        thread.join()


def plain_votes(events: Events) -> dict[tuple[str, str, str], int]:
    """Return the votes for less those against, by scope, subject and within: one a voter, of an actor each verdict."""
    weights: dict[tuple[str, str, str], dict[str, list[int]]] = {}
    for event in sorted(events, key=lambda event: str(event["occurred_at"])):
        place = int(event["contact_id"][1:])
        category, account = CATEGORIES[int(event["product_id"][1:])], f"a{place % ACCOUNTS}"
        trigger, actor = event["reason"]["trigger"], event["actor_id"]
        keys = {
            "market": [("segment", category, SEGMENTS[place % 2]), ("tenant", category, "")],
            "business": [("actor", category, actor)],
            "discomfort": [("account", account, "")],
        }[trigger]
        for key in keys:
            weights.setdefault(key, {}).setdefault(actor, []).append(1 if event["type"] == "accept" else -1)
    return {
        key: sum(sum(said) if key[0] == "actor" else _vote(said) for said in voters.values())
        for key, voters in weights.items()
    }


def _vote(said: list[int]) -> int:
    return -1 if said[-1] < 0 else 0 if -1 in said else 1


def listed_votes(runtime: Runtime) -> dict[tuple[str, str, str], int]:
    """Return the votes as the service lists them."""
    signs = {"against": -1, "for": 1, "even": 0}
    return {
        (row["scope"], row["subject"], row["within"] or ""): signs[row["direction"]] * row["votes"]
        for row in list_verdicts(runtime, "default")["items"]
    }


def run(scale: Scale, seed: int) -> Row:
    """Kill workers while clients send votes and take a third of them back; then all is sent again."""
    count = 20_000 if scale == "long" else 800
    chance = random.Random(seed)
    events = draw_votes(chance, count)
    gone = {event["event_id"] for event in events if chance.random() < 1 / 3}
    with world(DOG_WORKERS="2") as here, TemporaryDirectory() as folder, ThreadPoolExecutor(CLIENTS) as pool:
        journal, serving = Journal(Path(folder) / "acknowledged.ndjson"), here.serve()
        load_rows(here)

        def send(batch: Events) -> None:
            post_until_told(here, journal, batch)
            for event in batch:
                if event["event_id"] in gone:
                    retract_until_told(here, event["event_id"])

        batches = in_batches(chance, events, 20)
        with killing(here, serving.pid, chance) as killed:
            list(pool.map(send, batches))
        kept = [event for event in events if event["event_id"] not in gone]
        environ = {"DOG_REDIS_URL": here.redis_url, "DOG_DATA_DIR": folder, "DOG_LOG_LEVEL": "error"}
        with build_runtime(environ) as runtime:
            torn, lost = len(recount(runtime, "default")), _differences(runtime, kept)
            list(pool.map(send, batches))
            torn, lost = torn + len(recount(runtime, "default")), lost + _differences(runtime, kept)
        found = check(here.redis_url, {event["event_id"]: event for event in kept})
    note = f"{len(killed)} kills, {len(gone):,} taken back"
    return Row("worker killed amid votes", count, seed, lost + found.lost, found.doubled, torn + found.torn, None, note)


def _differences(runtime: Runtime, kept: Events) -> int:
    expected, found = plain_votes(kept), listed_votes(runtime)
    return sum(expected.get(key) != found.get(key) for key in expected.keys() | found.keys())


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_workers_leave_the_votes_of_their_answers_and_no_other() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
