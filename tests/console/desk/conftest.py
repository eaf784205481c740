"""The desk's figures, which are read in the background."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient


@pytest.fixture
def desk() -> Callable[..., str]:
    """Return the figures of the desk, once they are read."""

    def read(client: FlaskClient, query: str = "") -> str:
        while "Reading figures" in (text := client.get(f"/console/desk{query}").text):
            pass
        return text

    return read
