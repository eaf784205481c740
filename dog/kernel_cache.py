"""The folder in which numba keeps the kernels that it has compiled from exactly these sources."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile

CORE = Path(__file__).parent / "core"
KERNELS = CORE / "kernels"
CONSTANTS = ("events", "iso_weeks", "log_odds", "records")
"""The modules of `dog.core` that kernels take constants from."""
COMPILER = [sys.executable, "-m", "dog.kernels"]
PROCESSES = 2
KEPT_FOLDERS = 2
"""That of these sources and the one used before: an older process may run from it, or come back."""
POLL_SECONDS, TOLD_SECONDS = 0.1, 10.0


@cache
def kernel_folder() -> Path:
    """Return the folder. numba sees that a kernel's own file has changed, not one that it takes a constant from."""
    sources = [*sorted(KERNELS.glob("*.py")), *(CORE / f"{name}.py" for name in CONSTANTS)]
    stamp = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    return _parent_folder() / stamp


def fill_kernel_cache(compiler: str) -> None:
    """Compile all kernels in some processes, once; `compiler` names the versions that the code is compiled by.

    Processes that start meanwhile wait. Where the folder cannot be written, or a process fails, nothing happens here:
    each kernel is compiled when it is called.
    """
    folder = kernel_folder()
    complete = folder / f"{compiler}.complete"
    if complete.exists():
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError:
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists() and _compile(folder):
            complete.touch()
            _remove_older(folder)


def _compile(folder: Path) -> bool:
    """Run the compilers, and say how far they have come; return whether all have succeeded.

    How far is counted in the folder: in a container no other may be writable.
    """
    _say("compiling the kernels, once after an installation: half a minute to two minutes")
    begin = told = time.monotonic()
    with TemporaryFile(dir=folder) as done:
        running = [
            subprocess.Popen([*COMPILER, str(part), str(PROCESSES)], stdin=subprocess.DEVNULL, stdout=done)  # noqa: S603
            for part in range(PROCESSES)
        ]
        try:
            while any(process.poll() is None for process in running):
                time.sleep(POLL_SECONDS)
                if time.monotonic() - told >= TOLD_SECONDS:
                    told = time.monotonic()
                    size = os.fstat(done.fileno()).st_size
                    _say(f"  {size} of {len([*KERNELS.glob('[!_]*.py')])} files after {told - begin:.0f} seconds")
        finally:
            for process in running:
                process.terminate()
    return all(process.wait() == 0 for process in running)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def _remove_older(folder: Path) -> None:
    """Remove the folders of earlier sources but the last that was made.

    A process that finds its folder removed compiles what it has not loaded yet.
    """
    found = [one for one in folder.parent.iterdir() if re.fullmatch("[0-9a-f]{16}", one.name) and one.is_dir()]
    others = sorted((one for one in found if one != folder), key=lambda one: one.stat().st_mtime)
    for one in others[: max(len(found) - KEPT_FOLDERS, 0)]:
        shutil.rmtree(one, ignore_errors=True)


def _parent_folder() -> Path:
    if stated := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(stated)
    if os.access(KERNELS, os.W_OK):
        return KERNELS / "__pycache__"
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "dog-kernels"
