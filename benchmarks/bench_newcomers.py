"""Milliseconds of a list for somebody new over HTTP, against that of a contact with stored scores; and the model alone.

1,500 products, 2,000 contacts with 40 purchases each to train on; a contact with stored scores of two models for all
products. The API runs with one worker and one blocking thread, asked by one client, in turns; medians of the rounds.
The last column times the model start in this process: adapt to the events and score all products, in microseconds.
Prints a Markdown table; a line of `benchmarks/history/newcomers.ndjson` keeps each row.
"""

import argparse
import json
import socket
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_feedback import embedded
from benchmarks.bench_requests import read_answer, serve
from benchmarks.notes import note
from dog.core.iso_weeks import utc_time
from dog.models.start.start_model import StartModel
from dog.offline.train_start import train_start
from dog.services.data.import_rows import import_rows
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.api_keys import create_key

PRODUCTS, CONTACTS, BOUGHT, PORT = 1_500, 2_000, 40, 8327
EVENTS = (0, 1, 3, 10, 50)
ROUNDS, MODEL_ROUNDS = 60, 300
DAY_MS = 86_400_000


def load(runtime: Runtime) -> str:
    """Load contacts with tastes and one with scores, train the model start, and return a key."""
    store, zone, random = runtime.store("default", create=True), runtime.settings.zone, np.random.default_rng(1)
    import_rows(store, "products", [{"product_id": f"p{n}", "category": f"g{n % 50}"} for n in range(PRODUCTS)], zone)
    people = [{"contact_id": f"c{n}", "segment": f"s{n % 8}"} for n in range(CONTACTS)]
    import_rows(store, "contacts", people, zone)
    popularity = 1 / (10 + np.arange(PRODUCTS))
    for contact in range(CONTACTS):
        weights = popularity * np.where(np.arange(PRODUCTS) % 10 == contact % 10, 8.0, 1.0)
        bought = random.choice(PRODUCTS, BOUGHT, replace=False, p=weights / weights.sum()).tolist()
        first_ms = runtime.clock() - 100 * DAY_MS
        rows = [
            {"contact_id": f"c{contact}", "product_id": f"p{product}", "quantity": 1, "amount": 1.0}
            | {"occurred_at": utc_time(first_ms + place * DAY_MS)}
            for place, product in enumerate(bought)
        ]
        import_rows(store, "transactions", rows, zone)
    scores = [
        {"contact_id": "c0", "product_id": f"p{n}", "model": model, "score": score, "as_of": "2026-01-01"}
        for model in ("frequency", "cf")
        for n, score in enumerate(random.random(PRODUCTS).tolist())
    ]
    import_rows(store, "scores", scores, zone)
    train_start(runtime, store)
    return create_key(runtime.redis, "default", "bench", ("recommend",), None, datetime.now(UTC))


def ask(connection: socket.socket, key: str, body: dict[str, Any]) -> float:
    """Ask for a list; return the milliseconds until its answer."""
    sent = json.dumps({"k": 10, **body})
    head = f"POST /v1/recommendations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    began = time.perf_counter()
    connection.sendall(f"{head}Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n{sent}".encode())
    read_answer(connection)
    return (time.perf_counter() - began) * 1000


def model_microseconds(model: StartModel, events: int) -> float:
    """Return the time to adapt the model to one contact's events and to score all products; the best of five."""
    bought, found = [np.arange(events)], []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(MODEL_ROUNDS):
            model.log_odds(model.read([{"segment": "s1"}], bought))
        found.append((time.perf_counter() - began) / MODEL_ROUNDS * 1e6)
    return min(found)


def compare(key: str, model: StartModel) -> list[dict[str, float]]:
    """Ask for lists of a known and of a new contact in turns, by number of events."""
    rows = []
    with socket.create_connection(("127.0.0.1", PORT)) as connection:
        for events in EVENTS:
            sent = [{"type": "purchase", "product_id": f"p{n}"} for n in range(events)]
            new = {"contact_id": "visitor", "contact": {"segment": "s1"}, "events": sent}
            pairs = [(ask(connection, key, {"contact_id": "c0"}), ask(connection, key, new)) for _ in range(ROUNDS)]
            known_ms, new_ms = (statistics.median(side) for side in zip(*pairs, strict=True))
            ratio = statistics.median(new / known for known, new in pairs)
            model_us = model_microseconds(model, events)
            rows.append(
                {"events": events, "known_ms": known_ms, "new_ms": new_ms, "ratio": ratio, "model_us": model_us}
            )
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--history", type=Path, help="file of the rows, instead of benchmarks/history")
    given = parser.parse_args()
    with embedded("standard") as runtime:
        key = load(runtime)
        model = runtime.shared(Snapshots).current(runtime.store("default")).start
        with serve(runtime, PORT):
            rows = compare(key, model)
    print("| events | contact with scores, ms | somebody new, ms | ratio | the model alone, us |")
    print("|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['events']} | {row['known_ms']:.2f} | {row['new_ms']:.2f} | {row['ratio']:.2f} "
            f"| {row['model_us']:.0f} |"
        )
        note("newcomers", row, given.history)


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make bench"
    main()
