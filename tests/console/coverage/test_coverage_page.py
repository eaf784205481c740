"""The coverage page: its figures, its threshold, and where its links lead."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from dog.services.policies.policy_store import store_policy
from dog.services.runtime import Runtime
from dog.storage.policy_files import read_policy_toml
from dog.storage.store import Store
from tests.console.conftest import ORIGIN, Visit
from tests.console.test_accessible import find_faults
from tests.servers import wait_until

Open = Callable[..., FlaskClient]
NOTHING_FOR_GOLD = """name = "recommended"

[models]
cf = {weight = 0.4}

[[rules]]
id = "nothing-for-gold"
when = "contact.segment = 'gold'"
then = {exclude = true}
reason = "Gold is called by hand"
"""


@pytest.fixture
def ruled(shop: Store, runtime: Runtime) -> Store:
    """Publish a policy by which gold gets nothing."""
    policy = read_policy_toml(NOTHING_FOR_GOLD)
    store_policy(shop, policy, "Bo", "", runtime.clock(), activate=True, text=NOTHING_FOR_GOLD)
    return shop


def figures(client: FlaskClient, query: str = "") -> str:
    """Return the page's text once it is measured, without tags."""
    wait_until(lambda: "every 1s" not in client.get(f"/console/coverage{query}").text, 60)
    text = client.get(f"/console/coverage{query}").text
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_who_gets_nothing_is_told_by_segment_with_the_rule_that_is_why(log_in: Open, ruled: Store) -> None:
    text = figures(log_in())

    assert "Get nothing 2 66.7 %" in text
    assert "gold 2 2 100 % 0 0 % –" in text
    assert "Gold is called by hand excludes, where contact.segment = &#39;gold&#39; 2 12 2 0" in text
    assert "Ann Miller gold nothing" in text


def test_a_least_chance_makes_offers_poor_and_a_segment_narrows_the_figures(log_in: Open, ruled: Store) -> None:
    client = log_in()

    assert "Get only poor offers 0" in figures(client, "?least=0")
    assert "Get only poor offers 1" in figures(client, "?least=99,5")
    assert "Contacts 1 of segment iron" in figures(client, "?segment=iron")
    assert client.get("/console/coverage?least=much").status_code == 422
    assert client.get("/console/coverage?least=101").status_code == 422


def test_a_stored_draft_is_measured_as_the_live_version_is(log_in: Open, runtime: Runtime, ruled: Store) -> None:
    text = NOTHING_FOR_GOLD.replace("'gold'", "'iron'")
    version = store_policy(ruled, read_policy_toml(text), "Bo", "", runtime.clock(), activate=False, text=text)
    shown = figures(log_in(), f"?policy=recommended&version={version}")

    assert f"By version {version}, which is not live." in shown
    assert "Get nothing 1 33.3 %" in shown


def test_a_draft_that_is_not_stored_is_compared_with_the_live_version(log_in: Open, ruled: Store) -> None:
    form = {"policy": "recommended", "text": NOTHING_FOR_GOLD.replace(" = 'gold'", " IN ('gold', 'iron')")}
    text = log_in().post("/console/coverage/draft", data=form, headers=ORIGIN).text
    words = " ".join(re.sub(r"<[^>]+>", " ", text).split())

    assert "Of 3 contacts 3 get nothing with the draft, 2 with the live version." in words
    assert "Gold is called by hand excludes, where contact.segment IN (&#39;gold&#39;, &#39;iron&#39;)" in words
    assert "Ann Miller (gold, nothing)" in words
    assert "random sample" not in words
    assert log_in("read").post("/console/coverage/draft", data=form, headers=ORIGIN).status_code == 403
    assert log_in().post("/console/coverage/draft", data={"text": "name = 1"}, headers=ORIGIN).status_code == 422


def test_a_version_that_is_not_kept_is_refused_and_not_measured(log_in: Open, ruled: Store) -> None:
    answer = log_in().get("/console/coverage/figures?version=none")

    assert answer.status_code == 404
    assert "Policy recommended has no version none." in answer.text


def test_who_may_only_read_gets_no_links_to_what_is_closed(log_in: Open, ruled: Store) -> None:
    reader = log_in("read")
    figures(reader)
    text = reader.get("/console/coverage").text

    assert "/console/rules?" not in text
    assert "/console/?contact=" not in text
    assert log_in("feedback").get("/console/coverage").status_code == 403


@pytest.mark.browser
def test_a_click_leads_to_the_rule_and_to_the_contact(ruled: Store, window: Visit) -> None:
    page = window.page
    window.go("/coverage")
    page.click("#causes-table a")

    expect(page.locator("#rule-form [name=rule_id]")).to_have_value("nothing-for-gold")
    window.go("/coverage")
    page.click("#gaps-table a >> text=Ann Miller")
    expect(page.locator("#contact h1")).to_contain_text("Ann Miller")
    window.go("/?contact=nobody")
    expect(page.locator("#notice")).to_contain_text("contact 'nobody' is not known")
    expect(page.locator("#contact h1")).to_be_attached()  # the queue continues
    window.errors.clear()  # the refusal, which the browser logs


@pytest.mark.browser
def test_a_draft_is_measured_in_the_editor_and_its_gaps_have_no_fault(ruled: Store, window: Visit) -> None:
    assert ruled.tenant.name == "default"
    page = window.page
    window.go("/rules")
    expect(page.locator("#policy-checked")).to_contain_text("Valid: 1 rule")
    page.fill("#policy-text", NOTHING_FOR_GOLD.replace("contact.segment = 'gold'", "true"))
    expect(page.locator("#policy-checked")).to_contain_text("Valid: 1 rule")
    page.click("text=Measure the draft")

    expect(page.locator("#draft-gaps")).to_contain_text("Of 3 contacts 3 get nothing with the draft, 2 with the live")
    expect(page.locator("#measuring")).to_be_hidden()
    assert find_faults(page) == []
