"""The history of measurements: one JSON line each, so that a slower release is seen."""

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

HISTORY = Path(__file__).parent / "history"


def note(name: str, row: Mapping[str, Any]) -> None:
    """Append a measurement to `history/NAME.ndjson`, with when and where it was taken."""
    where = {"machine": platform.machine(), "system": platform.system(), "python": platform.python_version()}
    line = orjson.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), **row, **where})
    with (HISTORY / f"{name}.ndjson").open("ab") as file:
        file.write(line + b"\n")
