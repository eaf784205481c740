"""End this process when its parent has ended, however that ended.

The parent keeps the other end of this process's stdin and writes nothing to it; the kernel closes that end with the
parent. (Linux's PR_SET_PDEATHSIG follows the thread that started the child.)
"""

import os
import signal
import threading
import time
from multiprocessing.connection import Connection

GRACE_SECONDS = 28
"""How long what is in progress may take to finish after SIGTERM."""


def end_with_parent(grace_seconds: float = GRACE_SECONDS) -> None:
    """Send SIGTERM to this process when stdin is closed, and SIGKILL if it is still there some seconds later."""
    threading.Thread(target=_wait_and_end, args=(grace_seconds,), name="end with parent", daemon=True).start()


def end_with_pipe(reader: Connection) -> None:
    """End this process, whatever it is doing, when the parent closes the other end of a pipe, or has ended.

    For processes of `multiprocessing`, whose stdin is not the parent's, and whose work may end anywhere.
    """
    threading.Thread(target=lambda: os._exit(int(reader.poll(None))), name="end with pipe", daemon=True).start()


def _wait_and_end(grace_seconds: float) -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace_seconds)
    os.kill(os.getpid(), signal.SIGKILL)
