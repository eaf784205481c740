"""`python -m dog serve`: the HTTP server, restarted when it ends, and the embedded Redis."""

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
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

import click

from dog.config import METRICS_FOLDER, Settings, is_loopback
from dog.end_with_parent import GRACE_SECONDS
from dog.errors import InvalidSettings, StoreError
from dog.log import log
from dog.process_setup import ProcessSetup, set_up_process
from dog.storage.api_keys import list_keys

POLL_SECONDS = 0.1
REDIS_CHECK_SECONDS = 1.0
ANSWER_SECONDS = 1.0


@click.command()
def serve() -> None:
    """Serve the API; options come from the environment (docs/reference/settings.md)."""
    setup = set_up_process()
    try:
        server = start_server(setup)
        click.echo(f"serving on http://{setup.settings.bind}", err=True)
        raise click.exceptions.Exit(run_until_stopped(setup, server))
    finally:
        setup.close()


def check_port(settings: Settings) -> None:
    """Raise InvalidSettings if another process listens on DOG_BIND; called before anything else is started."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            message = f"DOG_BIND {settings.bind} cannot be used ({error.strerror}); set DOG_BIND to a free port"
            raise InvalidSettings(message) from None


def check_keys(setup: ProcessSetup) -> None:
    """Raise InvalidSettings if other machines can connect and no tenant has an API key."""
    if not is_loopback(setup.settings.host) and not any(list_keys(setup.redis, name) for name in setup.tenants()):
        raise InvalidSettings(
            f"DOG_BIND {setup.settings.bind} can be reached from outside and there is no API key yet; "
            "make one first: python -m dog keys create"
        )


def start_server(setup: ProcessSetup) -> subprocess.Popen[bytes]:
    """Start the HTTP server, in a process group with its workers; it ends when this process ends."""
    check_port(setup.settings)
    check_keys(setup)
    environ = {METRICS_FOLDER: _metrics_folder(), **os.environ}
    command = [sys.executable, "-m", "dog.cli.http_server"]
    # stdin: see dog/end_with_parent.py
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, env=environ)  # noqa: S603  # our own command


def _metrics_folder() -> str:
    """Create a folder in which the workers of one server add up their metrics."""
    folder = tempfile.mkdtemp(prefix="dog-metrics-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def run_until_stopped(setup: ProcessSetup, server: subprocess.Popen[bytes], *others: subprocess.Popen[bytes]) -> int:
    """Restart the server and the embedded Redis when they end, until SIGTERM or Ctrl-C; then stop all processes.

    The server replaces a worker that dies, but gives up when one dies twice within seconds. Then it is started again,
    any number of times. A server that has never answered is not: the exit code is its own.
    """
    stopping = has_answered = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    redis_checked = time.monotonic()
    while not stopping:
        time.sleep(POLL_SECONDS)
        has_answered = has_answered or _answers(setup.settings)
        if server.poll() is not None:
            if not has_answered:
                break
            log.warning("server_restarted", exit_code=server.returncode)
            _kill_workers(server)
            server = start_server(setup)
        if setup.server is not None and time.monotonic() - redis_checked >= REDIS_CHECK_SECONDS:
            with suppress(StoreError):  # the next check tries again
                setup.server.ensure_running()
            redis_checked = time.monotonic()
    _stop_all(server, *others)
    return 0 if stopping else server.returncode


def _answers(settings: Settings) -> bool:
    connection = HTTPConnection(settings.host, settings.port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _kill_workers(server: subprocess.Popen[bytes]) -> None:
    """Kill the workers of a server that has ended, and wait until they have released its port."""
    deadline = time.monotonic() + ANSWER_SECONDS
    with suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(server.pid, signal.SIGKILL)
            time.sleep(0.01)


def _stop_all(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
