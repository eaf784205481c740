"""Which servers stand behind a connection: the one it leads to, or the primaries of a cluster."""

from collections.abc import Sequence
from typing import Any

from redis.cluster import RedisCluster

from dog.storage.connection import Redis, store_errors


def primaries(redis: Redis) -> list[Redis]:
    """Give a connection to each server that takes writes.

    Raises
    ------
    RedisError
        The cluster has a primary that cannot be reached.

    """
    cluster: Any = redis
    if not isinstance(cluster, RedisCluster):
        return [redis]
    return [cluster.get_redis_connection(node) for node in cluster.get_primaries()]  # type: ignore[no-untyped-call]  # redis-py


def is_cluster(redis: Redis) -> bool:
    """Tell whether several servers stand behind a connection."""
    return hasattr(redis, "nodes_manager")  # asked with every command; of its class it would take ten times as long


def memories(redis: Redis) -> list[dict[str, Any]]:
    """Read what each server that takes writes says of its memory."""
    with store_errors():
        return [server.info("memory") for server in primaries(redis)]


def by_server(
    redis: Redis, commands: Sequence[tuple[Any, ...]], places: Sequence[int]
) -> list[tuple[Redis, list[int]]]:
    """Sort the places of some commands by the server that holds their keys, as far as is known."""
    cluster: Any = redis
    if not is_cluster(redis):
        return [(redis, list(places))]
    sorted_places: dict[int, tuple[Redis, list[int]]] = {}
    for place in places:
        slot: Any = cluster.determine_slot(*commands[place])
        server: Redis = cluster.get_redis_connection(cluster.nodes_manager.get_node_from_slot(slot))
        sorted_places.setdefault(id(server), (server, []))[1].append(place)
    return list(sorted_places.values())


def look_again(redis: Redis) -> None:
    """Forget where keys were and drop open connections: a primary is gone or has become a replica."""
    cluster: Any = redis
    if isinstance(cluster, RedisCluster):
        cluster.nodes_manager.initialize()
    else:
        redis.connection_pool.disconnect(inuse_connections=False)  # the others are being used
