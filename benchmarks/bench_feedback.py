"""Feedback: events a second of the service against its own two scripts called with prepared arguments, in one run.

The floor replays exactly what the service sent (claims and applications, packed beforehand) to an empty store.
Prints a Markdown table; a line of `benchmarks/history/feedback.ndjson` keeps each run.
"""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from benchmarks.notes import note
from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.cli.load_command import load_file
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.storage.round_trip import RoundTrip

BATCHES, BATCH_EVENTS, ROUNDS, FILE_EVENTS = 40, 1_000, 3, 200_000
Rows = list[dict[str, Any]]


def make_events(count: int, now_ms: int) -> Rows:
    """Make events as campaigns have them: pitches of 125 products to 2,500 contacts over a year, some won or lost."""
    random = np.random.default_rng(1)
    kinds = random.choice(["pitch", "win", "loss"], count, p=[0.9, 0.01, 0.09]).tolist()
    contacts, products = random.integers(2_500, size=count).tolist(), random.integers(125, size=count).tolist()
    seconds = np.sort(random.integers(365 * 86400, size=count)).tolist()
    start = now_ms // 1000 - 366 * 86400
    return [
        {
            "event_id": f"{kind}-{n}-{contact}-{product}",
            "type": kind,
            "contact_id": f"household-{contact}",
            "product_id": f"category {product}",
            "occurred_at": datetime.fromtimestamp(start + second, UTC).isoformat(),
        }
        for n, (kind, contact, product, second) in enumerate(zip(kinds, contacts, products, seconds, strict=True))
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


def recorded(runtime: Runtime, batches: Sequence[Rows]) -> list[list[tuple[Any, ...]]]:
    """Record the scripts that the service calls for some batches, trip by trip."""
    trips: list[list[tuple[Any, ...]]] = []
    send = RoundTrip.send

    def noted(trip: RoundTrip, *, replicated: bool = False, coming: Iterable[None] = ()) -> list[Any]:
        answers = send(trip, replicated=replicated, coming=coming)
        trips.append([command for command in trip._commands if command[0] == "EVALSHA"])  # noqa: SLF001  # to replay
        return answers

    RoundTrip.send = noted  # type: ignore[method-assign, assignment]  # for the time of the recording
    try:
        serve(runtime, batches)
    finally:
        RoundTrip.send = send  # type: ignore[method-assign]  # as above
    return [trip for trip in trips if trip]


def serve(runtime: Runtime, batches: Sequence[Rows]) -> None:
    """Record batches as a request does."""
    store = runtime.store("default", create=True)
    for batch in batches:
        results = record_feedback(store, batch, runtime.clock())
        assert all(result.status == "accepted" for result in results)


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


def compare(durability: str) -> dict[str, Any]:
    """Measure service and floor in turn."""
    with embedded(durability) as runtime:
        events = make_events(BATCHES * BATCH_EVENTS, runtime.clock())
        batches = [events[start : start + BATCH_EVENTS] for start in range(0, len(events), BATCH_EVENTS)]
        trips = recorded(runtime, batches)
        tenants = runtime.redis.hgetall("dog:tenants")
        replay = floor(runtime, trips)

        def from_nothing(work: Callable[[], object]) -> float:
            runtime.redis.flushall()
            runtime.redis.hset("dog:tenants", mapping=tenants)  # type: ignore[arg-type]  # bytes
            return len(events) / timed(work)

        rates = [(from_nothing(lambda: serve(runtime, batches)), from_nothing(replay)) for _ in range(ROUNDS)]
    service, bare_rate = (statistics.median(pair[side] for pair in rates) for side in (0, 1))
    ratio = statistics.median(pair[0] / pair[1] for pair in rates)
    return {"what": "feedback", "durability": durability, "service": service, "floor": bare_rate, "ratio": ratio}


def load() -> dict[str, Any]:
    """Load a file of events."""
    with embedded("standard") as runtime, tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "feedback.ndjson")
        path.write_bytes(b"\n".join(orjson.dumps(event) for event in make_events(FILE_EVENTS, runtime.clock())))
        seconds = timed(lambda: load_file(runtime, "default", "feedback", path))
    return {"what": "load feedback", "durability": "standard", "service": FILE_EVENTS / seconds}


def main() -> None:
    """Print the table."""
    print("| what | durability | events/s | bare scripts, events/s | ratio |\n|---|---|---|---|---|")
    for row in (*map(compare, ("standard", "strict")), load()):
        bare = f"{row['floor']:,.0f} | {row['ratio']:.2f}" if "floor" in row else "|"
        print(f"| {row['what']} | {row['durability']} | {row['service']:,.0f} | {bare} |", flush=True)
        note("feedback", row)


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make bench"
    main()
