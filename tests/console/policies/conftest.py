"""A client of the policy studio."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from dog.storage.store import Store
from tests.console.conftest import ORIGIN


@pytest.fixture
def log_in(shop: Store, log_in: Callable[..., FlaskClient]) -> Callable[..., FlaskClient]:
    """Return clients of a shop with products and contacts."""
    assert shop.tenant.name == "default"
    return log_in


@pytest.fixture
def send(log_in: Callable[..., FlaskClient]) -> Callable[..., str]:
    """Return what a page of the studio answers to a form of an admin."""
    client = log_in()

    def post(path: str, **form: str) -> str:
        return client.post(f"/console/rules/{path}", data={"policy": "recommended", **form}, headers=ORIGIN).text

    return post
