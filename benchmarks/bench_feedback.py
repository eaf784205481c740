"""Feedback over HTTP: events a second of `dog serve` against its own two scripts called with prepared arguments.

Of 17 events 10 are pitches, 1 a win, 4 losses, 1 an accept, 1 a discard; 5,000 contacts with stored scores of 200
products by 3 models. One client sends calls of 1,000 events. The floor replays exactly what the service sends to write
them (claims and applications, packed beforehand) to the same Redis, without the events. Prints a Markdown table; a line
of `benchmarks/history/feedback.ndjson` keeps each run.
"""

import gc
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from rich.progress import track

from benchmarks.notes import note
from benchmarks.process_usage import all_processor_seconds
from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.core.records import SCORES
from dog.services.data.import_rows import import_rows
from dog.services.data.load_file import load_file
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.api_keys import create_key
from dog.storage.contacts import write_arrays
from dog.storage.packed_scores import pack_scores
from dog.storage.round_trip import RoundTrip, _sha
from dog.storage.sender import Sender
from dog.storage.store import Store

BATCHES, BATCH_EVENTS, ROUNDS, FILE_EVENTS, PORT = 40, 1_000, 3, 200_000, 8324
CONTACTS, PRODUCTS, MODELS, IMPORTED = 5_000, 200, ("churn", "frequency", "cf"), 30
KINDS = ["pitch"] * 10 + ["win"] + ["loss"] * 4 + ["accept", "discard"]
REASONS = (
    {"trigger": "performance"},
    {"trigger": "discomfort", "attribute": "product"},
    {"trigger": "discomfort", "attribute": "channel", "attribute_value": "call"},
    {"trigger": "market"},
)
SCRIPTS = ("claim_ids", "apply_events")
Rows = list[dict[str, Any]]


def make_events(count: int, now_ms: int, kinds: Sequence[str] = KINDS) -> Rows:
    """Make events of contacts and products over the last 30 days."""
    random = np.random.default_rng(1)
    contacts, products = random.integers(CONTACTS, size=count).tolist(), random.integers(PRODUCTS, size=count).tolist()
    seconds, drawn = np.sort(random.integers(30 * 86400, size=count)).tolist(), random.integers(len(kinds), size=count)
    start = now_ms // 1000 - 30 * 86400
    return [
        {
            "event_id": f"{kinds[kind]}-{n}-{contact}-{product}",
            "type": kinds[kind],
            "contact_id": f"c{contact}",
            "product_id": f"p{product}",
            "occurred_at": datetime.fromtimestamp(start + second, UTC).isoformat(),
            **({"reason": REASONS[n % len(REASONS)], "actor_id": f"a{n % 50}"} if kinds[kind] == "discard" else {}),
        }
        for n, (kind, contact, product, second) in enumerate(
            zip(drawn.tolist(), contacts, products, seconds, strict=True)
        )
    ]


@contextmanager
def embedded(durability: str) -> Iterator[Runtime]:
    """Run an embedded server of one's own."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"DOG_DATA_DIR": folder, "DOG_LOG_LEVEL": "error", "DOG_DURABILITY": durability}
        runtime = build_runtime(environ, timeout_seconds=JOB_SECONDS)
        try:
            yield runtime
        finally:
            runtime.close()


def timed(work: Callable[[], object]) -> float:
    """Time some work, in seconds."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def load(runtime: Runtime) -> str:
    """Load products, contacts and scores, some history, and multipliers made of it; return a key."""
    store, zone, random = runtime.store("default", create=True), runtime.settings.zone, np.random.default_rng(1)
    import_rows(store, "products", [{"product_id": f"p{n}", "category": f"g{n % 20}"} for n in range(PRODUCTS)], zone)
    import_rows(store, "contacts", [{"contact_id": f"c{n}", "segment": f"s{n % 5}"} for n in range(CONTACTS)], zone)
    for contact in track(range(IMPORTED), description="loading scores"):
        rows = [
            {"contact_id": f"c{contact}", "product_id": f"p{n}", "model": model, "score": score}
            for model in MODELS
            for n, score in enumerate(random.random(PRODUCTS).tolist())
        ]
        import_rows(store, "scores", rows, zone)
    write_scores(store, runtime.clock())
    events = make_events(20_000, runtime.clock() - 10 * 7 * 86_400_000, ("pitch", "pitch", "pitch", "win"))
    for start in range(0, len(events), BATCH_EVENTS):
        past = [{**event, "event_id": f"past-{event['event_id']}"} for event in events[start : start + BATCH_EVENTS]]
        record_feedback(store, past, runtime.clock())
    run_recompute(runtime, "default")
    return create_key(runtime.redis, "default", "bench", ("feedback", "recommend"), None, datetime.now(UTC))


def write_scores(store: Store, now_ms: int) -> None:
    """Write the scores of the other contacts as the import packs them: three million rows would take minutes."""
    random, contacts = np.random.default_rng(2), store.tenant.contacts([f"c{n}" for n in range(IMPORTED, CONTACTS)])
    records = np.zeros((len(contacts), PRODUCTS), SCORES)
    records["product"] = np.arange(PRODUCTS)
    for model in MODELS:
        records["score"] = random.random(records.shape)
        packed = {contact: pack_scores(now_ms, own) for contact, own in zip(contacts, records, strict=True)}
        write_arrays(store, "scores", model, packed)


@contextmanager
def served(runtime: Runtime) -> Iterator[int]:
    """Run `dog serve` with one worker beside a runtime; yield its process once it listens."""
    chosen = {
        "DOG_DATA_DIR": str(runtime.settings.data_dir),
        "DOG_LOG_LEVEL": "error",
        "DOG_DURABILITY": runtime.settings.durability,
        "DOG_BIND": f"127.0.0.1:{PORT}",
        "DOG_WORKERS": "1",
    }
    server = subprocess.Popen([sys.executable, "-m", "dog", "serve"], env={**os.environ, **chosen})
    try:
        for _ in range(1200):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", PORT)).close()
                break
            time.sleep(0.05)
        yield server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def post(key: str, bodies: Sequence[bytes]) -> None:
    """Send calls one after the other over one connection; all events must be accepted."""
    connection = HTTPConnection("127.0.0.1", PORT, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    for body in bodies:
        connection.request("POST", "/v1/feedback", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        assert orjson.loads(content)["accepted"] == BATCH_EVENTS, content[:1000]
    connection.close()


def recorded(runtime: Runtime, batches: Sequence[Rows]) -> list[Any]:
    """Record the calls of the two scripts that answering some batches takes, trip by trip."""
    calls: list[tuple[str, tuple[Any, ...]]] = []
    script = RoundTrip.script

    def noted(trip: RoundTrip, name: str, keys: Sequence[bytes], arguments: Sequence[Any]) -> int:
        if name in SCRIPTS:
            calls.append((name, ("EVALSHA", _sha(name), len(keys), *keys, *arguments)))
        return script(trip, name, keys, arguments)

    RoundTrip.script = noted  # type: ignore[method-assign, assignment]  # for the time of the recording
    try:
        for batch in batches:
            answer_feedback(runtime, "default", batch, substitute=False, sender=Sender(key_id="bench"))
    finally:
        RoundTrip.script = script  # type: ignore[method-assign]  # as above
    return [[call for _, call in trip] for _, trip in groupby(calls, key=lambda call: call[0])]


def floor(runtime: Runtime, trips: Sequence[list[tuple[Any, ...]]]) -> Callable[[], None]:
    """Pack all trips; what is returned sends them and reads the answers."""
    connection: Any = runtime.redis.connection_pool.get_connection()
    packed = [(connection.pack_commands(trip), len(trip)) for trip in trips]

    def replay() -> None:
        for commands, count in packed:
            connection.send_packed_command(commands)
            for _ in range(count):
                connection.read_response()

    return replay


def keep(runtime: Runtime) -> Callable[[], None]:
    """Copy all that Redis holds; what is returned puts it back."""
    redis: Any = runtime.redis
    redis.config_set("auto-aof-rewrite-percentage", 0)  # what is put back would be rewritten beside the next events
    keys = redis.keys()
    pipeline = redis.pipeline(transaction=False)
    for key in keys:
        pipeline.dump(key)
    dumped = dict(zip(keys, pipeline.execute(), strict=True))

    def put_back() -> None:
        redis.flushall()
        for key, value in dumped.items():
            pipeline.restore(key, 0, value)
        pipeline.execute()

    return put_back


def compare(durability: str) -> dict[str, Any]:
    """Measure service and floor in turn, each from the state before the events."""
    with embedded(durability) as runtime:
        key = load(runtime)
        events = make_events(BATCHES * BATCH_EVENTS, runtime.clock())
        batches = [events[start : start + BATCH_EVENTS] for start in range(0, len(events), BATCH_EVENTS)]
        bodies = [orjson.dumps({"events": batch}) for batch in batches]
        put_back = keep(runtime)
        replay = floor(runtime, recorded(runtime, batches))

        with served(runtime) as process:
            put_back()
            post(key, bodies[:2])

            def measure(work: Callable[[], object]) -> np.ndarray:
                put_back()
                before = spent(runtime, process)
                seconds = timed(work)
                return np.array([len(events) / seconds, *(spent(runtime, process) - before) / len(events) * 1e6])

            rounds = [(measure(lambda: post(key, bodies)), measure(replay)) for _ in range(ROUNDS)]
    service, bare = np.median(rounds, axis=0).tolist()
    return {
        "what": "feedback",
        "durability": durability,
        "service": service[0],
        "floor": bare[0],
        "ratio": statistics.median(float(ours[0] / theirs[0]) for ours, theirs in rounds),
        "service_us": service[1],
        "redis_us": service[2],
        "floor_redis_us": bare[2],
    }


def spent(runtime: Runtime, process: int) -> np.ndarray:
    """Return the processor time spent so far by the service and by Redis, in seconds."""
    redis: Any = runtime.redis.info("cpu")
    return np.array([all_processor_seconds(process), redis["used_cpu_sys"] + redis["used_cpu_user"]])


def load_events() -> dict[str, Any]:
    """Load a file of events."""
    with embedded("standard") as runtime, tempfile.TemporaryDirectory() as folder:
        path, kinds = Path(folder, "feedback.ndjson"), ("pitch",) * 90 + ("win",) + ("loss",) * 9
        events = make_events(FILE_EVENTS, runtime.clock(), kinds)
        path.write_bytes(b"\n".join(map(orjson.dumps, events)))
        seconds = timed(lambda: load_file(runtime, "default", "feedback", path))
    return {"what": "load feedback", "durability": "standard", "service": FILE_EVENTS / seconds}


def main() -> None:
    """Print the table."""
    print("| what | durability | events/s | bare scripts, events/s | ratio | processor us an event: service | ", end="")
    print("its Redis | Redis with bare scripts |\n|---|---|---|---|---|---|---|---|")
    measures: list[Callable[[], dict[str, Any]]] = [partial(compare, name) for name in ("standard", "strict")]
    for measure in (*measures, load_events):
        row = measure()
        spent_us = " | ".join(
            f"{row[name]:.0f}" for name in ("service_us", "redis_us", "floor_redis_us") if name in row
        )
        bare = f"{row['floor']:,.0f} | {row['ratio']:.2f} | {spent_us}" if "floor" in row else "| | | |"
        print(f"| {row['what']} | {row['durability']} | {row['service']:,.0f} | {bare} |", flush=True)
        note("feedback", row)


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make bench"
    main()
