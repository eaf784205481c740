"""A client that is logged in to the console."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from dog.api.app import create_app
from dog.console.mount import mount_console
from dog.services.runtime import Runtime
from dog.storage.store import Store

ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture
def log_in(runtime: Runtime, store: Store, make_key: Callable[..., str]) -> Callable[..., FlaskClient]:
    """Return clients whose keys have chosen scopes, all without one."""
    assert store.tenant.name == "default"

    def make(*scopes: str) -> FlaskClient:
        client = mount_console(create_app(runtime), runtime).test_client()
        client.post("/console/log-in", data={"key": make_key(*scopes)}, headers=ORIGIN)
        return client

    return make


@pytest.fixture
def desk(runtime: Runtime) -> Callable[..., str]:
    """Return the figures of the desk, once they are read."""

    def read(client: FlaskClient, query: str = "") -> str:
        while "Reading figures" in (text := client.get(f"/console/desk{query}").text):
            pass
        return text

    return read
