"""Use cases run on one server and on a cluster: the same claims hold on both."""

from collections.abc import Iterator

import pytest

from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer


@pytest.fixture(params=["single", "cluster"])
def redis(request: pytest.FixtureRequest, redis_server: EmbeddedServer) -> Iterator[Redis]:
    """Connect to the server, then to the cluster, emptied."""
    url = redis_server.url if request.param == "single" else request.getfixturevalue("cluster")
    with connect(url, timeout_seconds=5) as client:
        client.flushall()
        yield client
