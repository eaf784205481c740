"""An OpenID Connect provider in a process of its own, and a console that trusts it."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest
import requests
from flask.testing import FlaskClient

from dog.api.app import create_app
from dog.console.mount import mount_console
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.servers import free_port, wait_until

PEOPLE = [
    {"sub": "ann", "name": "Ann Miller", "email": "ann@example.com", "roles": ["rep"]},
    {"sub": "bob", "name": "Bob Stone", "email": "bob@example.com", "roles": ["rep", "analyst", "dancer"]},
    {"sub": "eve", "name": "Eve Ops", "email": "eve@example.com", "roles": ["admin"]},
    {"sub": "sam", "name": "Sam Guest", "email": "sam@example.com", "roles": ["guest"]},
]


def _answers(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """Run the provider; its address."""
    port = free_port()
    claims = [argument for person in PEOPLE for argument in ("--user-claims", json.dumps(person))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true", *claims]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: _answers(port), 60)
        yield f"http://localhost:{port}"
        process.terminate()


@pytest.fixture
def client(runtime: Runtime, store: Store, issuer: str) -> FlaskClient:
    """Serve the console to a client; people may log in through the provider."""
    runtime.settings = replace(runtime.settings, oidc_issuer=issuer, oidc_client_id="dog", oidc_client_secret="s3cret")
    return mount_console(create_app(runtime), runtime).test_client()


@pytest.fixture
def come_back(client: FlaskClient) -> Callable[[str], str]:
    """Go to the provider and log in there as a person; the path that it leads back to."""

    def log_in(subject: str) -> str:
        leave = client.get("/console/log-in/oidc")
        answer = requests.post(leave.headers["Location"], data={"sub": subject}, allow_redirects=False, timeout=30)
        return answer.headers["Location"].removeprefix("http://localhost")

    return log_in
