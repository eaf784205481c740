"""Coming in, staying in, going out: what a browser does and what nobody else can."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from dog.api.app import create_app
from dog.console.mount import mount_console
from dog.services.runtime import Runtime
from dog.storage.api_keys import list_keys, revoke_key
from dog.storage.store import Store
from tests.conftest import NOW
from tests.console.conftest import ORIGIN, Visit


@pytest.fixture
def client(runtime: Runtime, store: Store) -> FlaskClient:
    return mount_console(create_app(runtime), runtime).test_client()


def log_in(client: FlaskClient, key: str) -> str:
    """Log in; the cookie as it was set."""
    answer = client.post("/console/log-in", data={"key": key}, headers=ORIGIN)

    assert answer.status_code == 303, answer.text
    return answer.headers["Set-Cookie"]


def test_a_key_becomes_a_cookie_that_no_script_and_no_other_site_can_use(
    client: FlaskClient, make_key: Callable[..., str]
) -> None:
    cookie = log_in(client, make_key())

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/console" in cookie
    assert "Max-Age=43200" in cookie
    assert client.get("/console/").status_code == 200


def test_where_one_comes_by_https_the_cookie_goes_by_https_alone(
    client: FlaskClient, make_key: Callable[..., str]
) -> None:
    answer = client.post("/console/log-in", data={"key": make_key()}, headers={"Origin": "https://localhost"})

    assert "Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("key", ["", "dog_x_y", "nonsense"])
def test_a_wrong_key_opens_nothing_and_is_not_repeated(client: FlaskClient, key: str) -> None:
    answer = client.post("/console/log-in", data={"key": key}, headers=ORIGIN)

    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert 'role="alert"' in answer.text


def test_without_a_session_pages_lead_to_the_log_in_and_scripts_are_refused(client: FlaskClient) -> None:
    page, asked = client.get("/console/rules"), client.get("/console/session", headers={"HX-Request": "true"})
    posted = client.post("/console/inbox/event", json={}, headers=ORIGIN)

    assert (page.status_code, page.headers["Location"]) == (303, "/console/log-in")
    assert asked.status_code == 401
    assert posted.status_code == 401


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}])
def test_what_another_site_posts_is_refused(
    client: FlaskClient, make_key: Callable[..., str], headers: dict[str, str]
) -> None:
    log_in(client, make_key())

    answer = client.post("/console/inbox/event", json={}, headers=headers)

    assert answer.status_code == 403


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_page_of_another_site_reads_nothing_and_a_link_from_it_leads_here(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    assert client.get("/console/log-in", headers=headers).status_code == 403
    assert client.get("/console/log-in", headers=link).status_code == 200


def test_a_doubled_host_is_refused(client: FlaskClient) -> None:
    assert client.get("/console/log-in", headers={"Host": "localhost,localhost"}).status_code == 400


def test_after_log_out_the_cookie_opens_nothing(client: FlaskClient, make_key: Callable[..., str]) -> None:
    cookie = log_in(client, make_key()).split(";")[0]
    client.post("/console/log-out", headers=ORIGIN)

    answer = client.get("/console/", headers={"Cookie": cookie})

    assert answer.status_code == 303


def test_a_revoked_key_ends_its_sessions(client: FlaskClient, runtime: Runtime, make_key: Callable[..., str]) -> None:
    log_in(client, make_key())
    revoke_key(runtime.redis, "default", list_keys(runtime.redis, "default")[0].key_id, NOW)

    answer = client.get("/console/")

    assert answer.status_code == 303


def test_the_api_still_asks_for_its_own_key(client: FlaskClient, make_key: Callable[..., str]) -> None:
    log_in(client, make_key())

    assert client.get("/v1/jobs").status_code == 401


def test_with_authentication_off_the_console_opens_at_once_and_still_refuses_other_sites(
    runtime: Runtime, store: Store
) -> None:
    runtime.settings = replace(runtime.settings, auth="off")
    client = mount_console(create_app(runtime), runtime).test_client()

    assert client.get("/console/").status_code == 200
    assert client.post("/console/inbox/event", json={}).status_code == 403
    assert client.get("/console/", headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.browser
def test_one_logs_in_and_out_by_keyboard(open_window: Callable[..., Visit], make_key: Callable[..., str]) -> None:
    visit = open_window()
    visit.go("/")
    expect(visit.page.locator("#key")).to_be_focused()
    visit.page.keyboard.type(make_key("feedback"))
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#navigation a")
    shown = visit.page.locator("#navigation a").all_inner_texts()
    visit.page.wait_for_load_state("networkidle")  # the log-out would overtake a request, which is then refused
    visit.page.click("text=Log out")
    visit.page.wait_for_selector("#key")

    assert shown == ["Inbox"]
    assert visit.strangers == []
    assert visit.errors == []
