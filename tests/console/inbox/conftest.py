"""A rep without a browser: the inbox's routes, asked as its script asks them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dog.storage.store import Store
from tests.console.conftest import ORIGIN


@dataclass(frozen=True)
class Rep:
    """A session that the inbox's script would have."""

    client: FlaskClient

    def get(self, path: str, **asked: Any) -> TestResponse:
        """Ask for a part of the page."""
        return self.client.get(f"/console{path}", query_string=asked, headers={"Accept": "application/json"})

    def post(self, path: str, body: Any, person: str = "default/Ada") -> TestResponse:
        """Send an action of a person."""
        headers = {"Accept": "application/json", "X-Person": person, **ORIGIN}
        return self.client.post(f"/console{path}", json=body, headers=headers)

    def open(self, contact_id: str, decision_id: str = "d1") -> str:
        """Show a contact's list."""
        answer = self.get("/inbox/contact", contact_id=contact_id, decision_id=decision_id)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
def log_in(shop: Store, log_in: Callable[..., FlaskClient]) -> Callable[..., Rep]:
    """Log in with a key of chosen scopes."""
    assert shop.tenant.name == "default"
    return lambda *scopes: Rep(log_in(*scopes))


@pytest.fixture
def rep(log_in: Callable[..., Rep]) -> Rep:
    """Log in with a key for feedback alone."""
    return log_in("feedback")
