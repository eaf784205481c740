"""The folder in which numba keeps the kernels that it has compiled from exactly these sources."""

import os
import sys
from hashlib import sha256
from pathlib import Path

CORE = Path(__file__).parent / "core"
KERNELS = CORE / "kernels"
CONSTANTS = ("events", "iso_weeks", "log_odds", "records")
"""The modules of `dog.core` that kernels take constants from."""


def open_kernel_cache() -> Path:
    """Return the folder; print a line where it is empty, as compiling takes a while.

    numba sees that a kernel's own file has changed, not one that it calls or takes a constant from.
    """
    sources = [*sorted(KERNELS.glob("*.py")), *(CORE / f"{name}.py" for name in CONSTANTS)]
    stamp = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    folder = _parent_folder() / stamp
    if not folder.exists():
        print("compiling the kernels, once after an installation: one to two minutes", file=sys.stderr)  # noqa: T201
    return folder


def _parent_folder() -> Path:
    if stated := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(stated)
    if os.access(KERNELS, os.W_OK):
        return KERNELS / "__pycache__"
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "dog-kernels"
