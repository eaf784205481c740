"""Every page is accessible, light and dark, as far as axe-core finds; each has a heading, a title and a place."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from dog.console.pages import PAGES
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.console.conftest import Visit
from tests.console.test_verdicts_page import discard_for_the_market

AXE = Path(__file__).with_name("axe.min.js")
"""axe-core 4.14.1 of Deque Systems, under the Mozilla Public License 2.0: https://github.com/dequelabs/axe-core"""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LOADED = {
    "Inbox": "article.option",
    "Learning": "#drawn svg",
    "Policy": "#policy-checked h2",
    "Coverage": "#causes-table",
    "Pairs": "#pairs-table tbody tr",
    "Verdicts": "#verdicts-table button",
    "Desk": ".chart svg",
    "Runs": "#runs-table",
    "Data": "main table",
    "People": "main table",
    "Settings": "#unknown",
}
"""What each page shows once it is complete."""
OUTSIDE = """[...document.querySelectorAll(".card :is(input, select, textarea, button)")].filter(one => {
  const { right, width } = one.getBoundingClientRect(), edge = one.closest(".card").getBoundingClientRect().right;
  return width && !one.closest(".scrolls, .editor, .sr") && right > edge - 8;
}).map(one => one.outerHTML.slice(0, 120))"""
"""Returns the controls that lie over or beyond the edge of their card."""


@pytest.mark.browser
def test_axe_finds_no_fault_on_any_page_light_or_dark(published: Store, window: Visit, runtime: Runtime) -> None:
    discard_for_the_market(runtime, 0)
    page = window.page
    for shown in PAGES:
        window.go(shown.path)
        page.wait_for_selector(LOADED[shown.name], state="attached")

        assert page.title() == f"{shown.name} · DOG"
        assert page.locator("#navigation [aria-current=page]").inner_text() == shown.name
        assert find_faults(page) == [], shown.name


@pytest.mark.browser
def test_no_control_leaves_its_card_on_a_phone(
    published: Store, open_window: Callable[..., Visit], make_key: Callable[..., str]
) -> None:
    assert published.tenant.name == "default"
    visit = open_window(360, 760)
    visit.log_in(make_key())
    for shown in PAGES:
        visit.go(shown.path)
        visit.page.wait_for_load_state("networkidle")

        assert visit.page.evaluate(OUTSIDE) == [], shown.name
        assert visit.page.evaluate("document.documentElement.scrollWidth") == 360, shown.name


@pytest.mark.browser
def test_axe_finds_no_fault_on_the_log_in_page(open_window: Callable[..., Visit]) -> None:
    visit = open_window()
    visit.go("/log-in")

    assert find_faults(visit.page) == []


@pytest.mark.browser
def test_a_message_stays_long_enough_to_be_read_also_with_reduced_motion(published: Store, window: Visit) -> None:
    assert published.tenant.name == "default"
    page = window.page
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_selector("article.option:focus")
    page.keyboard.press("u")
    page.wait_for_timeout(500)

    expect(page.locator("#said span")).to_have_css("visibility", "visible")
    expect(page.locator("#said span")).to_have_css("opacity", "1")


@pytest.mark.browser
def test_dialogs_are_closed_by_a_finger(published: Store, window: Visit) -> None:
    assert published.tenant.name == "default"
    page, is_open = window.page, window.page.locator("dialog[open]")
    page.wait_for_selector("article.option:focus")
    for name in ("Find", "Snooze", "Keys"):
        page.get_by_role("button", name=name).first.click()
        expect(is_open).to_have_count(1)
        page.mouse.click(5, 400)
        expect(is_open).to_have_count(0)
    page.get_by_role("button", name="Snooze").first.click()
    page.get_by_role("button", name="Cancel").click()

    expect(is_open).to_have_count(0)


def find_faults(page: Page) -> list[str]:
    """Return what axe-core finds on the page, light and dark, with all details open: scheme, rule, gravity, place."""
    page.evaluate(AXE.read_text("utf-8"))  # a script element would be refused by the page's policy
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        violations = page.evaluate("axe.run().then(results => results.violations)")
        found += [
            f"{scheme}: {rule['id']} ({rule['impact']}): {node['html']}"
            for rule in violations
            for node in rule["nodes"]
        ]
    return found
