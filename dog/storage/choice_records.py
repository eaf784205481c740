"""What a version holds of contacts' pitches by channel and time: packed records of `VALUE_COUNTS`."""

from collections.abc import Mapping

import numpy as np

from dog.core.learning.ledger_chunk import ContactBlock
from dog.core.records import VALUE_COUNTS
from dog.storage.contacts import read_arrays
from dog.storage.store import Store

CHOICES = "choices"
NO_COUNTED = np.zeros(0, VALUE_COUNTS)


def pack_choices(block: ContactBlock, contact: np.ndarray, records: np.ndarray) -> dict[int, list[bytes]]:
    """Pack the records of contacts, given by their indices in ascending order: in each partition contact, array, ..."""
    fields: dict[int, list[bytes]] = {}
    for partition, span in block.spans():
        first, last = np.searchsorted(contact, [span.start, span.stop]).tolist()
        starts = first + np.flatnonzero(np.diff(contact[first:last], prepend=-1))
        ends = np.append(starts, last)[1:]
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            own = [block.digests[contact[start]].tobytes(), records[start:end].tobytes()]
            fields.setdefault(partition, []).extend(own)
    return fields


def unpack_choices(packed: bytes | None) -> np.ndarray:
    """Return the records of one contact; none where it has none."""
    return NO_COUNTED if packed is None else np.frombuffer(packed, VALUE_COUNTS)


def read_choices(store: Store, block: ContactBlock, chosen: np.ndarray, suffix: str) -> Mapping[int, np.ndarray]:
    """Read the records of chosen contacts, given and returned by their indices; `suffix` is version and policy."""
    indices = chosen.tolist()
    packed = read_arrays(store, CHOICES, suffix, [block.digests[index].tobytes() for index in indices])
    found = zip(indices, packed, strict=True)
    return {index: unpack_choices(own) for index, own in found if own is not None}
