"""What only a browser shows: the queue's panel opens contacts, and raw numbers are made when they are opened."""

import pytest
from playwright.sync_api import expect

from tests.console.conftest import Visit


@pytest.mark.browser
def test_the_queue_opens_a_contact_and_a_receipt_its_numbers(window: Visit) -> None:
    page = window.page
    page.wait_for_selector("article.option")
    page.click("#queue-details > summary")
    page.click("#queue-page button:has-text('Cid Okafor')")
    expect(page.locator(".contact h1")).to_have_text("Cid Okafor")
    card = page.locator("article.option").first
    expect(card.locator("table")).to_have_count(0)
    card.press("o")
    card.locator("details[data-receipt] > summary").click()

    expect(card.locator("table.receipt th", has_text="performance multiplier")).to_be_visible()


@pytest.mark.browser
def test_a_filter_holds_for_the_queue_that_is_shown(window: Visit) -> None:
    page = window.page
    page.wait_for_selector("article.option")
    page.click("#queue-details > summary")
    page.fill("#queue-filters [name=segment]", "iron")
    page.press("#queue-filters [name=segment]", "Enter")

    expect(page.locator("#queue-page tbody tr")).to_have_count(1)
    expect(page.locator("#queue-page tbody th")).to_have_text("Cid Okafor")
