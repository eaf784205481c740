"""An analyst without a browser: the pages of learning, asked as a browser and its scripts ask for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dog.services.pairs.pair_table import PairTables
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.console.conftest import ORIGIN

SCRIPT = {"HX-Request": "true", **ORIGIN}


@dataclass(frozen=True)
class Analyst:
    """A session of the console."""

    client: FlaskClient

    def see(self, path: str, **asked: Any) -> str:
        """Open a page, or a part of one."""
        answer = self.client.get(f"/console{path}", query_string=asked)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, **form: Any) -> TestResponse:
        """Send a form as htmx does."""
        return self.client.post(f"/console{path}", data=form, headers=SCRIPT)


@pytest.fixture
def enter(log_in: Callable[..., FlaskClient]) -> Callable[..., Analyst]:
    """Log in with a key of some scopes, by default of all."""
    return lambda *scopes: Analyst(log_in(*scopes))


@pytest.fixture
def analyst(enter: Callable[..., Analyst]) -> Analyst:
    """Log in with a key that may do everything."""
    return enter()


@pytest.fixture
def counted(published: Store, runtime: Runtime) -> Store:
    """Publish two weeks, and wait until the pairs are read."""
    assert runtime.shared(PairTables).of(runtime, "default", "recommended", wait_seconds=30) is not None
    return published
