"""An analyst's Monday: a rule from fault to publish, and back."""

import re

import pytest
from playwright.sync_api import expect

from dog.services.policies.policy_store import store_policy
from dog.services.publishing.publish_policy import show_policy
from dog.services.runtime import Runtime
from dog.storage.policy_files import read_policy_toml
from dog.storage.store import Store
from tests.console.conftest import Visit, picture

RULE = """

[[rules]]
id = "no-furniture"
when = "product.category = 'furniture'"
then = {exclude = true}
"""


def edit(visit: Visit, text: str) -> None:
    """Put a text into the editor, as pasting does."""
    visit.page.locator("#rules-text").fill(text)


@pytest.mark.browser
def test_a_rule_goes_from_fault_to_preview_to_publish_and_back(window: Visit, runtime: Runtime, shop: Store) -> None:
    page = window.page
    before, _ = show_policy(runtime, "default", "recommended")
    page.click("text=Rules")
    expect(page.locator("#rules-check")).to_contain_text("Right: 0 rules")
    text = page.input_value("#rules-text")
    edit(window, text + RULE.replace("product.category", "product.categry"))
    expect(page.locator("#rules-check")).to_contain_text("categry")
    expect(page.locator("#rules-publish")).to_be_disabled()
    expect(page.locator("#rules-lines .wrong")).to_have_count(1)
    picture(window, "rules_fault")
    edit(window, text + "\n# Asked for by Bo" + RULE)
    expect(page.locator("#rules-check")).to_contain_text("/rules/no-furniture")
    page.click("#rules-preview")
    expect(page.locator("#rules-told")).to_contain_text("3 of 3 lists change")
    page.fill("#rules-comment", "Furniture moves out")
    picture(window, "rules")
    page.click("#rules-publish")
    expect(page.locator("#rules-told")).to_contain_text("is in force")
    expect(page.locator("#rules-list")).to_contain_text("no-furniture")
    page.reload()
    expect(page.locator("#rules-text")).to_have_value(text + "\n# Asked for by Bo" + RULE)
    expect(page.locator("#rules-versions tr", has=page.locator(".badge"))).to_contain_text("Furniture moves out")
    after, document = show_policy(runtime, "default", "recommended")

    assert after != before
    assert [rule["id"] for rule in document["rules"]] == ["no-furniture"]

    page.locator("#rules-versions tr", has_text=before).get_by_role("button", name="Put in force").click()
    expect(page.locator("#rules-told")).to_contain_text(f"{before} is in force")

    assert show_policy(runtime, "default", "recommended")[0] == before


@pytest.mark.browser
def test_who_publishes_over_somebody_elses_version_is_told(window: Visit, runtime: Runtime, shop: Store) -> None:
    page = window.page
    page.click("text=Rules")
    expect(page.locator("#rules-check")).to_contain_text("Right: 0 rules")
    text = page.input_value("#rules-text")
    policy = read_policy_toml(text + RULE)
    store_policy(shop, policy, "Bob", "", runtime.clock(), activate=True)
    edit(window, text + RULE.replace("no-furniture", "mine"))
    expect(page.locator("#rules-publish")).to_be_enabled()
    page.click("#rules-publish")

    expect(page.locator("#notice")).to_contain_text("read it again")


@pytest.mark.browser
def test_a_draft_is_kept_and_acts_on_nobody(window: Visit, runtime: Runtime, shop: Store) -> None:
    page = window.page
    before, _ = show_policy(runtime, "default", "recommended")
    page.click("text=Rules")
    expect(page.locator("#rules-check")).to_contain_text("Right: 0 rules")
    edit(window, page.input_value("#rules-text") + RULE)
    expect(page.locator("#rules-check")).to_contain_text("/rules/no-furniture")
    page.click("#rules-draft")
    expect(page.locator("#rules-told")).to_contain_text("kept as a draft")
    expect(page.locator("#rules-versions tbody tr")).to_have_count(2)
    expect(page.locator("#rules-text")).to_have_value(re.compile("no-furniture"))

    assert show_policy(runtime, "default", "recommended")[0] == before
