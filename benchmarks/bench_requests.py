"""Lists a second of `dog serve` against a bare Flask view with one GET that returns the same bytes.

Both run under granian with as many workers, one blocking thread each, and are asked in turns, by four clients a worker,
each a process with one connection. Keys, limits, metrics, decisions and the log line (to a file) are on; both use one
Redis, with durability `standard`. Data of both kinds of `list_data.py`, each contact with its own request: 2,000
contacts, fewer where each has many options, since loading takes 20 us a score. The service is started for each round;
all contacts are asked once before, with `--cold` 40 of them, and then each of the others once. *CPU* is the processor
time of a list in all processes of the server, which depends less on other load than the lists a second do. The last
columns are the 99th percentile against the median at 70 % of the highest throughput.

Prints a Markdown table, and keeps each row as JSON.
"""

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from benchmarks.bench_feedback import embedded
from benchmarks.list_data import KINDS, load
from benchmarks.notes import note
from benchmarks.process_usage import all_processor_seconds
from dog.services.runtime import Runtime

SIZES = {"plain": (200, 1000, 5000), "realistic": (200,)}
MOST_CONTACTS, LOADED_OPTIONS, WARM_CONTACTS = 2_000, 500_000, 40
CLIENTS, SECONDS, ROUNDS, LOAD = 4, 4.0, 3, 0.7
FLOOR_PORT, PORT = 8321, 8322


def request_bytes(key: str, request: Mapping[str, Any]) -> bytes:
    """Return the HTTP request for a list."""
    body = orjson.dumps(request)
    head = f"POST /v1/recommendations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def read_answer(connection: socket.socket) -> bytes:
    """Return the body of the next answer, which must be a 200."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _receive(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += _receive(connection)
    assert head.startswith(b"HTTP/1.1 200"), head
    return body


def _receive(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    if not received:
        raise ConnectionError("the server closed the connection")
    return received


def ask(port: int, requests: Sequence[bytes], *, once: bool, pause_seconds: float, delay_seconds: float) -> list[float]:
    """Ask on one connection, each request once or all again and again for a while; return seconds an answer.

    The last number is the time of the whole. With a pause, requests begin at its multiples, or as soon as they can.
    """
    times: list[float] = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        time.sleep(delay_seconds)
        start = time.perf_counter()
        for request in requests if once else cycle(requests):
            time.sleep(max(0.0, start + len(times) * pause_seconds - time.perf_counter()))
            begin = time.perf_counter()
            if not once and begin >= start + SECONDS:
                break
            connection.sendall(request)
            read_answer(connection)
            times.append(time.perf_counter() - begin)
        return [*times, time.perf_counter() - start]


def measure(
    port: int, requests: Sequence[bytes], *, clients: int = CLIENTS, once: bool = False, per_second: float = 0.0
) -> np.ndarray:
    """Return requests a second, median and 99th percentile in milliseconds; at a rate, or as fast as they come."""
    pause_seconds = clients / per_second if per_second else 0.0
    with ProcessPoolExecutor(clients) as pool:
        asked = [
            pool.submit(
                ask,
                port,
                requests[client::clients],
                once=once,
                pause_seconds=pause_seconds,
                delay_seconds=pause_seconds * client / clients,
            )
            for client in range(clients)
        ]
        answers = [done.result() for done in asked]
    rate = sum((len(times) - 1) / times[-1] for times in answers)
    middle, slowest = np.percentile([seconds for times in answers for seconds in times[:-1]], [50, 99]) * 1000
    return np.array([rate, middle, slowest])


@contextmanager
def serve(runtime: Runtime, port: int, workers: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    """Run `dog serve` beside a runtime, its log in a file in the folder of its data; yield its process."""
    environ = {
        "DOG_DATA_DIR": str(runtime.settings.data_dir),
        "DOG_DURABILITY": runtime.settings.durability,
        "DOG_BIND": f"127.0.0.1:{port}",
        "DOG_WORKERS": str(workers),
    }
    log_file = runtime.settings.data_dir / "serve.log"
    with log_file.open("ab") as log, _running(["dog", "serve"], port, environ, stderr=log) as server:
        yield server


@contextmanager
def serve_floor(runtime: Runtime, port: int, workers: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    """Run the floor beside a runtime under the server of `dog serve`; yield its process."""
    url = runtime.server.url if runtime.server else ""
    options = f"--interface wsgi --port {port} --workers {workers} --blocking-threads 1 --no-ws --log-level warning"
    words = ["granian", *options.split(), "benchmarks.floor:app"]
    with _running(words, port, {"FLOOR_REDIS_URL": url}) as server:
        yield server


@contextmanager
def _running(
    words: Sequence[str], port: int, environ: dict[str, str], **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module until the end of the block, which begins when it listens."""
    command = [sys.executable, "-m", *words]
    server = subprocess.Popen(command, env={**os.environ, **environ, "PYTHONPATH": "."}, **options)
    try:
        for _ in range(1200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except OSError:
                time.sleep(0.05)
            else:
                break
        yield server
    finally:
        server.terminate()
        server.wait()


def compare(kind: str, options: int, *, workers: int, cold: bool) -> dict[str, Any]:
    """Measure service and floor in turns; return the medians over the rounds."""
    contacts, clients = min(MOST_CONTACTS, LOADED_OPTIONS // options), CLIENTS * workers
    with embedded("standard") as runtime, ExitStack() as floor:
        data = KINDS[kind](options, contacts, datetime.now(UTC))
        key = load(runtime, data)
        requests = [request_bytes(key, request) for request in data.requests]
        warm, asked = (requests[:WARM_CONTACTS], requests[WARM_CONTACTS:]) if cold else (requests, requests)

        def measure_service(per_second: float = 0.0) -> np.ndarray:
            with serve(runtime, PORT, workers) as server:
                measure(PORT, warm, clients=clients, once=True)
                before = all_processor_seconds(server.pid)
                found = measure(PORT, asked, clients=clients, once=cold, per_second=per_second)
                lists = len(asked) if cold else found[0] * SECONDS
                return np.array([*found, (all_processor_seconds(server.pid) - before) / lists * 1e6])

        def measure_floor(per_second: float = 0.0) -> np.ndarray:
            before = all_processor_seconds(bare.pid)
            found = measure(FLOOR_PORT, requests, clients=clients, per_second=per_second)
            return np.array([*found, (all_processor_seconds(bare.pid) - before) / (found[0] * SECONDS) * 1e6])

        with serve(runtime, PORT), socket.create_connection(("127.0.0.1", PORT)) as connection:
            connection.sendall(requests[0])
            runtime.redis.set("floor", read_answer(connection))
        bare = floor.enter_context(serve_floor(runtime, FLOOR_PORT, workers))
        measure(FLOOR_PORT, requests, clients=clients, once=True)
        rounds = np.array([(measure_service(), measure_floor()) for _ in range(ROUNDS)])
        ours, theirs = np.median(rounds, axis=0)
        loaded = measure_service(LOAD * ours[0]), measure_floor(LOAD * theirs[0])
    names = ("per_second", "p50_ms", "p99_ms", "cpu_us")
    return {
        "data": kind,
        "options": options,
        "contacts": contacts,
        "workers": workers,
        "cold": cold,
        **{name: round(float(value), 3) for name, value in zip(names, ours, strict=True)},
        **{f"floor_{name}": round(float(value), 3) for name, value in zip(names, theirs, strict=True)},
        "ratio": round(float(np.median(rounds[:, 0, 0] / rounds[:, 1, 0])), 3),
        "spread": round(float(loaded[0][2] / loaded[0][1]), 2),
        "floor_spread": round(float(loaded[1][2] / loaded[1][1]), 2),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", nargs="+", choices=[*KINDS], default=[*KINDS])
    parser.add_argument("--options", type=int, nargs="+", help="options a contact, instead of those of the table")
    parser.add_argument("--workers", type=int, nargs="+", default=[1])
    parser.add_argument("--cold", action="store_true", help="ask contacts that the service was never asked for")
    parser.add_argument(
        "--history", type=Path, help="where each row is appended as a line of JSON, instead of benchmarks/history"
    )
    given, load_before = parser.parse_args(), round(os.getloadavg()[0], 1)
    print(
        "| data | options | workers | lists/s | p50 ms | p99 ms | CPU us | floor | p50 ms | p99 ms | CPU us | ratio | ",
        end="",
    )
    print("p99 / p50 at 70 % load | of the floor |\n" + "|---" * 14 + "|")
    cases = [(kind, options) for kind in given.data for options in given.options or SIZES[kind]]
    for workers in given.workers:
        for kind, options in cases:
            row = compare(kind, options, workers=workers, cold=given.cold)
            ours, theirs = (
                f"{row[f'{side}per_second']:,.0f} | {row[f'{side}p50_ms']:.1f} | {row[f'{side}p99_ms']:.1f} "
                f"| {row[f'{side}cpu_us']:,.0f}"
                for side in ("", "floor_")
            )
            print(f"| {kind}{', cold' * given.cold} | {options:,} | {workers} | {ours} | {theirs} | ", end="")
            print(f"{row['ratio']:.2f} | {row['spread']:.1f} | {row['floor_spread']:.1f} |", flush=True)
            note("requests", {**row, "load_before": load_before}, given.history)


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make bench"
    main()
