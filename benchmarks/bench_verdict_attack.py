"""A tenant floods its verdicts: what another tenant's lists take beside it, over `dog serve` with two workers.

Tenant A holds 100,000 market verdicts of a thousand actors. It sends a thousand events a call as fast as its key may
and asks for a list after each, while tenant B asks for lists at a steady rate: without A, beside pitches (ordinary
traffic), beside market discards of one key, of 1,000 invented actors, and beside calls with 100 of these, whose effects
are answered. Prints a Markdown table; a line of `benchmarks/history/verdict_attack.ndjson` keeps each row.
"""

import argparse
import multiprocessing
import queue
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any

import numpy as np
import orjson
from rich.progress import track

from benchmarks.notes import note
from tests.faults.test_neighbours import make_key
from tests.faults.worlds import World, world

VERDICTS, EVENTS, ACTORS, CONTACTS, PRODUCTS, SEGMENTS = 100_000, 1_000, 1_000, 2_000, 40, 5
PER_SECOND, CONNECTIONS = 25, 8
EFFECTS = 100
"""Events of a call of the kind `effects`: the most whose effects are answered."""
SLOW_MICROSECONDS = 500
Times = dict[str, list[float]]


class Client:
    """One connection with a key."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def post(self, path: str, body: Any) -> float:
        """Post until the key's limit lets it pass; the milliseconds of the answered call."""
        data = orjson.dumps(body)
        while True:
            began = time.perf_counter()
            self._connection.request("POST", path, data, self._headers)
            answer = self._connection.getresponse()
            content = answer.read()
            if answer.status == 200:
                return (time.perf_counter() - began) * 1000
            assert answer.status == 429, (answer.status, content)
            time.sleep(0.02)


def make_events(kind: str, call: int) -> list[dict[str, Any]]:
    """Make a call's events; of the kind `pitch`, or market discards of one `key` or of `actors`."""
    count = EFFECTS if kind == "effects" else EVENTS
    chance, at = np.random.default_rng(call), datetime.now(UTC) - timedelta(hours=1)
    contacts, products = (
        chance.integers(CONTACTS, size=count).tolist(),
        chance.integers(PRODUCTS, size=count).tolist(),
    )
    verdict = {} if kind == "pitch" else {"reason": {"trigger": "market"}}
    return [
        {
            "event_id": f"{kind}-{call}-{n}",
            "type": "pitch" if kind == "pitch" else "discard",
            "contact_id": f"c{contact}",
            "product_id": f"p{product}",
            "occurred_at": at.isoformat(),
            "actor_id": f"actor {n % ACTORS}",
            **verdict,
        }
        for n, (contact, product) in enumerate(zip(contacts, products, strict=True))
    ]


def load(here: World, keys: dict[str, str]) -> None:
    """Load contacts, products and scores of both tenants, and the verdicts of the first."""
    products = [{"product_id": f"p{n}", "category": f"category {n % 20}"} for n in range(PRODUCTS)]
    contacts = [{"contact_id": f"c{n}", "segment": f"segment {n % SEGMENTS}"} for n in range(CONTACTS)]
    scores = [
        {"contact_id": f"c{c}", "product_id": f"p{n}", "model": "cf", "score": 0.1 + n / 100, "as_of": "2026-01-01"}
        for c in range(20)
        for n in range(PRODUCTS)
    ]
    for key in (keys["loader"], keys["other"]):
        client = Client(here.port, key)
        for kind, rows in (("products", products), ("contacts", contacts), ("scores", scores)):
            client.post(f"/v1/{kind}", rows)
    loader = Client(here.port, keys["loader"])
    for call in track(range(VERDICTS // EVENTS), description="loading verdicts"):
        loader.post("/v1/feedback", {"events": make_events("loaded", call)})


def attack(port: int, key: str, kind: str, took: "multiprocessing.Queue[tuple[float, float]]") -> None:
    """Send a thousand events and ask for a list, again and again; the milliseconds of both."""
    client = Client(port, key)
    for call in range(1_000_000):
        sent = client.post("/v1/feedback", {"events": make_events(kind, call)})
        took.put((sent, client.post("/v1/recommendations", {"contact_id": f"c{call % 20}"})))


def take_times(port: int, key: str, seconds: float) -> np.ndarray:
    """Ask for lists at a steady rate over several connections; the milliseconds of each, from when it was due."""
    clients: queue.SimpleQueue[Client] = queue.SimpleQueue()
    for _ in range(CONNECTIONS):
        clients.put(Client(port, key))

    def ask(call: int, due: float) -> float:
        client = clients.get()
        client.post("/v1/recommendations", {"contact_id": f"c{call % 20}"})
        clients.put(client)
        return (time.perf_counter() - due) * 1000

    began, asked = time.perf_counter(), []
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for call in range(round(seconds * PER_SECOND)):
            due = began + call / PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            asked.append(pool.submit(ask, call, due))
    return np.array([one.result() for one in asked])


def measure(here: World, keys: dict[str, str], kind: str, seconds: float) -> dict[str, Any]:
    """Measure the other tenant's lists beside one kind of traffic."""
    context = multiprocessing.get_context("spawn")
    took: multiprocessing.Queue[tuple[float, float]] = context.Queue()
    attacker = context.Process(target=attack, args=(here.port, keys[kind], kind, took), daemon=True)
    if kind != "none":
        attacker.start()
        took.get(timeout=120)
    with here.redis() as redis:
        redis.config_set("slowlog-log-slower-than", SLOW_MICROSECONDS)
        redis.slowlog_reset()
        lists = take_times(here.port, keys["other"], seconds)
        slow = [entry["duration"] / 1000 for entry in redis.slowlog_get(1000)]
    if kind != "none":
        attacker.terminate()
        attacker.join()
    calls = np.array([took.get() for _ in range(took.qsize())]).reshape(-1, 2)
    medians = np.median(calls, axis=0).tolist() if len(calls) else [0.0, 0.0]
    return {
        "traffic": kind,
        "p50_ms": float(np.percentile(lists, 50)),
        "p99_ms": float(np.percentile(lists, 99)),
        "redis_blocked_ms": max(slow, default=0.0),
        "calls": len(calls),
        "feedback_ms": medians[0],
        "list_ms": medians[1],
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    columns = (
        "p50, ms",
        "p99, ms",
        "to pitches",
        "to none",
        "Redis blocked, ms",
        "A: calls",
        "feedback, ms",
        "list, ms",
    )
    print("| A sends | B: " + " | ".join(columns) + " |")
    print("|---|---|---|---|---|---|---|---|---|")
    with world(DOG_AUTH="required", DOG_WORKERS="2") as here:
        plain, team = ("--scopes", "recommend,feedback"), ("--scopes", "recommend,feedback,actors")
        loader = make_key(here, "attacker", "--scopes", "recommend,feedback,admin,actors")
        keys = {"loader": loader, "other": make_key(here, "other"), "none": ""}
        keys |= {"pitch": make_key(here, "attacker", *plain), "key": make_key(here, "attacker", *plain)}
        keys |= {kind: make_key(here, "attacker", *team) for kind in ("actors", "effects")}
        here.serve()
        load(here, keys)
        take_times(here.port, keys["other"], 2)
        for turn in range(options.rounds):
            rows: dict[str, dict[str, Any]] = {}
            for kind in ("none", "pitch", "key", "actors", "effects"):
                row = rows[kind] = measure(here, keys, kind, options.seconds)
                row["to_pitches"], row["to_none"] = (
                    row["p99_ms"] / rows[other]["p99_ms"] if other in rows else 0.0 for other in ("pitch", "none")
                )
                show = (
                    "p50_ms",
                    "p99_ms",
                    "to_pitches",
                    "to_none",
                    "redis_blocked_ms",
                    "calls",
                    "feedback_ms",
                    "list_ms",
                )
                print(f"| {kind} | " + " | ".join(f"{row[name]:.1f}" for name in show) + " |", flush=True)
                note("verdict_attack", {**row, "turn": turn})


if __name__ == "__main__":
    main()
