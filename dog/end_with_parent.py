"""End this process when its parent has ended, however that ended.

The parent keeps the other end of this process's stdin and writes nothing to it; the kernel closes that end with the
parent. Children inherit stdin and can call this, too. (Linux's PR_SET_PDEATHSIG follows the thread that started the
child, and a grandchild does not get it.)
"""

import os
import signal
import threading
import time

GRACE_SECONDS = 28
"""How long requests in progress may take to finish after SIGTERM."""


def end_with_parent() -> None:
    """Send SIGTERM to this process when stdin is closed, and SIGKILL if it is still there 28 seconds later."""
    threading.Thread(target=_wait_and_end, name="end with parent", daemon=True).start()


def _wait_and_end() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
