"""Requests a second of the service against a bare Flask view with one GET that returns the same bytes.

Both run under the same server with one worker and one blocking thread, asked by the same client in the same run;
each row has its number of stored options x 3 models, k = 10, 20 rules, keys on, brief factors. The last column is
the 99th percentile against the median at 70% of the highest throughput. Prints a Markdown table, and keeps each row
as JSON.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.list_data import load, make_plain
from benchmarks.notes import note
from dog.bootstrap import JOB_SECONDS, build_runtime

CONTACTS, CLIENTS, SECONDS, ROUNDS = 100, 4, 4.0, 3


def ask(port: int, key: str, client: int, seconds: float, pause_seconds: float = 0.0) -> list[float]:
    """Ask one after the other on one connection for a while; the time of each answer in seconds."""
    times: list[float] = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        requests = [request_bytes(key, contact) for contact in range(client, CONTACTS, CLIENTS)]
        end = time.perf_counter() + seconds
        while (begin := time.perf_counter()) < end:
            connection.sendall(requests[len(times) % len(requests)])
            read_answer(connection)
            times.append(time.perf_counter() - begin)
            if pause_seconds:
                time.sleep(max(0.0, pause_seconds - times[-1]))
    return times


def request_bytes(key: str, contact: int) -> bytes:
    body = json.dumps({"contact_id": f"c{contact}", "k": 10})
    head = f"POST /v1/recommendations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    return (head + f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


def read_answer(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    assert head.startswith(b"HTTP/1.1 200"), head
    return body


def serve(target: str, port: int, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a server and wait until it listens."""
    words = ["-m", "granian", "--interface", "wsgi", "--port", str(port), "--blocking-threads", "1", "--no-ws"]
    environ = {**os.environ, **environ, "PYTHONPATH": "."}
    server = subprocess.Popen([sys.executable, *words, "--log-level", "error", target], env=environ)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return server
    raise RuntimeError(f"{target} does not come up")


def measure(port: int, key: str, per_second: float = 0.0) -> tuple[float, float, float]:
    """Measure requests a second, median and 99th percentile in milliseconds; at a rate, or as fast as they come."""
    pause_seconds = CLIENTS / per_second if per_second else 0.0
    with ProcessPoolExecutor(CLIENTS) as pool:
        asked = [pool.submit(ask, port, key, client, SECONDS, pause_seconds) for client in range(CLIENTS)]
        times = sorted(time for done in asked for time in done.result())
    return len(times) / SECONDS, statistics.median(times) * 1000, times[int(len(times) * 0.99)] * 1000


def spread(port: int, key: str, highest: float) -> float:
    """Measure the 99th percentile against the median at 70% of the highest throughput."""
    _, median, slowest = measure(port, key, 0.7 * highest)
    return slowest / median


def compare(options: int) -> dict[str, float]:
    """Measure service and floor in turns, on a server of their own; medians over the rounds."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"DOG_DATA_DIR": folder, "DOG_LOG_LEVEL": "error", "DOG_DURABILITY": "standard"}
        runtime = build_runtime(environ, timeout_seconds=JOB_SECONDS)
        key = load(runtime, make_plain(options, CONTACTS, datetime.now(UTC)))
        service = serve("wsgi:app", 8321, environ)
        floor = serve("benchmarks.floor:app", 8322, {"FLOOR_REDIS_URL": runtime.server.url if runtime.server else ""})
        try:
            with socket.create_connection(("127.0.0.1", 8321)) as connection:
                connection.sendall(request_bytes(key, 0))
                runtime.redis.set("floor", read_answer(connection))
            rounds = [(measure(8321, key), measure(8322, key)) for _ in range(ROUNDS)]
            ours, theirs = (np.median([pair[side] for pair in rounds], axis=0) for side in (0, 1))
            spreads = spread(8321, key, ours[0]), spread(8322, key, theirs[0])
        finally:
            for server in (service, floor):
                server.terminate()
                server.wait()
            runtime.close()
    names = ("per_second", "p50_ms", "p99_ms")
    return {
        "options": options,
        **{name: float(value) for name, value in zip(names, ours, strict=True)},
        **{f"floor_{name}": float(value) for name, value in zip(names, theirs, strict=True)},
        "ratio": float(np.median([pair[0][0] / pair[1][0] for pair in rounds])),
        "spread": spreads[0],
        "floor_spread": spreads[1],
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--options", type=int, nargs="+", default=[200, 1000, 5000])
    parser.add_argument(
        "--history", type=Path, help="where each row is appended as a line of JSON, instead of benchmarks/history"
    )
    given = parser.parse_args()
    print("| options | service /s | p50 ms | p99 ms | floor /s | p50 ms | p99 ms | ratio | p99/p50 at 70% | floor's |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for options in given.options:
        row = compare(options)
        cells = " | ".join(f"{value:,.1f}" for name, value in row.items() if name not in ("options", "ratio"))
        *first, ours, theirs = cells.split(" | ")
        print(f"| {options} | {' | '.join(first)} | {row['ratio']:.2f} | {ours} | {theirs} |", flush=True)
        note("requests", row, given.history)


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make bench"
    main()
