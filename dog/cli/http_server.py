"""`python -m dog.cli.http_server SOCKET`: the workers of `dog serve`, copies of this process, replaced when they end.

This process imports everything and then serves nothing itself: a new worker is a fork that serves within a tenth of a
second. All accept from one socket, which `dog serve` opened; while a worker is replaced, connections wait in its queue.
"""

import gc
import os
import signal
import socket
import sys
import time
from importlib import import_module

from dog.cli.http_worker import run_worker
from dog.config import read_settings
from dog.end_with_parent import end_with_parent
from dog.log import configure_log, log

IMPORTED = ("dog.bootstrap", "dog.api.app", "dog.api.rsgi_adapter", "dog.api.tracing", "dog.console.mount")
POLL_SECONDS = 0.02
RETRY_SECONDS = 1.0
"""When a worker that could not start is replaced; one that was killed is replaced at once."""
ORPHAN_SECONDS = 1.0
"""How long requests may continue when `dog serve` has been killed; then the port is free again."""


def import_all() -> None:
    """Import what the workers import."""
    gc.disable()
    import_module("dog.kernels").load_kernels()
    for name in IMPORTED:
        import_module(name)
    gc.freeze()  # what all workers share is not collected in each


class Workers:
    """The worker processes: forks of this one."""

    def __init__(self, listener: socket.socket, count: int) -> None:
        self._listener, self._count = listener, count
        self._ready, self._report_ready = os.pipe()
        os.set_blocking(self._ready, False)
        self._any_has_served = False
        self._workers: set[int] = set()
        self._not_before = 0.0

    def keep_up(self) -> int:
        """Replace workers that ended; return the exit code of one that could not start where none ever has, else 0."""
        while ended := self._next_ended():
            process, code = ended
            self._workers.discard(process)
            if code > 0:
                if not self._has_served():
                    return code
                self._not_before = time.monotonic() + RETRY_SECONDS
            log.warning("worker_replaced", pid=process, exit_code=code)
        while len(self._workers) < self._count and time.monotonic() >= self._not_before:
            try:
                self._workers.add(self._fork())
            except OSError as error:  # out of memory or of processes
                log.warning("worker_not_started", reason=error.strerror)
                self._not_before = time.monotonic() + RETRY_SECONDS
        return 0

    def stop(self) -> None:
        """Let the workers answer what was sent to them, and wait until they have ended."""
        for process in self._workers:
            os.kill(process, signal.SIGTERM)
        while self._workers:
            process, _ = os.wait()
            self._workers.discard(process)

    def _next_ended(self) -> tuple[int, int] | None:
        if not self._workers:
            return None
        process, status = os.waitpid(-1, os.WNOHANG)
        return (process, os.waitstatus_to_exitcode(status)) if process else None

    def _has_served(self) -> bool:
        if not self._any_has_served:
            try:
                self._any_has_served = bool(os.read(self._ready, 1))
            except BlockingIOError:
                return False
        return self._any_has_served

    def _fork(self) -> int:
        # a signal that comes before the child has its own way to handle it waits
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        process = os.fork()
        if process == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
            end_with_parent(ORPHAN_SECONDS)
            run_worker(self._listener, self._report_ready)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        return process


def main() -> None:
    """Keep the workers running until SIGTERM."""
    end_with_parent(ORPHAN_SECONDS)
    import_all()
    is_stopping = False

    def stop(*_: object) -> None:
        nonlocal is_stopping
        is_stopping = True

    signal.signal(signal.SIGTERM, stop)
    settings = read_settings(os.environ)
    configure_log(settings)
    workers, code = Workers(socket.socket(fileno=int(sys.argv[1])), settings.workers), 0
    while not is_stopping and not code:
        code = workers.keep_up()
        time.sleep(POLL_SECONDS)
    workers.stop()
    sys.exit(code)


if __name__ == "__main__":
    main()
