"""Log-in by OpenID Connect against a real provider: roles, names, refusals, and what other sites cannot do."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from dog.api.app import create_app
from dog.console.mount import mount_console
from dog.services.runtime import Runtime
from dog.storage.audit_log import read_audit_entries
from dog.storage.people import list_people
from dog.storage.store import Store
from tests.commands import recorded_commands
from tests.console.conftest import ORIGIN, Visit


def test_a_person_logs_in_with_the_role_of_its_claims(
    client: FlaskClient, come_back: Callable[[str], str], runtime: Runtime
) -> None:
    answer = client.get(come_back("bob"))
    page = client.get("/console/verdicts")

    assert answer.status_code == 200
    assert "SameSite=Strict" in answer.headers["Set-Cookie"]
    assert "Bob Stone" in page.text
    assert 'href="/console/rules"' in page.text
    assert 'href="/console/people"' not in page.text
    assert client.get("/console/people").status_code == 403
    assert [(one.name, one.role) for one in list_people(runtime.redis, "default")] == [("Bob Stone", "analyst")]
    _, begun = read_audit_entries(runtime.redis, "default", limit=1)[0]
    assert (begun["act"], begun["name"], begun["details"]) == ("session.begin", "Bob Stone", {"role": "analyst"})


def test_a_rep_sees_the_inbox_alone(client: FlaskClient, come_back: Callable[[str], str]) -> None:
    client.get(come_back("ann"))

    assert client.get("/console/verdicts").status_code == 403
    assert client.get("/console/").status_code == 200


def test_a_page_reads_its_person_once(client: FlaskClient, come_back: Callable[[str], str], runtime: Runtime) -> None:
    client.get(come_back("eve"))

    with recorded_commands(runtime.redis) as commands:
        assert client.get("/console/people").status_code == 200

    assert [words[1] for words in commands if words[0] == "HGET"].count("dog:people") == 1


def test_an_account_without_a_role_is_refused_and_not_stored(
    client: FlaskClient, come_back: Callable[[str], str], runtime: Runtime
) -> None:
    answer = client.get(come_back("sam"))

    assert answer.status_code == 403
    assert "has none of rep, analyst, admin" in answer.text
    assert "dog_console=" not in str(answer.headers)
    assert list_people(runtime.redis, "default") == []


def test_a_blocked_person_is_out_at_once_and_stays_out(
    client: FlaskClient, come_back: Callable[[str], str], runtime: Runtime
) -> None:
    client.get(come_back("eve"))
    person_id = list_people(runtime.redis, "default")[0].person_id
    blocked = client.post(f"/console/people/{person_id}/block", headers=ORIGIN)

    assert blocked.status_code == 303
    assert client.get("/console/verdicts").headers["Location"] == "/console/log-in"
    again = client.get(come_back("eve"))
    assert again.status_code == 403
    assert "Eve Ops is blocked" in again.text


@pytest.mark.parametrize("change", ["state=forged", "code=forged"])
def test_a_forged_return_opens_nothing(client: FlaskClient, come_back: Callable[[str], str], change: str) -> None:
    path, _, query = come_back("bob").partition("?")
    name = change.partition("=")[0]
    forged = "&".join([change, *(one for one in query.split("&") if not one.startswith(f"{name}="))])

    answer = client.get(f"{path}?{forged}")

    assert answer.status_code == 401
    assert "The log-in was not completed" in answer.text


def test_a_return_counts_once_and_only_in_the_browser_that_left(
    client: FlaskClient, come_back: Callable[[str], str], runtime: Runtime
) -> None:
    path = come_back("bob")
    other = mount_console(create_app(runtime), runtime).test_client()

    assert other.get(path).status_code == 401
    assert client.get(path).status_code == 200
    assert client.get(path).status_code == 401


def test_a_provider_that_is_away_is_named_as_such(runtime: Runtime, store: Store) -> None:
    runtime.settings = replace(runtime.settings, oidc_issuer="http://127.0.0.1:9", oidc_client_id="dog")
    client = mount_console(create_app(runtime), runtime).test_client()

    answer = client.get("/console/log-in/oidc")

    assert answer.status_code == 502
    assert "The identity provider does not answer" in answer.text


@pytest.mark.browser
def test_in_a_browser_the_person_comes_back_logged_in(
    runtime: Runtime, issuer: str, open_window: Callable[..., Visit]
) -> None:
    runtime.settings = replace(runtime.settings, oidc_issuer=issuer, oidc_client_id="dog", oidc_client_secret="s3cret")
    visit = open_window()
    visit.go("/log-in")
    visit.page.click("text=Log in with localhost")
    visit.page.get_by_text("bob").first.click()
    visit.page.wait_for_selector("#navigation a")

    assert visit.page.locator(".who").inner_text() == "Bob Stone · default"
