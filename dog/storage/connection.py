"""The connection to Redis: URLs, timeouts, the servers behind it, and redis-py's errors turned into ours.

The client never retries a command (redis-py's default is ten times): a lost answer does not say whether the command
was executed, and a repeated HINCRBY counts twice. Callers retry with the same event id, which is harmless.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, cast
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import redis as redis_py
from redis import exceptions
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry
from redis.sentinel import Sentinel

from dog.errors import InvalidSettings, StoreDamaged, StoreUnavailable
from dog.storage.server_connection import idle_connections

Redis = redis_py.Redis

CONNECT_SECONDS = 0.2
CONNECT_TLS_SECONDS = 2.0  # a handshake takes several round trips
DEFAULT_PORTS = {"redis+sentinel": 26379, "redis+cluster": 6379}

# Temporary errors: the same call may succeed later.
TRANSIENT_PREFIXES = ("BUSY", "MISCONF", "NOREPLICAS", "UNKILLABLE")
FENCED = "BACKFILL"
"""How `fence.lua` begins its refusal."""
# redis-py has a class for each of these and removes the first word of their message.
TRANSIENT_ERRORS = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,
    exceptions.ClusterError,
    exceptions.TryAgainError,
    exceptions.AskError,
    exceptions.MovedError,
    exceptions.NoScriptError,  # again and again, while nodes change
    exceptions.RedisClusterException,
)


def connect(url: str, *, timeout_seconds: float = 0.5) -> Redis:
    """Connect by URL; nothing is sent yet, except to Redis Cluster.

    Parameters
    ----------
    url
        `unix://PATH`, `redis://` and `rediss://` as in redis-py, `redis+sentinel://HOST:PORT,HOST:PORT/SERVICE`,
        `redis+cluster://HOST:PORT,HOST:PORT`. User and password stand before the hosts, options of redis-py after `?`
        (`sentinel_username` and `sentinel_password` are for the sentinels themselves).
    timeout_seconds
        Longest time for one command: half a second for requests, more for jobs and the command line.

    Raises
    ------
    InvalidSettings
        The URL is malformed.
    StoreUnavailable
        No node of the cluster answers.

    Examples
    --------
    >>> connect("redis://localhost:6379/2").get_connection_kwargs()["db"]
    2

    """
    try:
        parts = urlsplit(url)
        given = _options_of(parts)
        tls = parts.scheme == "rediss" or given.get("ssl", False)
        options: dict[str, Any] = {
            "retry": Retry(NoBackoff(), 0),
            "socket_connect_timeout": CONNECT_TLS_SECONDS if tls else CONNECT_SECONDS,
            "socket_timeout": timeout_seconds,
        }
        if parts.scheme == "redis+sentinel":
            return _connect_through_sentinels(parts, options, given)
        if parts.scheme == "redis+cluster":
            with store_errors():
                return _connect_to_cluster(parts, options | given)
        return redis_py.Redis.from_url(url, **options)
    except (ValueError, TypeError) as error:
        raise InvalidSettings(f"DOG_REDIS_URL cannot be read: {error}") from None


def _connect_through_sentinels(parts: SplitResult, options: dict[str, Any], given: dict[str, Any]) -> Redis:
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("after the hosts it names the service: redis+sentinel://HOST:PORT,HOST:PORT/SERVICE")
    own = {name: given.pop(f"sentinel_{name}", None) for name in ("username", "password")}
    own["ssl"] = given.get("ssl", False)
    sentinel = Sentinel(  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        _nodes(parts), sentinel_kwargs=options | own
    )
    return cast(
        "Redis",
        sentinel.master_for(service, db=int(database or 0), **options, **given),  # type: ignore[no-untyped-call]  # as above
    )


def _connect_to_cluster(parts: SplitResult, options: dict[str, Any]) -> Redis:
    if parts.path.strip("/") not in ("", "0"):
        raise ValueError(f"a cluster has one database; take {parts.path} off")
    nodes = [ClusterNode(host, port) for host, port in _nodes(parts)]  # type: ignore[no-untyped-call]  # as above
    # Both clients take the same commands; redis-py has no common class for them.
    return cast("Redis", RedisCluster(startup_nodes=nodes, **options))


def _nodes(parts: SplitResult) -> list[tuple[str, int]]:
    addresses = [urlsplit(f"//{address}") for address in parts.netloc.rpartition("@")[2].split(",")]
    return [(node.hostname or "localhost", node.port or DEFAULT_PORTS[parts.scheme]) for node in addresses]


def _options_of(parts: SplitResult) -> dict[str, Any]:
    options: dict[str, Any] = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if options.pop("ssl", "") in ("1", "true", "yes"):
        options["ssl"] = True
    username, _, password = parts.netloc.rpartition("@")[0].partition(":")
    credentials = {"username": unquote(username), "password": unquote(password)}
    return options | {name: value for name, value in credentials.items() if value}


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn the errors of redis-py into ours.

    `StoreUnavailable`: Redis is away, hung, loading, full or cannot write; the same call may work later.
    `StoreDamaged`: a key holds another type, or a command is refused; retrying does not help.
    """
    try:
        yield
    except exceptions.NoScriptError:
        raise  # the round trip loads the script and sends it again
    except (exceptions.RedisError, exceptions.RedisClusterException) as error:
        raise_ours(error)


def raise_ours(error: Exception) -> NoReturn:
    """Raise the error of ours that stands for one of redis-py."""
    says = str(error)
    if isinstance(error, exceptions.AuthenticationError | exceptions.NoPermissionError):
        raise StoreUnavailable(f"Redis refuses the user or password of DOG_REDIS_URL: {says}") from error
    if isinstance(error, exceptions.OutOfMemoryError):
        raise StoreUnavailable(
            f"Redis is full: {says}; raise its maxmemory or shorten what is kept", code="store_full"
        ) from error
    if says.startswith(FENCED):
        raise StoreUnavailable(
            "history is being loaded from a file, and feedback waits for its end; send it again then, in some minutes",
            code="being_backfilled",
        ) from error
    if isinstance(error, TRANSIENT_ERRORS) or says.startswith(TRANSIENT_PREFIXES):
        raise StoreUnavailable(f"Redis: {says}") from error
    raise StoreDamaged(f"Redis: {says}") from error


def primaries(redis: Redis) -> list[Redis]:
    """Return a connection to each server that takes writes; raise `RedisError` if one cannot be reached."""
    cluster: Any = redis
    if not isinstance(cluster, RedisCluster):
        return [redis]
    return [cluster.get_redis_connection(node) for node in cluster.get_primaries()]  # type: ignore[no-untyped-call]  # redis-py


def is_cluster(redis: Redis) -> bool:
    """Return whether the connection leads to a Redis Cluster."""
    return hasattr(redis, "nodes_manager")  # ten times as fast as isinstance, and called with every command


def read_memory_usage(redis: Redis) -> list[dict[str, Any]]:
    """Read INFO memory of each server that takes writes."""
    with store_errors():
        return [server.info("memory") for server in primaries(redis)]


def group_by_server(
    redis: Redis, commands: Sequence[tuple[Any, ...]], places: Sequence[int]
) -> list[tuple[Redis, list[int]]]:
    """Group the places of commands by the server that holds their keys, as far as is known."""
    cluster: Any = redis
    if not is_cluster(redis):
        return [(redis, list(places))]
    sorted_places: dict[int, tuple[Redis, list[int]]] = {}
    for place in places:
        slot: Any = cluster.determine_slot(*commands[place])
        server: Redis = cluster.get_redis_connection(cluster.nodes_manager.get_node_from_slot(slot))
        sorted_places.setdefault(id(server), (server, []))[1].append(place)
    return list(sorted_places.values())


def reconnect(redis: Redis) -> None:
    """Forget where keys are and close idle connections: a primary is gone or has become a replica."""
    cluster: Any = redis
    if isinstance(cluster, RedisCluster):
        cluster.nodes_manager.initialize()
    else:
        idle_connections(redis).close()  # those in use close themselves on error
        redis.connection_pool.disconnect(inuse_connections=False)
