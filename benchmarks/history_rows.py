"""Keep what a benchmark measured: one line of JSON a row, with the machine and the revision it was measured on."""

import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson


def keep_row(file: Path, name: str, row: Mapping[str, Any]) -> None:
    """Append a row to a file."""
    revision = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    stamp = {
        "benchmark": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": revision.stdout.strip(),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as lines:
        lines.write(orjson.dumps({**stamp, **row}) + b"\n")
