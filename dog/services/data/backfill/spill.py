"""The files of a back-fill: claims by the partition of their id, events by that of their contact.

A file is appended to chunk by chunk. The fixed fields of an event and its text (log entry and contact's id, one after
the other) are in two files.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dog.storage.claims import CLAIM

NO_NAME = 0xFFFFFFFF
"""Place of a product that an event does not name."""
CLOSED, ERASED, UNKNOWN = 1, 2, 4
"""Flags: the week is archived, the contact erased, a name unknown where the tenant holds such events back."""

CLAIMED = np.dtype(
    [
        *((name, CLAIM[name]) for name in CLAIM.names or ()),
        ("row", "<i8"),
        ("event", "<u8"),  # digest of its id, as in ledgers
        ("pitch", "<u8"),  # digest of the pitch that it names, 0 where none
        ("product", "<u4"),  # place in the names of the file, as the next
        ("replacement", "<u4"),
        ("flags", "u1"),
    ]
)
"""What is known of an event's claim: it begins as `CLAIM` does."""
EVENT = np.dtype(
    [
        ("row", "<i8"),
        ("at", "<i8"),
        ("event", "<u8"),
        ("pitch", "<u8"),
        ("product", "<u4"),
        ("type", "u1"),
        ("contact", "V16"),
        ("entry_bytes", "<u4"),
        ("contact_bytes", "<u4"),
    ]
)


@dataclass(frozen=True, slots=True)
class Spill:
    """A folder with the files of one back-fill."""

    folder: Path

    def create(self) -> None:
        """Make the folder, without what a killed back-fill left."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def remove(self) -> None:
        """Delete all."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def add_claims(self, claims: np.ndarray, partitions: np.ndarray) -> None:
        """Append records of `CLAIMED` to the files of their partitions."""
        for partition, places in _by_partition(partitions):
            self._append("claims", partition, claims[places].tobytes())

    def add_events(self, events: np.ndarray, texts: list[bytes], partitions: np.ndarray) -> None:
        """Append records of `EVENT` with their texts to the files of their partitions."""
        for partition, places in _by_partition(partitions):
            self._append("events", partition, events[places].tobytes())
            self._append("texts", partition, b"".join([texts[place] for place in places.tolist()]))

    def read_claims(self, partition: int) -> np.ndarray:
        """Read the claims of a partition, in the order of rows."""
        return np.frombuffer(self._read("claims", partition), CLAIMED)

    def read_events(self, partition: int) -> tuple[np.ndarray, bytes]:
        """Read the events of a partition and their texts, in the order of rows."""
        return np.frombuffer(self._read("events", partition), EVENT), self._read("texts", partition)

    def _append(self, name: str, partition: int, content: bytes) -> None:
        with (self.folder / f"{name}-{partition}").open("ab") as file:
            file.write(content)

    def _read(self, name: str, partition: int) -> bytes:
        path = self.folder / f"{name}-{partition}"
        return path.read_bytes() if path.exists() else b""


def _by_partition(partitions: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Return the places of each partition's values."""
    order = np.argsort(partitions, kind="stable")
    found, starts = np.unique(partitions[order], return_index=True)
    return list(zip(found.tolist(), np.split(order, starts[1:]), strict=True)) if len(found) else []
