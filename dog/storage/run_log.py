"""Run records: what was computed from what, and what came of it."""

from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from dog.errors import NotFound
from dog.storage.store import Store

KEPT_RUNS = 500


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a train, recompute, evaluate, tune, prove or publish.

    Parameters
    ----------
    run_id
        Unique within the tenant.
    kind
        What was run.
    at_ms
        When it ended, milliseconds since 1970.
    seconds
        How long it took.
    settings
        What it was told.
    code
        Version of the program, with a hash of its sources.
    data
        Hash of everything it read.
    seed
        Of its random numbers; None where it draws none.
    metrics
        What it found, numbers by name.
    outcome
        What was decided on it, one sentence or word.
    files
        Names of its files under `DOG_DATA_DIR/runs/RUN_ID`.

    """

    run_id: str
    kind: str
    at_ms: int
    seconds: float
    settings: dict[str, Any]
    code: str
    data: str
    seed: int | None = None
    metrics: dict[str, float | None] = field(default_factory=dict)
    outcome: str = ""
    files: list[str] = field(default_factory=list)

    def to_document(self) -> dict[str, Any]:
        """Write it as JSON."""
        return asdict(self)


def put_run(store: Store, run: Run) -> list[str]:
    """Store a run; the oldest beyond the bound go, and their ids are returned."""
    trip = store.trip()
    trip.add("HSET", store.keys.of("runs"), run.run_id, orjson.dumps(run.to_document()))
    trip.add("HLEN", store.keys.of("runs"))
    if trip.send()[1] <= KEPT_RUNS:
        return []
    forgotten = [old.run_id for old in list_runs(store)[KEPT_RUNS:]]
    trip = store.trip()
    trip.add("HDEL", store.keys.of("runs"), *forgotten)
    trip.send()
    return forgotten


def list_runs(store: Store) -> list[Run]:
    """List the kept runs, newest first."""
    trip = store.trip()
    trip.add("HVALS", store.keys.of("runs"))
    runs = [Run(**orjson.loads(record)) for record in trip.send()[0]]
    return sorted(runs, key=lambda run: (run.at_ms, run.run_id), reverse=True)


def read_run(store: Store, run_id: str) -> Run:
    """Read one run.

    Raises
    ------
    NotFound
        There is none of that id.

    """
    trip = store.trip()
    trip.add("HGET", store.keys.of("runs"), run_id)
    record = trip.send()[0]
    if record is None:
        raise NotFound(f"run '{run_id}' is not known; see: python -m dog runs list", code="unknown_run")
    return Run(**orjson.loads(record))
