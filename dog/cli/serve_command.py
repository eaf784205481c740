"""`python -m dog serve`: the service under a production WSGI server."""

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
from typing import TYPE_CHECKING, Any

import click
import structlog

from dog.config import METRICS_FOLDER, is_loopback
from dog.errors import InvalidSettings, StoreError
from dog.process_setup import ProcessSetup, set_up_process
from dog.storage.api_keys import list_keys

if TYPE_CHECKING:
    from dog.services.runtime import Runtime  # `make run` has one; `dog serve` leaves to its workers what makes lists

    Ground = ProcessSetup | Runtime

STOP_SECONDS = 28
LOOK_SECONDS = 1.0
ANSWER_SECONDS = 1.0

log = structlog.get_logger()


@click.command()
def serve() -> None:
    """Serve the API; options come from the environment (docs/reference/settings.md)."""
    ground = set_up_process()
    try:
        raise click.exceptions.Exit(run_service(ground))
    finally:
        ground.close()


def check_port(ground: "Ground") -> None:
    """Refuse a port that is taken, before anything else is started.

    Raises
    ------
    InvalidSettings
        Somebody else listens there.

    """
    host, port = ground.settings.host, ground.settings.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"DOG_BIND {ground.settings.bind} cannot be used ({error.strerror}); set DOG_BIND to a free port"
            raise InvalidSettings(message) from None


def refuse_without_keys(ground: "Ground") -> None:
    """Refuse to listen beyond this machine while nobody could be told from anybody."""
    if not is_loopback(ground.settings.host) and not any(list_keys(ground.redis, name) for name in ground.tenants()):
        raise InvalidSettings(
            f"DOG_BIND {ground.settings.bind} can be reached from outside and there is no API key yet; "
            "make one first: python -m dog keys create"
        )


def start_server(ground: "Ground", *extra: Any) -> subprocess.Popen[bytes]:
    """Start granian on `wsgi:served`, one request at a time a worker; it replaces workers that die."""
    check_port(ground)
    refuse_without_keys(ground)
    settings = ground.settings
    command = [
        *(
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "rsgi",
            "--host",
            settings.host,
            "--port",
            str(settings.port),
        ),
        *("--workers", str(settings.workers), "--respawn-failed-workers"),
        *("--workers-kill-timeout", "25", "--no-ws", "--log-level", "warning"),
        *("--http1-header-read-timeout", "10000", *map(str, extra), "wsgi:served"),
    ]
    environ = {METRICS_FOLDER: _metrics_folder(), **os.environ}
    return subprocess.Popen(command, start_new_session=True, env=environ)  # noqa: S603  # our own words


def _metrics_folder() -> str:
    """Make a folder in which the workers of one server add up what they count."""
    folder = tempfile.mkdtemp(prefix="dog-metrics-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def run_service(ground: "Ground") -> int:
    """Serve until SIGTERM or Ctrl-C, then let requests in flight finish."""
    server = start_server(ground)
    click.echo(f"serving on http://{ground.settings.bind}", err=True)
    return wait_for(ground, server)


def wait_for(ground: "Ground", server: subprocess.Popen[bytes], *others: subprocess.Popen[bytes]) -> int:
    """Keep the server (and the embedded Redis) alive until SIGTERM or Ctrl-C; then stop all and wait for them.

    Workers that die are replaced by granian; granian itself gives up when one dies twice within seconds, and is then
    started again here, however often: only where none has ever answered it cannot work, and starting it again would
    not help.
    """
    stopping = has_answered = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    looked = time.monotonic()
    while not stopping:
        time.sleep(0.1)
        has_answered = has_answered or _answers(ground)
        if server.poll() is not None:
            if not has_answered:
                break
            log.warning("server_restarted", exit_code=server.returncode)
            _end_orphans(server)
            server = start_server(ground)
        if ground.server is not None and time.monotonic() - looked >= LOOK_SECONDS:
            with suppress(StoreError):  # it may come up at the next look
                ground.server.ensure_running()
            looked = time.monotonic()
    _stop_all(server, *others)
    return 0 if stopping else server.returncode


def _answers(ground: "Ground") -> bool:
    connection = HTTPConnection(ground.settings.host, ground.settings.port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _end_orphans(server: subprocess.Popen[bytes]) -> None:
    """Kill the workers that outlived their server, and wait until they have left its port."""
    deadline = time.monotonic() + ANSWER_SECONDS
    with suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(server.pid, signal.SIGKILL)
            time.sleep(0.01)


def _stop_all(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
