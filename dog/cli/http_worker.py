"""One worker of `dog serve`: granian inside this process, on a listening socket that all workers share."""

import asyncio
import os
import signal
import socket
import sys
import threading
import traceback
from typing import Any, NoReturn

import uvloop
from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from dog.cli.listener import BACKLOG
from dog.errors import DogError, InvalidSettings

LINGER_SECONDS = 0.5
"""How long a stopping worker continues as before, but closes each connection with its next answer."""


class SharedSocketServer(Server):
    """granian's server on a socket that is open already; granian itself opens one for each process."""

    def __init__(self, app: Any, listener: socket.socket) -> None:
        super().__init__(
            app,
            interface=Interfaces.RSGI,
            backlog=BACKLOG,  # as many connections at once, too
            websockets=False,
            log_level=LogLevels.error,  # its only warning says that running it inside a process is experimental
            http1_settings=HTTP1Settings(header_read_timeout=10_000),  # ms in which a client must send its headers
        )
        self._listener = listener

    def _init_shared_socket(self) -> None:
        self._shd = SocketHolder(self._listener.fileno(), False, BACKLOG)  # type: ignore[call-arg, assignment, unused-ignore]


async def serve(app: Any, listener: socket.socket, report_ready: int, stopping: threading.Event) -> None:
    """Serve until SIGTERM; then answer what was sent, and return."""
    server, loop = SharedSocketServer(app, listener), asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        loop.call_later(LINGER_SECONDS, server.stop)

    listener.listen(BACKLOG)
    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.call_soon(os.write, report_ready, b"r")
    await server.serve()


def run_worker(listener: socket.socket, report_ready: int) -> NoReturn:
    """Serve and exit; a worker that cannot start says why and exits with 1, or 2 for an invalid setting."""
    code = 0
    try:
        from dog.application import runtime, served, stopping  # noqa: PLC0415  # each worker has its own connection and snapshot

        uvloop.run(serve(served, listener, report_ready, stopping))
        runtime.close()
    except DogError as error:
        print(f"error: {error.message}", file=sys.stderr)  # noqa: T201
        code = 2 if isinstance(error, InvalidSettings) else 1
    except BaseException:  # noqa: BLE001  # it is printed, and the process ends
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a fork must not continue as its parent
