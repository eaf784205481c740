"""Milliseconds to rank all contacts over HTTP, against the bare reading of their records and scores, in one run.

10,000 contacts with 125 stored options, three models (churn by contact) and the 20 plain rules of `list_data`, a tenth
of the contacts with feedback, k = 10. The API runs with one worker and one blocking thread, asked by one client; the
floor reads the same records and packed scores partition by partition and computes nothing. The console's next contact
is asked of its use case. All in turns, medians of the rounds. Prints a Markdown table; a line of
`benchmarks/history/rank_contacts.ndjson` keeps each row.
"""

import argparse
import json
import socket
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_feedback import embedded, timed
from benchmarks.bench_requests import read_answer, serve
from benchmarks.list_data import publish_plain
from benchmarks.notes import note
from benchmarks.process_usage import all_processor_seconds
from dog.core.records import SCORES
from dog.services.data.import_rows import import_rows
from dog.services.pairs.contact_queue import next_contacts
from dog.services.runtime import Runtime
from dog.storage.api_keys import create_key
from dog.storage.contacts import write_arrays
from dog.storage.packed_scores import pack_scores
from dog.storage.store import Store

CONTACTS, PRODUCTS, ROUNDS, PORT = 10_000, 125, 9, 8325
MODELS = ("frequency", "cf")
ASKED: dict[str, dict[str, Any]] = {
    "for a product": {"product_id": "p7"},
    "of an account": {"account_id": "a7"},
    "who next": {},
}


def load(runtime: Runtime, contacts: int, live_every: int) -> None:
    """Load contacts, scores of three models, feedback of some, 20 rules; publish multipliers."""
    store, zone, random = runtime.store("default", create=True), runtime.settings.zone, np.random.default_rng(1)
    products = [{"product_id": f"p{n}", "category": f"g{n % 20}"} for n in range(PRODUCTS)]
    import_rows(store, "products", products, zone)
    people = [
        {"contact_id": f"c{n}", "account_id": f"a{n // 4}", "segment": ("gold", "iron")[n % 2]} for n in range(contacts)
    ]
    import_rows(store, "contacts", people, zone)
    today = datetime.now(UTC).isoformat()
    rows = [
        {"contact_id": f"c{n}", "product_id": f"p{p}", "model": model, "score": random.random(), "as_of": today}
        for n in range(100)
        for p in range(PRODUCTS)
        for model in MODELS
    ]
    churn = [
        {"contact_id": f"c{n}", "product_id": "", "model": "churn", "score": random.random(), "as_of": today}
        for n in range(contacts)
    ]
    import_rows(store, "scores", [*rows, *churn], zone)  # they also say how each model's scores are spread
    digests = store.tenant.contacts(f"c{n}" for n in range(contacts))
    for model in MODELS:
        scores = np.zeros((contacts, PRODUCTS), SCORES)
        scores["product"], scores["score"] = np.arange(PRODUCTS), random.random((contacts, PRODUCTS))
        packed = {one: pack_scores(runtime.clock(), own) for one, own in zip(digests, scores, strict=True)}
        write_arrays(store, "scores", model, packed)
    publish_plain(runtime, range(0, contacts, live_every))


def read_all(store: Store) -> None:
    """Read the records and packed scores of all contacts, and do nothing with them."""
    for number in range(store.tenant.partition_count):
        keys = store.keys.partition(number)
        names = [keys.of("contacts"), *(keys.of("scores", model) for model in (*MODELS, "churn"))]
        store.execute_all(("HVALS", key) for key in names)


@contextmanager
def client(key: str) -> Iterator[Callable[[dict[str, Any]], bytes]]:
    """Connect to the API; ask for ranked contacts."""
    with socket.create_connection(("127.0.0.1", PORT)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def ask(asked: dict[str, Any]) -> bytes:
            body = json.dumps(asked)
            head = f"POST /v1/recommendations/contacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
            words = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            connection.sendall(words.encode())
            return read_answer(connection)

        yield ask


def compare(runtime: Runtime, key: str, server: int) -> list[dict[str, Any]]:
    """Measure each question and the floor in turns; medians over the rounds."""
    store = runtime.store("default")
    walls: dict[str, list[float]] = {name: [] for name in (*ASKED, "next contact", "floor")}
    processor: dict[str, list[float]] = {name: [] for name in ASKED}
    with client(key) as ask:
        for asked in ASKED.values():
            assert len(json.loads(ask(asked))["items"]) >= 4
        for _ in range(ROUNDS):
            for name, asked in ASKED.items():
                before = all_processor_seconds(server)
                walls[name].append(timed(lambda asked=asked: ask(asked)))  # type: ignore[misc]  # bound at once
                processor[name].append(all_processor_seconds(server) - before)
            walls["next contact"].append(timed(lambda: next_contacts(runtime, "default", without=["c1"])))
            walls["floor"].append(timed(lambda: read_all(store)))
    floor = walls.pop("floor")
    return [
        {
            "what": name,
            "ms": round(statistics.median(own) * 1000),
            "fastest_ms": round(min(own) * 1000),
            "processor_ms": round(statistics.mean(processor[name]) * 1000) if name in processor else None,
            "floor_ms": round(statistics.median(floor) * 1000),
            "ratio": round(statistics.median(one / bare for one, bare in zip(own, floor, strict=True)), 1),
        }
        for name, own in walls.items()
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    parser.add_argument("--live-every", type=int, default=10, help="every how many contacts one has feedback")
    parser.add_argument("--history", type=Path, help="a file to append to, instead of benchmarks/history")
    given = parser.parse_args()
    with embedded("standard") as runtime:
        load(runtime, given.contacts, given.live_every)
        key = create_key(runtime.redis, "default", "bench", ("recommend",), None, datetime.now(UTC))
        with serve(runtime, PORT) as server:
            rows = compare(runtime, key, server.pid)
    print(f"| {' | '.join(rows[0])} |\n|{'---|' * len(rows[0])}")
    for row in rows:
        print(f"| {' | '.join(map(str, row.values()))} |", flush=True)
        note("rank_contacts", {"contacts": given.contacts, "live_every": given.live_every, **row}, given.history)


if __name__ == "__main__":
    main()
