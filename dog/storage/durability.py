"""What a Redis server promises about what it has answered, and which servers are refused.

| profile    | what the server is set to                                  | what may be lost                         |
|------------|------------------------------------------------------------|------------------------------------------|
| `ha`       | strict, and writes only while a replica follows            | nothing, even with one machine           |
| `strict`   | appendonly yes, appendfsync always, noeviction             | nothing, but with the disk itself        |
| `standard` | appendonly yes, appendfsync everysec, noeviction           | about the last second at a power cut     |
| `volatile` | anything else; only if DOG_DURABILITY=volatile says so     | anything                                 |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from redis.cluster import RedisCluster
from redis.exceptions import ResponseError

from dog.errors import StoreRefused
from dog.storage.connection import Redis, store_errors
from dog.storage.server_binary import OLDEST_MAJOR_VERSION

PROFILES = ("volatile", "standard", "strict", "ha")  # from the weakest promise to the strongest
WAY_OUT = "or set DOG_DURABILITY=volatile to go on without a promise"


@dataclass(frozen=True, slots=True)
class Durability:
    """What can be promised: the weaker of what is wanted and what the server gives."""

    profile: str
    shortfall: str | None = None
    """Why it is less than was wanted, and what to change."""


def check_durability(redis: Redis, wanted: str) -> Durability:
    """Find out what the server promises; refuse one that would lose feedback unasked.

    Managed servers often forbid CONFIG: all but appendfsync is read from INFO, and an appendfsync that may not be
    seen counts as everysec.

    Parameters
    ----------
    redis
        A connection; of a cluster every primary is asked, and the weakest counts.
    wanted
        The profile of DOG_DURABILITY.

    Returns
    -------
    The profile that holds, with the reason if it is not the one wanted.

    Raises
    ------
    StoreRefused
        The server evicts, does not persist, or lacks the replica that `ha` needs, and that is not what was asked
        for; or it is too old, a replica, or a cluster that the URL does not call one.
    StoreUnavailable
        It does not answer.

    """
    found = [_judge(report, fsync, wanted) for report, fsync in _reports(redis)]
    return min(found, key=lambda durability: PROFILES.index(durability.profile))


def _reports(redis: Redis) -> list[tuple[Mapping[str, Any], str | None]]:
    with store_errors():
        if isinstance(cast("object", redis), RedisCluster):
            cluster = cast("RedisCluster", redis)
            reports = cluster.info(target_nodes=RedisCluster.PRIMARIES)
            reports = reports if isinstance(next(iter(reports.values())), dict) else {"": reports}
            if any(report.get("cluster_enabled") != 1 for report in reports.values()):
                raise StoreRefused("DOG_REDIS_URL says redis+cluster:// but the server is no cluster")
            return [(report | {"asked_as": "cluster"}, _fsync(redis)) for report in reports.values()]
        return [(redis.info(), _fsync(redis))]
