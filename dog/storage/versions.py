"""Multiplier versions: immutable, one pointer, flipped by a fenced script."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from dog.storage.store import Store

KEPT_VERSIONS = 8

PAIRS = np.dtype(
    [
        ("product", "<u4"),
        ("pending", "<u4"),
        ("wins", "<u4"),
        ("losses", "<u4"),  # matured pitches included
        ("expected", "<f8"),  # calibrated scores at pitch time, summed over resolved pitches
        ("scored", "<u4"),  # resolved pitches that carry such a score
        ("evidence_scored", "<f4"),
        ("evidence_expected", "<f8"),
        ("evidence_wins", "<f8"),
        ("evidence_pitches", "<f8"),
        ("multiplier", "<f8"),
    ]
)
"""What a version holds of one contact-product pair: all that was settled, and the evidence left of it."""

HEADER = np.dtype([("laps", "<u4"), ("recursions", "<u4")])
"""What stands before a contact's pairs: laps by the week's end, recursions applied so far."""


def pack_pairs(laps: int, recursions: int, pairs: np.ndarray) -> bytes:
    """Pack what a version holds of one contact."""
    return np.array((laps, recursions), HEADER).tobytes() + pairs.tobytes()


def unpack_pairs(packed: bytes) -> tuple[int, int, np.ndarray]:
    """Read what `pack_pairs` wrote: laps, recursions, pairs."""
    header = np.frombuffer(packed, HEADER, count=1)[0]
    return (
        int(header["laps"]),
        int(header["recursions"]),
        np.frombuffer(packed, PAIRS, offset=HEADER.itemsize),
    )


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of one published recompute besides its arrays."""

    version: str
    week: int
    published_at_ms: int
    timezone: str
    policies: Mapping[str, Mapping[str, Any]]  # by name: settings, priors, calibrations of the models
    counts: Mapping[str, float]

    def to_document(self) -> dict[str, Any]:
        """Write it as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def read_versions(store: Store) -> list[Version]:
    """Read the kept versions, newest week first."""
    trip = store.trip()
    trip.add("HGETALL", store.keys.of("versions"))
    found = [Version(**orjson.loads(document)) for document in trip.send()[0].values()]
    return sorted(found, key=lambda version: (version.week, version.published_at_ms), reverse=True)


def read_version(store: Store, version: str) -> Version | None:
    """Read one version's description."""
    trip = store.trip()
    trip.add("HGET", store.keys.of("versions"), version)
    document = trip.send()[0]
    return None if document is None else Version(**orjson.loads(document))


def read_weeks(store: Store) -> dict[int, str]:
    """Read which version each published week got."""
    trip = store.trip()
    trip.add("HGETALL", store.keys.of("weeks"))
    return {int(week): version.decode() for week, version in sorted(trip.send()[0].items(), key=lambda w: int(w[0]))}


def write_baseline(store: Store, version: str, policy: str, multipliers: np.ndarray) -> None:
    """Write the multipliers of pairs without evidence, one a product."""
    trip = store.trip()
    trip.add("SET", store.keys.of("baseline", f"{version}:{policy}"), multipliers.astype("<f8").tobytes())
    trip.send()


def read_baseline(store: Store, version: str, policy: str) -> np.ndarray:
    """Read the multipliers of pairs without evidence; empty where the version does not know the policy."""
    trip = store.trip()
    trip.add("GET", store.keys.of("baseline", f"{version}:{policy}"))
    return np.frombuffer(trip.send()[0] or b"", "<f8")


def publish_version(store: Store, version: Version, token: int) -> str:
    """Flip the pointer to a version whose arrays are all written.

    Returns
    -------
    `published`, `repeated` (its week was published before) or `fenced` (a later holder took over).

    """
    trip = store.trip()
    trip.script(
        "publish_version",
        [
            store.keys.of("fence", "recompute"),
            *(store.keys.of(name) for name in ("weeks", "versions", "head")),
        ],
        [token, version.week, version.version, orjson.dumps(version.to_document())],
    )
    answer: int = trip.send()[0]
    return {1: "published", 0: "repeated", -1: "fenced"}[answer]


def activate_version(store: Store, version: str) -> None:
    """Point to a kept version; the next request uses it."""
    trip = store.trip()
    trip.add("HSET", store.keys.of("head"), "multipliers", version)
    trip.send()


def drop_old_versions(store: Store, active: str) -> list[str]:
    """Drop the arrays and descriptions of all but the newest kept versions and the active one."""
    versions = read_versions(store)
    dropped = [version for version in versions[KEPT_VERSIONS:] if version.version != active]
    for version in dropped:
        trip = store.trip()
        for policy in version.policies:
            name = f"{version.version}:{policy}"
            for partition in range(store.tenant.partition_count):
                trip.add("UNLINK", store.keys.partition(partition).of("multipliers", name))
            trip.add("UNLINK", store.keys.of("baseline", name))
        trip.add("HDEL", store.keys.of("versions"), version.version)
        trip.send()
    return [version.version for version in dropped]
