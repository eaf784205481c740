"""Run the embedded server until no process uses it. A program of its own, started by `embedded.py`.

The kernel grants it `users.lock` alone when the last user has ended, even if all of them were killed. It imports only
small modules, because each start of the server waits for it.
"""

import fcntl
import os
import signal
import sys

SERVER_STOP_SECONDS = 25
KEPT_VARIABLES = ("LD_PRELOAD",)
"""Variables that the server gets; those of the service, secrets among them, are not its business."""


def run(users_lock: str, server_lock: int, command: list[str]) -> None:
    """Start the server, wait until nobody uses it, stop it. Exit when the server ends, or if it does not stop."""
    signal.signal(signal.SIGCHLD, lambda *_: os._exit(0))
    kept = {name: value for name, value in os.environ.items() if name in KEPT_VARIABLES}
    server = os.posix_spawn(command[0], command, {"LC_ALL": "C", **kept})  # our own command, no shell
    os.close(server_lock)  # from here on only the server holds it
    fcntl.flock(os.open(users_lock, os.O_RDWR), fcntl.LOCK_EX)  # until the last user has left
    os.kill(server, signal.SIGTERM)
    signal.alarm(SERVER_STOP_SECONDS)
    while True:
        signal.pause()


if __name__ == "__main__" and os.fork() == 0:  # its parent returns at once
    run(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
