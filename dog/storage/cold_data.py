"""What Redis knows of the archive: one hash with the segments of decisions and of versions.

A file that the hash does not name is what a killed run left. Its names begin with a folder that is drawn once a tenant,
so that a copy of the tenant with the same archive does not take the files of the other for leftovers.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import orjson

from dog.storage.segments import Segment
from dog.storage.store import Store

FOLDER, DECISIONS, VERSION = b"folder", b"decisions:", b"version:"


def cold_folder(store: Store) -> str:
    """Return the folder of the tenant's cold files in the archive; draw its name where there is none."""
    key = store.keys.of("cold")
    store.execute("HSETNX", key, FOLDER, f"cold-{secrets.token_hex(4)}")
    name: bytes = store.execute("HGET", key, FOLDER)
    return name.decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdSegments:
    """The segments of a tenant in the archive."""

    decisions: Mapping[int, Segment]  # by number in ascending order
    versions: Mapping[str, Sequence[Segment]]  # of each version whose arrays are in the archive

    @property
    def decision_count(self) -> int:
        """How many decisions they hold."""
        return sum(segment.rows for segment in self.decisions.values())

    @property
    def size(self) -> int:
        """How many bytes they are."""
        return sum(segment.size for segment in self.all())

    def all(self) -> Iterator[Segment]:
        """Iterate over all segments."""
        return chain(self.decisions.values(), *self.versions.values())


def read_segments(store: Store) -> ColdSegments:
    """Read all segments."""
    decisions, versions = dict[int, Segment](), dict[str, Sequence[Segment]]()
    for field, packed in store.execute("HGETALL", store.keys.of("cold")).items():
        if field.startswith(DECISIONS):
            decisions[int(field.removeprefix(DECISIONS))] = Segment.read(packed)
        elif field.startswith(VERSION):
            versions[field.removeprefix(VERSION).decode()] = _segments(packed)
    return ColdSegments(decisions=dict(sorted(decisions.items())), versions=versions)


def read_decision_segment(store: Store, number: int) -> Segment | None:
    """Read one segment of decisions; None where it is gone."""
    packed = store.execute("HGET", store.keys.of("cold"), DECISIONS + b"%d" % number)
    return None if packed is None else Segment.read(packed)


def read_segments_of(store: Store, version: str) -> list[Segment] | None:
    """Read the segments of a version; None where its arrays are not in the archive."""
    packed = store.execute("HGET", store.keys.of("cold"), VERSION + version.encode())
    return None if packed is None else _segments(packed)


def _segments(packed: bytes) -> list[Segment]:
    return [Segment(**document) for document in orjson.loads(packed)]


def put_decision_segment(store: Store, number: int, segment: Segment, token: int) -> bool:
    """Name a segment of decisions, or its new file; return False if a later holder of `archive` has taken over."""
    keys = [store.keys.of("fence", "archive"), store.keys.of("head"), store.keys.of("cold")]
    return bool(store.run_script("put_cold", keys, [token, DECISIONS + b"%d" % number, segment.pack(), ""]) == 1)


def put_version_segments(store: Store, version: str, segments: Sequence[Segment], token: int) -> bool:
    """Name a version's segments: from then on its arrays count as archived.

    Return False if the version is active, or a later holder of the lease `versions` has taken over.
    """
    keys = [store.keys.of("fence", "versions"), store.keys.of("head"), store.keys.of("cold")]
    packed = b"[%b]" % b",".join(segment.pack() for segment in segments)
    return bool(store.run_script("put_cold", keys, [token, VERSION + version.encode(), packed, version]) == 1)


def forget_segments(store: Store, field: bytes) -> None:
    """Name a segment, or the segments of a version, no more; their files become leftovers."""
    store.execute("HDEL", store.keys.of("cold"), field)


def remove_leftovers(store: Store, renew: Callable[[], None]) -> int:
    """Remove the files that nothing names, as the holder of both leases; return how many."""
    files = store.archive.names(cold_folder(store))
    named = {segment.file for segment in read_segments(store).all()}
    renew()
    left = [file for file in files if file not in named]
    store.archive.remove(left)
    return len(left)
