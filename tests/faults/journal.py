"""The clients' journal: one line for each event the service acknowledged, written after its answer."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson


class Journal:
    """A file that many client threads append to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self.count = 0  # events acknowledged, repeated ones too
        path.touch()

    def acknowledge(self, event: Mapping[str, Any]) -> None:
        """Note that the service answered this event as accepted, or as accepted before."""
        with self._lock, self.path.open("ab") as file:
            file.write(orjson.dumps(event) + b"\n")
            self.count += 1

    def read(self) -> dict[str, dict[str, Any]]:
        """Read every acknowledged event, by its id."""
        events = map(orjson.loads, self.path.read_bytes().splitlines())
        return {event["event_id"]: event for event in events}
