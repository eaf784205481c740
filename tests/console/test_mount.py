import pytest
from flask.testing import FlaskClient

from dog.api.app import create_app
from dog.console.mount import HOW_TO_INSTALL, mount_console
from dog.services.runtime import Runtime
from dog.storage.store import Store


@pytest.fixture
def client(runtime: Runtime, store: Store) -> FlaskClient:
    return mount_console(create_app(runtime), runtime).test_client()


def test_the_start_page_is_the_console(client: FlaskClient) -> None:
    answer = client.get("/", follow_redirects=True)

    assert answer.status_code == 200
    assert [page.location for page in answer.history] == ["/console", "/console/log-in"]


@pytest.fixture
def without_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dog.console.mount.find_spec", {}.get)


def test_without_its_packages_the_console_says_how_to_install_it(without_packages: None, client: FlaskClient) -> None:
    answer = client.get("/console/")

    assert answer.status_code == 501
    assert answer.text == HOW_TO_INSTALL


def test_without_the_console_the_start_page_is_the_documentation(without_packages: None, client: FlaskClient) -> None:
    answer = client.get("/", follow_redirects=True)

    assert answer.status_code == 200
    assert [page.location for page in answer.history] == ["/docs"]
