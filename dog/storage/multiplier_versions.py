"""Multiplier versions: immutable, one active; a fenced script publishes the next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import tzinfo
from typing import Any

import numpy as np
import orjson

from dog.core.iso_weeks import format_week, week_of
from dog.errors import InvalidInput
from dog.storage.cold_data import VERSION
from dog.storage.ledgers import earliest_outcome_ms
from dog.storage.store import Store

KEPT_VERSIONS = 8
ARRAYS = ("multipliers", "choices")
"""What a version holds of contacts: hashes of packed arrays, in each partition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiplierVersion:
    """The record of one published recompute, without its arrays."""

    version: str
    week: int
    published_at_ms: int
    timezone: str
    policies: Mapping[str, Mapping[str, Any]]  # by name: settings, priors, calibrations of the models
    counts: Mapping[str, float]
    arrivals: Sequence[int] = ()  # the frozen input: last arrival of each partition
    end_ms: int = 0  # first instant after the week; 0 in versions of old
    replayed: bool = False  # made by a replay of weeks that had been published before


def read_versions(store: Store) -> list[MultiplierVersion]:
    """Read the kept versions, newest week first."""
    documents = store.execute("HGETALL", store.keys.of("versions")).values()
    found = [MultiplierVersion(**orjson.loads(document)) for document in documents]
    return sorted(found, key=lambda version: (version.week, version.published_at_ms), reverse=True)


def read_version(store: Store, version: str) -> MultiplierVersion | None:
    """Read the record of a version, or None."""
    document = store.execute("HGET", store.keys.of("versions"), version)
    return None if document is None else MultiplierVersion(**orjson.loads(document))


def read_weeks(store: Store) -> dict[int, str]:
    """Read the version of each published week."""
    return {week: version for week, (version, _) in read_publications(store).items()}


def read_publications(store: Store) -> dict[int, tuple[str, int]]:
    """Read version and publication time (milliseconds since 1970) of each published week, in order."""
    weeks = store.execute("HGETALL", store.keys.of("weeks"))
    published = {}
    for week, value in sorted(weeks.items(), key=lambda field: int(field[0])):
        version, _, at_ms = value.decode().partition("@")
        published[int(week)] = (version, int(at_ms or 0))
    return published


def due_weeks(store: Store, now_ms: int, zone: tzinfo, until: int | None = None) -> list[int]:
    """List the weeks that have ended and are not published, in order, up to the last ended or the named one.

    The first of all is the week of the first outcome: before it there is nothing to learn from. Raise `InvalidInput` if
    the named week has not ended.
    """
    last = week_of(now_ms, zone) - 1
    if until is not None and until > last:
        raise InvalidInput(f"week {format_week(until)} has not ended; the last that has is {format_week(last)}")
    published = read_weeks(store)
    first = max(published) + 1 if published else first_week(store, zone)
    return [] if first is None else list(range(first, (last if until is None else until) + 1))


def first_week(store: Store, zone: tzinfo) -> int | None:
    """Return the week of the first outcome of all; None where there is none."""
    earliest_ms = earliest_outcome_ms(store)
    return None if earliest_ms is None else week_of(earliest_ms, zone)


def write_baseline(store: Store, version: str, policy: str, multipliers: np.ndarray) -> None:
    """Write the multipliers of pairs without evidence, one a product."""
    store.execute("SET", store.keys.of("baseline", f"{version}:{policy}"), multipliers.astype("<f8").tobytes())


def read_baseline(store: Store, version: str, policy: str) -> np.ndarray:
    """Read the multipliers of pairs without evidence; empty if the version lacks the policy."""
    return np.frombuffer(store.execute("GET", store.keys.of("baseline", f"{version}:{policy}")) or b"", "<f8")


def publish_version(store: Store, version: MultiplierVersion, token: int, last_replayed: int | None = None) -> str:
    """Activate a version whose arrays are all written; in a replay only with its last week, which is given then.

    Return `published`, `replayed`, `repeated` (its week was published or replayed before) or `fenced` (a later holder
    took over).
    """
    names = ("weeks", "versions", "head", "replay")
    answer: int = store.run_script(
        "publish_version",
        [store.keys.of("fence", "recompute"), *(store.keys.of(name) for name in names)],
        [
            token,
            version.week,
            version.version,
            version.published_at_ms,
            orjson.dumps(asdict(version)),
            version.end_ms,
            "" if last_replayed is None else last_replayed,
        ],
    )
    if answer > 0:
        store.execute_all([("HDEL", store.keys.of("cuts"), version.week), ("DEL", store.keys.of("work"))])
    return {1: "published", 2: "replayed", 0: "repeated", -1: "fenced"}[answer]


def array_keys(store: Store, partition: int, suffix: str) -> list[bytes]:
    """Return the keys of a version's arrays in a partition; the suffix is version and policy."""
    return [store.keys.partition(partition).of(name, suffix) for name in ARRAYS]


def written_partitions(store: Store, version: str, policy: str) -> set[int]:
    """Return the partitions of a version that a killed run wrote; delete what killed runs left of other versions."""
    written = [field.decode().split(":") for field in store.execute("HKEYS", store.keys.of("work"))]
    kept = {known.version for known in read_versions(store)} | {version}
    leftovers = [field for field in written if field[0] not in kept]
    if leftovers:
        trip = store.trip()
        for old, name, partition in leftovers:
            trip.add("UNLINK", *array_keys(store, int(partition), f"{old}:{name}"))
            trip.add("UNLINK", store.keys.of("baseline", f"{old}:{name}"))
        trip.add("HDEL", store.keys.of("work"), *(":".join(field) for field in leftovers))
        trip.send()
    return {int(partition) for known, name, partition in written if (known, name) == (version, policy)}


def record_written_partitions(store: Store, version: str, policy: str, partitions: Iterable[int]) -> None:
    """Record partitions of a version as written, for a run that takes over and for deletion."""
    fields = [part for partition in partitions for part in (f"{version}:{policy}:{partition}", "")]
    store.execute("HSET", store.keys.of("work"), *fields)


def activate_multiplier_version(store: Store, version: str) -> bool:
    """Activate a kept version, which the next request uses; return False if its arrays are in the archive."""
    keys = [store.keys.of("head"), store.keys.of("cold")]
    return bool(store.run_script("activate_version", keys, [version, VERSION + version.encode()]))


def drop_old_versions(store: Store, needed: str) -> list[str]:
    """Delete all versions but those of the newest weeks, the active one and one that is needed; return the deleted.

    Of versions that a replay has replaced, the newest is kept, to roll back to; all of them while a replay runs. Files
    of archived ones go with the next run of the archive job.
    """
    active = (store.execute("HGET", store.keys.of("head"), "multipliers") or b"").decode()
    replaying = bool(store.execute("EXISTS", store.keys.of("replay")))
    versions, current = read_versions(store), set(read_weeks(store).values())
    weeks = sorted({version.week for version in versions}, reverse=True)[:KEPT_VERSIONS]
    replaced = [version for version in versions if version.week in weeks and version.version not in current]
    newest = max(replaced, key=lambda version: version.published_at_ms).version if replaced else ""
    kept = {active, needed, newest}
    kept |= {known.version for known in versions if known.week in weeks and (replaying or known.version in current)}
    dropped = [version for version in versions if version.version not in kept]
    for version in dropped:
        trip = store.trip()
        for policy in version.policies:
            name = f"{version.version}:{policy}"
            for partition in range(store.tenant.partition_count):
                trip.add("UNLINK", *array_keys(store, partition, name))
            trip.add("UNLINK", store.keys.of("baseline", name))
        trip.add("HDEL", store.keys.of("cold"), VERSION + version.version.encode())
        trip.add("HDEL", store.keys.of("versions"), version.version)
        trip.send()
    return [version.version for version in dropped]
