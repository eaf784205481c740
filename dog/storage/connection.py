"""The connection to Redis, and its errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis as redis_py
from redis import exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from dog.errors import StoreDamaged, StoreUnavailable

Redis = redis_py.Redis


def connect(url: str, *, timeout_seconds: float = 0.5) -> Any:
    """Connect by URL; nothing is sent yet."""
    return redis_py.Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=0.2,
        socket_timeout=timeout_seconds,
    )


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn what the client library raises into our errors."""
    try:
        yield
    except exceptions.RedisError as error:
        if isinstance(error, exceptions.NoScriptError):
            raise
        if "WRONGTYPE" in str(error) or "DAMAGED" in str(error):
            raise StoreDamaged(str(error)) from error
        raise StoreUnavailable(f"Redis: {error}") from error
