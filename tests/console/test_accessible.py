"""What a screen reader is told: every control and picture has a name, every page a heading, a title, a place."""

import pytest

from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.console.conftest import Visit
from tests.console.test_verdicts_page import discard_for_the_market

NAMED = {"button", "checkbox", "combobox", "image", "img", "link", "radio", "radiogroup", "slider", "textbox"}
PAGES = {
    "Inbox": "article.option",
    "Learning": "#drawn svg",
    "Policy": "#policy-checked h2",
    "Pairs": "#pairs-table tbody tr",
    "Verdicts": "#verdicts-table button",
    "Desk": ".chart svg",
}


@pytest.mark.browser
def test_every_control_and_picture_has_a_name_and_every_page_a_title(
    published: Store, window: Visit, runtime: Runtime
) -> None:
    discard_for_the_market(runtime, 0)
    page = window.page
    browser = page.context.new_cdp_session(page)
    for name, seen in PAGES.items():
        page.locator("#navigation").get_by_text(name).click()
        page.wait_for_selector(seen, state="attached")
        nodes = [node for node in browser.send("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
        told = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes]

        assert [role for role, says in told if role in NAMED and not says.strip()] == [], name
        assert [role for role, _ in told].count("main") == 1
        assert page.locator("h1").count() == 1
        assert page.title() == f"{name} · DOG"
        assert page.locator("#navigation [aria-current=page]").inner_text() == name
