"""An analyst's Monday: a rule from fault to publish, and back."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Route, expect

from dog.services.policies.policy_store import store_policy
from dog.services.publishing.publish_policy import list_policy_versions, show_policy
from dog.services.runtime import Runtime
from dog.storage.policy_files import read_policy_toml
from dog.storage.store import Store
from tests.console.conftest import ORIGIN, Visit, picture

Open = Callable[..., FlaskClient]
Send = Callable[..., str]
POLICY = 'name = "recommended"\n'
RULE = """
[[rules]]
id = "no-furniture"
when = "product.category = 'furniture'"
then = {exclude = true}
"""


def base(runtime: Runtime) -> str:
    return show_policy(runtime, "default", "recommended")[0]


def test_the_page_holds_the_live_policy_as_it_was_written(log_in: Open, runtime: Runtime) -> None:
    text = log_in().get("/console/rules").text

    assert f"Version {base(runtime)} of recommended is live." in text
    assert 'name = "recommended"' in text or "name = &#34;recommended&#34;" in text
    assert "Valid: 0 rules" in text


def test_a_policy_that_does_not_exist_is_named_with_those_that_do(log_in: Open, runtime: Runtime) -> None:
    client = log_in()

    for page in ("rules", "learning", "coverage"):
        answer = client.get(f"/console/{page}?policy=unknown")
        assert answer.status_code == 404
        assert "There is no policy “unknown”; live are: recommended, published." in answer.text


def test_who_may_not_publish_is_refused(log_in: Open) -> None:
    client = log_in("read", "feedback")

    assert client.get("/console/rules").status_code == 403
    for path in ("check", "preview", "publish", "activate"):
        assert client.post(f"/console/rules/{path}", data={}, headers=ORIGIN).status_code == 403


def test_a_preview_tells_how_lists_change_and_stores_nothing(send: Send, runtime: Runtime) -> None:
    before = base(runtime)
    text = send("preview", text=POLICY + RULE)

    assert "3 of 3 lists change" in text
    assert "On fewer lists: Standing desk −3, Office chair −3" in " ".join(text.split())
    assert base(runtime) == before


def test_a_draft_is_kept_and_acts_on_nobody(send: Send, runtime: Runtime) -> None:
    before = base(runtime)
    text = send("publish", text=POLICY + RULE, base=before, comment="Not yet", **{"as": "draft"})

    assert "is kept as a draft" in text
    assert "Not yet" in text
    assert base(runtime) == before


def test_a_preview_warns_of_lists_that_a_rule_empties(send: Send) -> None:
    text = send("preview", text=POLICY + RULE.replace("product.category = 'furniture'", "contact.segment = 'gold'"))

    assert "2 lists become empty." in text


def test_the_versions_name_who_wrote_a_draft_and_who_published_it(log_in: Open, runtime: Runtime, shop: Store) -> None:
    client = log_in()
    draft = store_policy(shop, read_policy_toml(POLICY + RULE), "Ben", "Try", runtime.clock(), activate=False)
    client.post("/console/rules/activate", data={"policy": "recommended", "version": draft}, headers=ORIGIN)
    text = " ".join(re.sub(r"<[^>]+>", " ", client.get("/console/rules").text).split())

    assert f"{draft} 2026-11-20 12:00 Ben published by Ada Try live" in text


def test_a_version_is_published_with_its_comment_and_rolled_back(log_in: Open, runtime: Runtime) -> None:
    client, before = log_in(), base(runtime)
    form = {"policy": "recommended", "text": POLICY + RULE, "base": before, "comment": "Moves out"}
    answer = client.post("/console/rules/publish", data=form, headers=ORIGIN)
    after = base(runtime)
    live = next(one for one in list_policy_versions(runtime, "default", "recommended") if one["active"])
    back = {"policy": "recommended", "version": before}
    client.post("/console/rules/activate", data=back, headers=ORIGIN)

    assert answer.headers["HX-Redirect"] == f"/console/rules?policy=recommended&stored={after}"
    assert (live["version"], live["author"], live["comment"]) == (after, "Ada", "Moves out")
    assert base(runtime) == before


def test_who_publishes_over_somebody_elses_version_is_told_by_whom(send: Send, runtime: Runtime, shop: Store) -> None:
    before = base(runtime)
    theirs = store_policy(shop, read_policy_toml(POLICY + RULE), "Bob", "", runtime.clock(), activate=True)
    text = send("publish", text=POLICY + RULE.replace("no-furniture", "mine"), base=before)

    assert text.startswith(f"Nothing was published: Bob has published version {theirs} since you opened the page")
    assert base(runtime) == theirs


@pytest.mark.browser
def test_a_text_is_checked_while_it_is_edited(window: Visit) -> None:
    page = window.page
    page.click("text=Policy")
    expect(page.locator("#policy-checked")).to_contain_text("Valid: 0 rules")
    text = page.input_value("#policy-text")
    page.fill("#policy-text", text + RULE.replace("product.category", "product.categry"))
    expect(page.locator("#policy-checked")).to_contain_text("categry")
    expect(page.locator("#policy-publish")).to_be_disabled()
    expect(page.locator("#policy-lines .wrong")).to_have_count(1)
    page.locator(".faults button").first.click()
    marked = "(t) => t.value.slice(t.selectionStart, t.selectionEnd)"
    assert page.locator("#policy-text").evaluate(marked).startswith("product.categry")
    picture(window, "policy_fault")
    page.fill("#policy-text", text + RULE)
    expect(page.locator("#policy-checked")).to_contain_text("New rule no-furniture")
    expect(page.locator("#policy-publish")).to_be_enabled()


@pytest.mark.browser
def test_a_text_that_is_edited_before_the_page_is_ready_is_checked(window: Visit) -> None:
    page, held = window.page, list[Route]()
    page.route("**/htmx-*", lambda route: held.append(route))  # noqa: PLW0108  # it is given attributes
    page.click("text=Policy")
    page.fill("#policy-text", page.input_value("#policy-text") + RULE.replace("product.category", "product.categry"))
    held[0].continue_()

    expect(page.locator("#policy-checked")).to_contain_text("categry")


@pytest.mark.browser
def test_a_version_is_published_and_rolled_back_in_one_press(window: Visit, runtime: Runtime) -> None:
    page, before = window.page, base(runtime)
    page.click("text=Policy")
    page.fill("#policy-text", page.input_value("#policy-text") + "\n# Asked for by Bo" + RULE)
    expect(page.locator("#policy-checked")).to_contain_text("New rule no-furniture")
    page.fill("[name=comment]", "Furniture moves out")
    page.click("#policy-publish")
    expect(page.get_by_text("Published. The next list follows it.")).to_be_visible()
    expect(page.locator("#policy-text")).to_have_value(re.compile("# Asked for by Bo"))
    expect(page.locator("#policy-versions tr", has_text="live")).to_contain_text("Furniture moves out")
    after = base(runtime)
    page.get_by_role("button", name=f"Roll back to it: {before}").click()
    expect(page.locator("#policy-state")).to_contain_text(f"Version {before} of recommended is live.")

    assert after != before
    assert base(runtime) == before
