"""The workers of `dog serve`: replaced at once, given up only where none could ever start."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dog.cli import http_server
from dog.cli.http_server import Workers
from tests.faults.processes import children

ROOT = Path(__file__).parents[2]


@contextmanager
def workers_that(monkeypatch: pytest.MonkeyPatch, run: Callable[[int], None], count: int = 2) -> Iterator[Workers]:
    """Give workers that do something else than to serve; they are killed at the end."""

    def run_worker(_: socket.socket, report_ready: int) -> None:
        run(report_ready)
        os._exit(0)

    before = set(children(os.getpid()))
    monkeypatch.setattr(http_server, "run_worker", run_worker)
    monkeypatch.setattr(http_server, "end_with_parent", lambda _: None)
    with socket.socket() as listener:
        yield Workers(listener, count)
    for process in set(children(os.getpid())) - before:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def serve_until_stopped(report_ready: int) -> None:
    os.write(report_ready, b"r")
    signal.pause()


def until(workers: Workers, holds: Callable[[], object]) -> int:
    """Keep the workers up until something holds or one gives up; return the exit code."""
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline:
        code = workers.keep_up()
        if code or holds():
            return code
        time.sleep(0.01)
    raise AssertionError("nothing happened")


def test_workers_that_are_killed_again_and_again_are_replaced_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set(children(os.getpid()))
    before = len(seen)

    def new() -> set[int]:
        return set(children(os.getpid())) - seen

    with workers_that(monkeypatch, serve_until_stopped) as workers:
        for _ in range(5):
            assert until(workers, lambda: len(new()) == 2) == 0
            killed = new()
            for process in killed:
                os.kill(process, signal.SIGKILL)
            seen |= killed

    assert len(seen) == before + 10


def test_a_worker_that_cannot_start_ends_the_server_with_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    with workers_that(monkeypatch, lambda _: os._exit(2)) as workers:
        assert until(workers, lambda: False) == 2


def test_once_one_has_served_a_worker_that_cannot_start_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def serve_once_then_fail_twice(report_ready: int) -> None:
        started = len(list(tmp_path.iterdir()))
        (tmp_path / str(started)).touch()
        if started in (1, 2):
            os._exit(1)
        serve_until_stopped(report_ready)

    monkeypatch.setattr(http_server, "RETRY_SECONDS", 0.05)
    before = set(children(os.getpid()))
    with workers_that(monkeypatch, serve_once_then_fail_twice, count=1) as workers:
        assert until(workers, workers._has_served) == 0
        for process in set(children(os.getpid())) - before:
            os.kill(process, signal.SIGKILL)
        assert until(workers, lambda: len(list(tmp_path.iterdir())) == 4) == 0


def test_a_worker_asked_to_end_before_it_serves_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    signal.signal(signal.SIGTERM, lambda *_: None)  # as the server does, for itself
    try:
        with workers_that(monkeypatch, lambda _: time.sleep(600)) as workers:
            workers.keep_up()
            workers.stop()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def test_a_new_worker_has_nothing_of_ours_left_to_import(tmp_path: Path) -> None:
    code = (
        "import sys; from dog.cli.http_server import import_all; import_all(); before = set(sys.modules); "
        "from dog.application import runtime; runtime.close(); "
        "print(*(set(sys.modules) - before - {'dog.application'}))"
    )
    environ = {"DOG_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, check=True, capture_output=True, text=True
    )

    assert [name for name in done.stdout.split() if name.startswith("dog")] == []
