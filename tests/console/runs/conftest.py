"""A shop whose history can be evaluated, and clients that start jobs."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.console.conftest import ORIGIN
from tests.offline.evaluation.test_evaluate import fill

UNDER_WAY = "every 2s"
"""What a page with jobs under way holds."""
Start = Callable[..., str]


@pytest.fixture
def english(runtime: Runtime) -> Iterator[None]:
    """Ask for a page in English."""
    app = Flask("console")
    app.extensions["dog"] = runtime
    with app.test_request_context():
        yield


@pytest.fixture
def german(runtime: Runtime) -> Iterator[None]:
    """Ask for a page in German."""
    app = Flask("console")
    app.extensions["dog"] = runtime
    with app.test_request_context(headers={"Accept-Language": "de"}):
        yield


@pytest.fixture
def history(runtime: Runtime, shop: Store) -> Store:
    """Pitch four products to thirty contacts for three weeks."""
    fill(shop, runtime.clock(), weeks=3)
    return shop


@pytest.fixture
def start() -> Start:
    """Return what the page shows once the jobs that a form has started have ended."""

    def post(client: FlaskClient, path: str, **form: str) -> str:
        text = client.post(f"/console/runs/{path}", data=form, headers=ORIGIN).text
        while UNDER_WAY in text:
            text = client.get("/console/runs/jobs").text
        return text

    return post
