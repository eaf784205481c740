"""Use cases run on one server and on a cluster: the same claims hold on both."""

from collections.abc import Iterator

import pytest

from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer

one_server = pytest.mark.parametrize("redis_url", ["single"], indirect=True)
"""Marks what is about arithmetic, which a cluster adds nothing to."""


@pytest.fixture(scope="session")
def cluster_client(cluster: str) -> Iterator[Redis]:
    """Connect to the cluster, once for each test process: to find its nodes takes longer than many tests."""
    client = connect(cluster, timeout_seconds=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "close", lambda: None)  # runtimes close theirs
        yield client
    client.close()


@pytest.fixture(params=["single", "cluster"])
def redis_url(request: pytest.FixtureRequest, redis_server: EmbeddedServer) -> str:
    """Give the URL of the server, then that of the cluster."""
    return redis_server.url if request.param == "single" else str(request.getfixturevalue("cluster"))


@pytest.fixture
def redis(request: pytest.FixtureRequest, redis_url: str, redis_server: EmbeddedServer) -> Iterator[Redis]:
    """Connect to the server, then to the cluster, emptied."""
    if redis_url != redis_server.url:
        client: Redis = request.getfixturevalue("cluster_client")
        client.flushall()
        yield client
        return
    with connect(redis_url, timeout_seconds=5) as client:
        client.flushall()
        yield client
