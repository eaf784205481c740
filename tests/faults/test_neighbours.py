"""A tenant at ten times its limit, and a hundred clients that send a byte a second: the others hardly notice."""

import multiprocessing
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import numpy as np
import orjson
import pytest

from tests.faults.rows import Row, Scale
from tests.faults.worlds import ROOT, World, world

ROW = 28
LIMIT_PER_SECOND = 10
PAUSE_SECONDS = 0.02
SLOW_CLIENTS = 100
LIST = orjson.dumps(
    {"contact_id": "c1", "candidates": [{"product_id": f"p{n}", "scores": {"cf": n / 20}} for n in range(10)]}
)


def make_key(here: World, tenant: str, *more: str) -> str:
    """Make a key of a tenant."""
    command = [sys.executable, "-m", "dog", "--tenant", tenant, "keys", "create", *more]
    made = subprocess.run(command, env=here.environ, cwd=ROOT, check=True, capture_output=True, text=True)
    return made.stdout.strip()


def ask(connection: HTTPConnection, key: str) -> tuple[int, float]:
    """Ask for a list; the status, and the milliseconds it took."""
    began = time.perf_counter()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/recommendations", LIST, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status, (time.perf_counter() - began) * 1000


def take_times(here: World, key: str, seconds: float) -> np.ndarray:
    """Ask for a list every 20 ms; how long each took, milliseconds."""
    connection, took = HTTPConnection("127.0.0.1", here.port, timeout=30), []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status, milliseconds = ask(connection, key)
        assert status == 200, status
        took.append(milliseconds)
        time.sleep(PAUSE_SECONDS)
    connection.close()
    return np.array(took)


def make_noise(port: int, key: str, per_second: float, statuses: "multiprocessing.Queue[int]") -> None:
    """Ask ever again, heeding no answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    while True:
        began = time.monotonic()
        statuses.put(ask(connection, key)[0])
        time.sleep(max(0, 1 / per_second - (time.monotonic() - began)))


@contextmanager
def noise(here: World, key: str) -> "Iterator[multiprocessing.Queue[int]]":
    """Let a process ask ten times as often as its key may."""
    context = multiprocessing.get_context("spawn")
    statuses: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=make_noise, args=(here.port, key, 10 * LIMIT_PER_SECOND, statuses), daemon=True)
    process.start()
    statuses.get(timeout=30)
    try:
        yield statuses
    finally:
        process.terminate()
        process.join()


@contextmanager
def slow_clients(here: World, key: str) -> Iterator[list[socket.socket]]:
    """Open a hundred connections that have sent half a body, or half of the headers, and no more."""
    head = f"POST /v1/recommendations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    body = f"Content-Type: application/json\r\nContent-Length: {len(LIST)}\r\n\r\n".encode() + LIST[:20]
    clients = []
    for number in range(SLOW_CLIENTS):
        client = socket.create_connection(("127.0.0.1", here.port))
        client.sendall(head.encode() + (body if number % 2 else b""))
        clients.append(client)
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def run(scale: Scale, seed: int) -> Row:
    """Time one tenant's lists alone, beside one at ten times its limit, and beside a hundred slow clients."""
    seconds = 30 if scale == "long" else 4
    with world(DOG_AUTH="required") as here:
        quiet = make_key(here, "quiet")
        loud = make_key(here, "loud", "--per-second", str(LIMIT_PER_SECOND))
        here.serve()
        take_times(here, quiet, 1)
        alone = take_times(here, quiet, seconds)
        with noise(here, loud) as statuses:
            beside_loud = take_times(here, quiet, seconds)
            seen = [statuses.get() for _ in range(statuses.qsize())]
        with slow_clients(here, loud):
            beside_slow = take_times(here, quiet, seconds)
    p99 = {name: float(np.percentile(took, 99)) for name, took in (("alone", alone), ("loud", beside_loud))}
    p99["slow"] = float(np.percentile(beside_slow, 99))
    let_in = seen.count(200) / seconds
    note = (
        f"p99 {p99['alone']:.1f} ms alone, {p99['loud']:.1f} beside {len(seen) / seconds:.0f} calls/s of which "
        f"{let_in:.1f}/s were let in, {p99['slow']:.1f} beside {SLOW_CLIENTS} slow clients"
    )
    unfair = int(seen.count(200) > LIMIT_PER_SECOND * (seconds + 2))
    if scale == "long":  # a short run has two lists beyond its 99th percentile, and other tests beside it
        unfair += sum(took > 3 * p99["alone"] + 10 for took in p99.values())
    return Row("neighbours: 10 x limit, slow clients", len(alone), seed, unfair, 0, 0, None, note)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_loud_tenant_is_let_in_to_its_limit_and_the_others_are_answered_beside_it_and_slow_clients() -> None:
    row = run("short", seed=1)  # every list of the other tenant has to be answered, by a 200, for this to come back

    assert row.is_clean, row
    assert row.n > 0
