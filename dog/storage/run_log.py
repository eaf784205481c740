"""Run records: inputs and results of computations."""

from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from dog.errors import NotFound
from dog.storage.store import Store

KEPT_RUNS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a train, recompute, evaluate, tune, prove or publish."""

    run_id: str
    kind: str
    at_ms: int  # end of the run
    seconds: float
    settings: dict[str, Any]
    code: str  # version of the program, with a hash of its sources
    data: str  # hash of everything it read
    seed: int | None = None
    metrics: dict[str, float | None] = field(default_factory=dict)
    outcome: str = ""  # what was decided, one sentence or word
    by: str = ""  # the name of the key, person or command line that ran it
    files: list[str] = field(default_factory=list)  # names under `DOG_DATA_DIR/runs/RUN_ID`


def put_run(store: Store, run: Run) -> list[str]:
    """Write a run, delete the oldest beyond the bound, and return their ids."""
    key = store.keys.of("runs")
    _, count = store.execute_all([("HSET", key, run.run_id, orjson.dumps(asdict(run))), ("HLEN", key)])
    if count <= KEPT_RUNS:
        return []
    forgotten = [old.run_id for old in list_runs(store)[KEPT_RUNS:]]
    store.execute("HDEL", key, *forgotten)
    return forgotten


def list_runs(store: Store) -> list[Run]:
    """Return the kept runs, newest first."""
    runs = [Run(**orjson.loads(record)) for record in store.execute("HVALS", store.keys.of("runs"))]
    return sorted(runs, key=lambda run: (run.at_ms, run.run_id), reverse=True)


def read_run(store: Store, run_id: str) -> Run:
    """Read a run; raise `NotFound` if it is unknown."""
    record = store.execute("HGET", store.keys.of("runs"), run_id)
    if record is None:
        raise NotFound(f"run '{run_id}' is not known; see: dog runs list", code="unknown_run")
    return Run(**orjson.loads(record))
