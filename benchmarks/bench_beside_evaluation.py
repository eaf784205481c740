"""Lists of one worker of `dog serve` alone and beside an evaluation that the console has started.

A tenant of 2,400 contacts with ten pitches each in 26 weeks. A list is asked for 25 times a second over eight
connections, first for a while with nothing beside it, then until the evaluation is done. Prints medians, 99th
percentiles and the largest memory of the worker; a line of `benchmarks/history/beside_evaluation.ndjson` keeps them.
"""

import argparse
import http.client
import os
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

from benchmarks.bench_evaluate import load
from benchmarks.bench_verdict_attack import take_times
from benchmarks.notes import note
from benchmarks.process_usage import peak_mb
from tests.faults.worlds import World, world

CONTACTS, ALONE_SECONDS, TURN_SECONDS = 2_400, 20.0, 5.0


def worker_of(here: World) -> int:
    """Return the process that answers: the child of the HTTP server, which is a child of `dog serve`."""
    found = here.processes[-1].pid
    for name in ("http_server", "http_server"):
        children = Path(f"/proc/{found}/task/{found}/children").read_text().split()
        found = next(int(one) for one in children if name in Path(f"/proc/{one}/cmdline").read_text())
    return found


def start_evaluation(here: World) -> None:
    """Press the button of the console's page."""
    address = f"http://127.0.0.1:{here.port}"
    headers = {"Origin": address, "HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded"}
    connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=60)
    connection.request("POST", "/console/runs/evaluate", urlencode({"policy": "recommended", "weeks": "4"}), headers)
    answer = connection.getresponse()
    assert answer.status == 200, (answer.status, answer.read())


def state_of(here: World) -> str:
    """Return the state of the last job."""
    _, jobs = here.call("/v1/jobs")
    return str(jobs["items"][0]["state"])


def measure(here: World, job: dict[str, Any]) -> dict[str, float]:
    """Return what lists took alone and beside the evaluation, in milliseconds, and the worker's largest MB."""
    worker = worker_of(here)
    here.call("/console/runs")  # the first page of the console takes its modules and templates
    take_times(here.port, "", 2.0)
    alone, before_mb = take_times(here.port, "", ALONE_SECONDS), peak_mb(worker)
    start_evaluation(here)
    began, beside = time.perf_counter(), []
    while state_of(here) in ("queued", "running"):
        beside.append(take_times(here.port, "", TURN_SECONDS))
    job |= {"state": state_of(here), "job_seconds": time.perf_counter() - began}
    return {
        "alone_p50_ms": float(np.percentile(alone, 50)),
        "alone_p99_ms": float(np.percentile(alone, 99)),
        "beside_p50_ms": float(np.percentile(np.concatenate(beside), 50)),
        "beside_p99_ms": float(np.percentile(np.concatenate(beside), 99)),
        "lists_beside": float(sum(map(len, beside))),
        "worker_mb_before": before_mb,
        "worker_mb": peak_mb(worker),
    }


def main() -> None:
    """Print and keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    given = parser.parse_args()
    with world(DOG_WORKERS="1", DOG_DURABILITY="standard") as here:
        here.data_dir.mkdir(parents=True, exist_ok=True)
        here.serve()
        load(here.data_dir, given.contacts, here.environ)
        job: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 1)}
        row = {"contacts": given.contacts, **measure(here, job), **job}
    print({name: round(value, 1) if isinstance(value, float) else value for name, value in row.items()})
    note("beside_evaluation", row)


if __name__ == "__main__":
    main()
