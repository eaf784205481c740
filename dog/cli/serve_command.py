"""`dog serve`: the HTTP server and the embedded Redis, started, watched and stopped."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress

import click

from dog.cli.listener import open_listener, take_no_more
from dog.config import METRICS_FOLDER, is_loopback
from dog.end_with_parent import GRACE_SECONDS
from dog.errors import InvalidSettings, StoreError
from dog.log import log
from dog.process_setup import ProcessSetup, set_up_process
from dog.storage.api_keys import list_keys

POLL_SECONDS = 0.05
REDIS_CHECK_SECONDS = 1.0


@click.command()
def serve() -> None:
    """Serve the API; options come from the environment (docs/reference/settings.md)."""
    setup = set_up_process()
    try:
        server = HttpServer(setup)
        click.echo(f"serving on http://{setup.settings.bind}", err=True)
        raise click.exceptions.Exit(run_until_stopped(setup, server))
    finally:
        setup.close()


class HttpServer:
    """The HTTP server and its workers, in a process group of their own, and the socket on which they listen.

    Creating it raises InvalidSettings if another process listens there, or if other machines can connect and no tenant
    has an API key.
    """

    def __init__(self, setup: ProcessSetup) -> None:
        settings = setup.settings
        if not is_loopback(settings.host) and not any(list_keys(setup.redis, name) for name in setup.tenants()):
            raise InvalidSettings(
                f"DOG_BIND {settings.bind} can be reached from outside and there is no API key yet; "
                "make one first: dog keys create"
            )
        self._listener = open_listener(settings)
        self.process = _start_process(self._listener)

    def keep_up(self) -> int:
        """Start the server again if it has ended; return its exit code if it could not start, else 0."""
        code = self.process.poll()
        if code is None or code > 0:
            return code or 0
        log.warning("server_restarted", exit_code=code)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # its workers
        self.process = _start_process(self._listener)
        return 0

    def stop(self) -> subprocess.Popen[bytes]:
        """Ask the server to stop; return its process."""
        take_no_more(self._listener)
        self._listener.close()
        self.process.terminate()
        return self.process


def _start_process(listener: socket.socket) -> subprocess.Popen[bytes]:
    handle = listener.fileno()
    return subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-m", "dog.cli.http_server", str(handle)],
        stdin=subprocess.PIPE,  # see dog/end_with_parent.py
        pass_fds=[handle],
        start_new_session=True,
        env={METRICS_FOLDER: _metrics_folder(), **os.environ},
    )


def _metrics_folder() -> str:
    """Create a folder in which the workers of one server add up their metrics."""
    folder = tempfile.mkdtemp(prefix="dog-metrics-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def run_until_stopped(setup: ProcessSetup, server: HttpServer, *others: subprocess.Popen[bytes]) -> int:
    """Restart the server and the embedded Redis when they end, until SIGTERM or Ctrl-C; then stop all processes.

    Return 0, or the exit code of a server that could not start.
    """
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    code, redis_checked = 0, time.monotonic()
    while not stopping and not code:
        time.sleep(POLL_SECONDS)
        code = server.keep_up()
        if setup.server is not None and time.monotonic() - redis_checked >= REDIS_CHECK_SECONDS:
            with suppress(StoreError):  # the next check tries again
                setup.server.ensure_running()
            redis_checked = time.monotonic()
    for process in others:
        process.terminate()
    _wait_until_ended(server.stop(), *others)
    return code


def _wait_until_ended(*processes: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("process_killed", pid=process.pid, reason=f"it did not stop within {GRACE_SECONDS} seconds")
            process.kill()
