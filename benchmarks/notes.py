"""The history of measurements: one line of JSON each, so that a slower release is seen."""

import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

HISTORY = Path(__file__).parent / "history"


def note(name: str, row: Mapping[str, Any], file: Path | None = None) -> None:
    """Append a measurement to a file, `history/NAME.ndjson` unless another is named, with when and where taken."""
    revision = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    where = {"machine": platform.machine(), "system": platform.system(), "python": platform.python_version()}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = orjson.dumps({"at": at, "revision": revision.stdout.strip(), **row, **where})
    with (file or HISTORY / f"{name}.ndjson").open("ab") as lines:
        lines.write(line + b"\n")
