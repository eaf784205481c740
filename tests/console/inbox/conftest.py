"""A rep without a browser: the inbox's routes, asked as its script asks them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dog.api.app import create_app
from dog.console.mount import mount_console
from dog.services.runtime import Runtime
from dog.storage.store import Store

ORIGIN = {"Origin": "http://localhost"}


@dataclass(frozen=True)
class Rep:
    """A session that the inbox's script would have."""

    client: FlaskClient

    def get(self, path: str, **asked: Any) -> TestResponse:
        """Ask for a part of the page."""
        return self.client.get(f"/console{path}", query_string=asked, headers={"Accept": "application/json"})

    def post(self, path: str, body: Any, person: str = "default/Ada") -> TestResponse:
        """Send a deed of a person."""
        headers = {"Accept": "application/json", "X-Person": person, **ORIGIN}
        return self.client.post(f"/console{path}", json=body, headers=headers)

    def open(self, contact_id: str, decision_id: str = "d1") -> str:
        """Show a contact's list."""
        answer = self.get("/inbox/contact", contact_id=contact_id, decision_id=decision_id)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
def log_in(runtime: Runtime, shop: Store, make_key: Callable[..., str]) -> Callable[..., Rep]:
    """Log in with a key of chosen scopes."""
    del shop

    def enter(*scopes: str) -> Rep:
        client = mount_console(create_app(runtime), runtime).test_client()
        answer = client.post("/console/log-in", data={"key": make_key(*scopes)}, headers=ORIGIN)
        assert answer.status_code == 303, answer.text
        return Rep(client)

    return enter


@pytest.fixture
def rep(log_in: Callable[..., Rep]) -> Rep:
    """Log in with a key for feedback alone."""
    return log_in("feedback")
