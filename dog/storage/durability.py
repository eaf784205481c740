"""Durability profiles: what a Redis server guarantees about answered writes, and which servers are refused.

| profile    | what the server is set to                            | what may be lost                       |
|------------|------------------------------------------------------|----------------------------------------|
| `ha`       | strict, and writes only while a replica follows      | nothing, even with one machine         |
| `strict`   | appendonly yes, appendfsync always, noeviction       | nothing, save with the disk itself     |
| `standard` | appendonly yes, appendfsync everysec, noeviction     | about the last second, at a power cut  |
| `volatile` | anything else, and DOG_DURABILITY=volatile allows it | anything                               |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from redis.cluster import RedisCluster
from redis.exceptions import NoPermissionError, ResponseError

from dog.errors import StoreRefused
from dog.storage.connection import Redis, primaries, store_errors
from dog.storage.round_trip import IN_MEMORY, ON_DISK, Command
from dog.storage.server_binary import OLDEST_MAJOR_VERSION

TRIALS: tuple[tuple[str, ...], ...] = (
    ("EVALSHA", "0" * 40, "1", "dog:{trial}"),
    ("SCRIPT", "LOAD", "return 1"),
    ("DEL", "dog:{trial}"),
    ("HGET", "dog:{trial}", "field"),
    ("HDEL", "dog:{trial}", "field"),
    ("SMEMBERS", "dog:{trial}"),
    ("MGET", "dog:{trial}"),
    ("SCAN", "0", "COUNT", "1"),
)
OLDEST_WITH_WAITAOF = [7, 2]
PROFILES = ("volatile", "standard", "strict", "ha")  # from the weakest to the strongest


@dataclass(frozen=True, slots=True)
class Durability:
    """The guaranteed profile: the weaker of the one configured and the one the server provides."""

    profile: str
    shortfall: str | None = None
    """Why it is weaker than configured, and what to change."""
    confirmations: Sequence[Command] = ()
    """Commands that wait for a replica before feedback is answered."""


def check_durability(redis: Redis, wanted: str) -> Durability:
    """Return what the server guarantees, of a cluster its weakest primary, given the profile of DOG_DURABILITY.

    Raise `StoreRefused` if the server evicts or does not persist and `volatile` is not wanted; if no replica is
    required and `ha` is wanted; or if it cannot be used at all: too old, a replica, a cluster under a URL that does not
    say so.
    """
    is_cluster = isinstance(redis, RedisCluster)
    with store_errors():
        servers = [(server.info(), _fsync(server)) for server in primaries(redis)]
        _refuse_without_commands(redis)
    for report, _ in servers:
        _refuse_unusable(report, is_cluster=is_cluster)
    found = (_judge(report, fsync, wanted) for report, fsync in servers)
    weakest = min(found, key=lambda durability: PROFILES.index(durability.profile))
    if weakest.profile != "ha":
        return weakest
    return replace(weakest, confirmations=_confirmations_of([report for report, _ in servers]))


def _confirmations_of(reports: Sequence[Mapping[str, Any]]) -> Sequence[Command]:
    has_waitaof = all(_version_of(report) >= OLDEST_WITH_WAITAOF for report in reports)
    return (IN_MEMORY, ON_DISK) if has_waitaof else (IN_MEMORY,)


def _refuse_without_commands(redis: Redis) -> None:
    """Try commands that the user may lack; nothing is written: keys and script do not exist."""
    for server in primaries(redis):
        trial = server.pipeline(transaction=False)
        for command in TRIALS:
            trial.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py
        for command, answer in zip(TRIALS, trial.execute(raise_on_error=False), strict=True):
            if isinstance(answer, NoPermissionError):
                name = command[0].lower()
                raise StoreRefused(
                    f"the Redis user may not run {name} on keys dog:*; give it the right: "
                    f"ACL SETUSER NAME resetkeys ~dog:* +@all -@dangerous +info +{name}"
                )


def _fsync(redis: Any) -> str | None:
    try:
        answer: dict[str, str] = redis.config_get("appendfsync")
    except ResponseError:
        return None  # managed servers forbid CONFIG
    return answer.get("appendfsync")


def _version_of(report: Mapping[str, Any]) -> list[int]:
    """Return the version of Redis whose commands the server has: Valkey reports 7.2."""
    return [int(part) for part in str(report["redis_version"]).split(".")[:2]]


def _refuse_unusable(report: Mapping[str, Any], *, is_cluster: bool) -> None:
    if _version_of(report)[0] < OLDEST_MAJOR_VERSION:
        raise StoreRefused(f"Redis {report['redis_version']} is too old; DOG needs {OLDEST_MAJOR_VERSION}.0 or later")
    if report.get("role") == "slave":
        raise StoreRefused(
            "this Redis is a replica and takes no writes; name the primary in DOG_REDIS_URL, or redis+sentinel://"
        )
    if report.get("cluster_enabled") and not is_cluster:
        raise StoreRefused("this Redis is part of a cluster; write redis+cluster:// in DOG_REDIS_URL")


def _judge(report: Mapping[str, Any], fsync: str | None, wanted: str) -> Durability:
    profile, shortfall = _profile_of(report, fsync)
    if PROFILES.index(profile) >= PROFILES.index(wanted):
        return Durability(wanted)
    if profile == "volatile":
        raise StoreRefused(f"{shortfall}, or DOG_DURABILITY=volatile to continue without any promise")
    if wanted == "ha":
        raise StoreRefused(f"{shortfall}, or DOG_DURABILITY={profile} for what it can promise")
    return Durability(profile, shortfall)


def _profile_of(report: Mapping[str, Any], fsync: str | None) -> tuple[str, str | None]:
    """Return the strongest profile that the server provides, and what is missing for the next one."""
    eviction = report.get("maxmemory_policy", "noeviction")
    if eviction != "noeviction":
        return "volatile", (
            f"this Redis deletes data when memory is short (maxmemory-policy {eviction}); "
            "set maxmemory-policy noeviction"
        )
    if not report.get("aof_enabled"):
        return "volatile", "this Redis loses data when it stops; set appendonly yes"
    if fsync != "always":
        seen = f"appendfsync {fsync}" if fsync else "CONFIG is forbidden, so appendfsync counts as everysec"
        return "standard", (f"this Redis may lose the last second at a power cut ({seen}); set appendfsync always")
    # INFO counts good replicas only where min-replicas-to-write asks for them.
    if "min_slaves_good_slaves" not in report:
        return "strict", "this Redis takes writes without a replica; set min-replicas-to-write 1"
    return "ha", None
