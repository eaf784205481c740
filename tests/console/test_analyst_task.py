"""An analyst's task from the question to the answer, by pages alone: why does gold get no coffee, and how does it?"""

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.console.conftest import Visit, picture

NAMES = {"p1": "Espresso", "p2": "Filter coffee", "p3": "Green tea", "p4": "Cocoa"}
CONTACTS = {f"c{number}": "gold" if number % 2 else "iron" for number in range(26)}
PAIRS = [{"contact_id": contact, "product_id": product} for contact in CONTACTS for product in NAMES]
FIRST_DAY, WEEKS = datetime.fromisoformat("2026-06-22T10:00:00+00:00"), 20
PROOF_MS = 180_000
POLICY = b"""name = "recommended"

[models]
cf = {weight = 1.0}

# Agreed with the roasters in 2024
[[rules]]
id = "no-coffee-for-gold"
when = "contact.segment = 'gold' AND product.category = 'coffee'"
then = {exclude = true}
reason = "Gold drinks tea"
"""


@pytest.fixture
def shop(runtime: Runtime, store: Store) -> Store:
    """Load twenty weeks in which coffee was won most, and publish a policy that keeps it from gold."""
    zone, chance = runtime.settings.zone, np.random.default_rng(0)
    products = [
        {"product_id": product, "name": name, "category": "coffee" if product in ("p1", "p2") else "other"}
        for product, name in NAMES.items()
    ]
    import_rows(store, "products", products, zone)
    contacts = [
        {"contact_id": contact, "name": f"Café {contact[1:]}", "segment": one} for contact, one in CONTACTS.items()
    ]
    import_rows(store, "contacts", contacts, zone)
    scores = [
        {**pair, "model": "cf", "score": round(0.5 - int(pair["product_id"][1]) / 10, 3), "as_of": "2026-06-01"}
        for pair in PAIRS
    ]
    import_rows(store, "scores", scores, zone)
    for week in range(WEEKS):
        at = (FIRST_DAY + timedelta(weeks=week)).isoformat()
        won = chance.random(len(PAIRS)) < 0.3
        events = [
            {"event_id": f"{week}-{number}", "type": "win" if won[number] else "loss", "occurred_at": at, **pair}
            for number, pair in enumerate(PAIRS)
        ]
        record_feedback(store, events, runtime.clock())
    publish_policy(runtime, "default", "recommended", POLICY, author="Bo", comment="Tea for gold", if_match=None)
    run_recompute(runtime, "default")
    return store


def offers(page: Page) -> list[str]:
    """Return the names on the list of the contact that the inbox shows."""
    page.wait_for_selector("article.option")
    return [name.strip() for name in page.locator("article.option h2").all_inner_texts()]


@pytest.mark.browser
def test_an_analyst_finds_why_gold_gets_no_coffee_mends_it_with_a_proof_and_takes_it_back(
    shop: Store, open_window: Callable[..., Visit], make_key: Callable[..., str]
) -> None:
    visit = open_window()
    visit.log_in(make_key())
    page = visit.page

    # who gets nothing of what: the rule takes coffee from gold
    page.click("#navigation >> text=Coverage")
    cause = page.locator("#causes-table tbody tr")
    expect(cause).to_contain_text("Gold drinks tea")
    expect(cause).to_contain_text("Espresso, Filter coffee")
    expect(cause).to_contain_text("gold 13")
    assert page.input_value("#coverage-least [name=least]") == "15.1"  # half of what usually wins
    visit.go("/coverage?least=33")
    picture(visit, "coverage")
    visit.go("/?contact=c1")
    before = offers(page)
    assert "Espresso" not in before

    # why not, for one contact and product
    visit.go("/rules")
    page.fill("[name=contact_id]", "c1")
    page.fill("[name=product_id]", "espresso")
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("#why")).to_contain_text("The rule Gold drinks tea keeps it off the list.")

    # the rule, opened from what it takes, and changed in the form
    visit.go("/coverage")
    page.click("#causes-table >> text=Gold drinks tea")
    form = page.locator("#rule-form")
    expect(form.locator("[name=rule_id]")).to_have_value("no-coffee-for-gold")
    form.locator("[name=rule_effect]").select_option("multiply")
    form.locator("[name=rule_factor]").fill("0.9")
    form.get_by_role("button", name="Write into the draft").click()
    checked = page.locator("#policy-checked")
    expect(checked).to_contain_text("excludes → multiplies the score by 0.9")
    assert "# Agreed with the roasters" in page.input_value("#policy-text")

    # what it would change, in words, and whether it is as good on past weeks
    page.get_by_role("button", name="Preview lists").click()
    told = page.locator("#result")
    expect(told).to_contain_text("13 of 26 lists change", timeout=60_000)
    expect(told).to_contain_text("On more lists: Espresso +13, Filter coffee +13")
    page.get_by_role("button", name="Prove the draft").click()
    proof = page.locator("#policy-proof")
    expect(proof).to_contain_text("The proof is done.", timeout=PROOF_MS)
    expect(proof).to_contain_text("At least as good")

    # live with a comment, and the next list follows
    page.fill("[name=comment]", "Gold asked for coffee")
    page.click("#policy-publish")
    expect(page.get_by_text("Published. The next list follows it.")).to_be_visible()
    expect(page.locator("#policy-versions tr", has_text="live")).to_contain_text("Gold asked for coffee")
    visit.go("/?contact=c1")
    assert "Espresso" in offers(page)

    # and back
    visit.go("/rules")
    page.locator("#policy-versions tr", has_text="Tea for gold").get_by_role("button", name="Roll back").click()
    expect(page.locator("#policy-versions tr", has_text="live")).to_contain_text("Tea for gold")
    visit.go("/?contact=c1")
    assert offers(page) == before
    assert visit.errors == visit.strangers == []
