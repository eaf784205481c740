"""What a challenger would have offered is on a page, to which its policy leads."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from dog.services.background_tasks import BackgroundTasks
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api
from tests.console.conftest import HOSTILE, Visit
from tests.console.runs.conftest import UNDER_WAY
from tests.console.test_accessible import find_faults

Open = Callable[..., FlaskClient]
MODELS = {"cf": {"weight": 1.0}}
TURNED = [{"id": "hostile-first", "when": "product.id = 'p5'", "then": {"multiply": 50.0}}]
PAGE = "/console/runs/shadow"


def publish(runtime: Runtime, *, draft: bool = False, **more: object) -> str:
    document = {"name": "recommended", "models": MODELS, **more}
    stored = publish_policy(runtime, "default", "recommended", document, author="Ada", comment="", draft=draft)
    version: str = stored["version"]
    return version


@pytest.fixture
def challenger(runtime: Runtime, shop: Store) -> str:
    """Put a challenger in the shadow that lists the hostile product first."""
    assert shop.tenant.name == "default"
    version = publish(runtime, draft=True, rules=TURNED)
    publish(runtime, shadow={"challenger": f"recommended@{version}", "share": 1.0})
    return version


@pytest.fixture
def decided(challenger: str, api: Api, runtime: Runtime) -> str:
    """Serve a list to each contact; the challenger's version."""
    for contact in ("c1", "c2", "c3"):
        api.post("/v1/recommendations", {"contact_id": contact, "k": 2})
    runtime.shared(DecisionWriter).flush()
    assert runtime.shared(BackgroundTasks).flush()
    return challenger


def lists(client: FlaskClient) -> str:
    client.get(PAGE)
    while UNDER_WAY in (text := client.get(f"{PAGE}/lists").text):
        pass
    return text


def test_the_lists_of_the_challenger_are_compared_with_those_served(log_in: Open, decided: str) -> None:
    text = " ".join(lists(log_in("read")).split())

    assert f"compared with those of recommended {decided}" in text
    assert '<p class="figure">100 %</p><p class="quiet">of the lists differ' in text
    assert '<td>product</td><th scope="row">&lt;img src=x onerror=alert(1)&gt;</th><td class="n">+3</td>' in text
    assert HOSTILE not in text
    assert "Too few contacts have won since" in text


def test_without_decisions_and_without_a_challenger_the_page_says_what_is_missing(
    log_in: Open, shop: Store, runtime: Runtime
) -> None:
    assert shop.tenant.name == "default"
    client = log_in("read")
    assert "No policy has a challenger." in client.get(PAGE).text

    version = publish(runtime, draft=True, rules=TURNED)
    publish(runtime, shadow={"challenger": f"recommended@{version}", "share": 1.0})

    assert 'hx-get="/console/runs/shadow/lists?policy=recommended"' in client.get(PAGE).text
    assert "let some lists be served" in lists(client)


def test_the_policy_names_its_challenger_and_leads_to_its_lists(log_in: Open, shop: Store, challenger: str) -> None:
    assert shop.tenant.name == "default"
    text = log_in().get("/console/rules").text

    assert f"Challenger in the shadow: recommended@{challenger}." in text
    assert 'href="/console/runs/shadow?policy=recommended"' in text


def test_a_policy_whose_version_is_deleted_meanwhile_is_left_out(log_in: Open, shop: Store, challenger: str) -> None:
    assert challenger
    shop.execute("DEL", shop.keys.of("policy", "recommended"))

    assert "No policy has a challenger." in log_in("read").get(PAGE).text


def test_who_may_not_read_is_refused(log_in: Open) -> None:
    assert log_in("feedback").get(PAGE).status_code == 403
    assert log_in("feedback").get(f"{PAGE}/lists").status_code == 403


@pytest.mark.browser
def test_the_comparison_appears_in_the_page_and_has_no_fault(decided: str, window: Visit) -> None:
    window.go("/runs/shadow")
    expect(window.page.locator("#shadow-lists")).to_contain_text(decided)
    expect(window.page.locator("#shadow-moves tbody tr")).not_to_have_count(0)

    assert find_faults(window.page) == []
