"""What the console refuses by the path alone, and the headers of every answer."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from dog.api.app import create_app
from dog.console.mount import mount_console
from dog.services.runtime import Runtime
from dog.storage.store import Store


@pytest.fixture
def client(runtime: Runtime, store: Store) -> FlaskClient:
    return mount_console(create_app(runtime), runtime).test_client()


@pytest.mark.parametrize(
    "path",
    [
        "/console/..%2f",
        "/console/..%2fsession",
        "/console/..%2f..%2f..%2fetc%2fpasswd",
        "/console/%2e%2e%2f%2e%2e%2f",
        "/console/static/..%2f..%2fsession.py",
        "/console/static/..%5c..%5csession.py",
        "/console/static/none/such.js",
        "/console/a%00b",
    ],
)
def test_a_path_that_leads_out_of_the_console_is_404(
    client: FlaskClient, make_key: Callable[..., str], path: str
) -> None:
    client.post("/console/log-in", data={"key": make_key()}, headers={"Origin": "http://localhost"})

    answer = client.get(path)

    assert answer.status_code == 404
    assert "text/html" not in answer.headers["Content-Type"]


def test_every_answer_forbids_loading_from_elsewhere_and_framing(client: FlaskClient) -> None:
    headers = client.get("/console/log-in").headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "'unsafe-eval'" not in headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
