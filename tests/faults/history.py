"""The history of faults: one line of JSON for each run, with the commit, the seed, the date and what it ran on."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from dog.storage.server_binary import find_binary
from tests.faults.rows import Row, Scale

HISTORY = Path(__file__).parents[2] / "benchmarks" / "history" / "faults.ndjson"

SERVICE = ("dog", "jobs", "requirements.txt")


def keep(path: Path, name: str, row: Row, scale: Scale, took_seconds: float) -> None:
    """Append a row to a history; the name is what the command line calls the fault."""
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": find_commit(),
        "name": name,
        "scale": scale,
        "took_seconds": round(took_seconds, 1),
        **row.to_document(),
        **_versions(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(orjson.dumps(line) + b"\n")


def find_commit() -> str:
    """Return the short hash of the last commit that changed the service, with `+` if it has been changed since."""
    commit = _git("log", "-1", "--format=%h", "--abbrev=9", "--", *SERVICE)
    return commit + ("+" if _git("status", "--porcelain", "--", *SERVICE) else "")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=HISTORY.parents[2], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _versions() -> dict[str, Any]:
    output = subprocess.run([find_binary(), "--version"], capture_output=True, text=True, check=True).stdout
    name, _, rest = output.partition(" server v=")
    return {
        "server": f"{name} {rest.split()[0]}",
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": os.cpu_count(),
    }


def read_history(path: Path = HISTORY) -> list[dict[str, Any]]:
    """Read every run that was kept, the oldest first."""
    return sorted(map(orjson.loads, path.read_bytes().splitlines()), key=lambda run: run["at"])
