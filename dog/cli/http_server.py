"""`python -m dog.cli.http_server`: granian and its workers, which end when `dog serve`, their parent, has ended."""

import os
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from dog.config import read_settings
from dog.end_with_parent import end_with_parent


def load_application(_: str) -> Any:
    """Import the application; called in each worker."""
    end_with_parent()
    from wsgi import served  # noqa: PLC0415  # each worker has a connection and a snapshot of its own

    return served


def main() -> None:
    """Serve until SIGTERM; a worker answers one list at a time, and one that dies is replaced."""
    end_with_parent()
    settings = read_settings(os.environ)
    server = Granian(
        "wsgi:served",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        respawn_failed_workers=True,
        workers_kill_timeout=25,
        websockets=False,
        log_level=LogLevels.warning,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),  # ms in which a client must send its headers
    )
    server.serve(target_loader=load_application)


if __name__ == "__main__":
    main()
