"""An evaluation as an analyst meets it: started by a button, followed, read in the dark, compared."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Clock
from tests.console.conftest import Visit, picture
from tests.console.test_accessible import find_faults
from tests.console.test_german_pages import english_lines
from tests.offline.evaluation.test_evaluate import fill

pytestmark = pytest.mark.browser


@pytest.fixture
def long_history(runtime: Runtime, shop: Store) -> Store:
    """Pitch four products to thirty contacts for eight weeks, so that every part of the report has figures."""
    fill(shop, runtime.clock())
    return shop


def test_an_evaluation_is_started_followed_and_read_in_the_dark(
    long_history: Store, window: Visit, clock: Clock
) -> None:
    assert long_history.tenant.name == "default"
    page = window.page
    page.click("text=Runs")
    page.click("text=Evaluate >> nth=-1")
    expect(page.locator("#runs-jobs tbody tr")).to_have_count(1)
    expect(page.locator("#runs-jobs progress")).to_be_visible()
    clock.now_ms += 41_000  # the clock of the tests stands still
    page.wait_for_selector("text=Open the report", timeout=90_000)
    expect(page.locator("#runs-table tbody tr")).to_have_count(1)
    picture(window, "runs")
    page.click("text=Open the report")
    page.wait_for_selector(".report svg")
    assert find_faults(page) == []

    page.emulate_media(color_scheme="light")
    page.click("#theme")  # light
    light = colours(window)
    page.click("#theme")
    dark = colours(window)
    page.locator(".report .charts").first.evaluate("charts => charts.scrollIntoView({block: 'end'})")
    picture(window, "run_dark")

    assert all(sum(ink) < 250 for ink in light.values()), light
    assert all(sum(ink) > 500 for ink in dark.values()), dark
    assert page.locator(".report svg").first.bounding_box()["width"] > 400  # type: ignore[index]  # it is shown
    assert page.evaluate("document.querySelectorAll('main [style], main iframe, main style').length") == 0


def test_two_runs_are_chosen_and_compared(published: Store, window: Visit) -> None:
    assert published.tenant.name == "default"
    page = window.page
    window.go("/runs")
    boxes = page.locator("#runs-table [name=run]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.click("text=Compare the two chosen")

    expect(page.locator("#runs-verdict")).to_contain_text("differ")
    assert find_faults(page) == []


def test_the_page_of_shadow_lists_has_no_fault(shop: Store, window: Visit) -> None:
    assert shop.tenant.name == "default"
    window.go("/runs")
    window.page.click("text=Shadow lists")
    expect(window.page.locator("h1")).to_have_text("Shadow lists")

    assert find_faults(window.page) == []


def test_the_palette_leads_to_the_runs(shop: Store, window: Visit) -> None:
    assert shop.tenant.name == "default"
    page = window.page
    page.wait_for_selector("article.option")  # what the inbox loads would cancel the way to another page
    page.keyboard.press("Control+k")
    page.keyboard.type("runs")
    expect(page.locator("#found [aria-selected=true]")).to_contain_text("Runs")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("Runs")


def test_a_german_reader_finds_english_in_what_the_service_has_written_alone(
    published: Store, open_window: Callable[..., Visit], make_key: Callable[..., str]
) -> None:
    assert published.tenant.name == "default"
    visit = open_window(locale="de-DE")
    visit.log_in(make_key())
    seen = []
    for path in ("/runs", "/runs/shadow"):
        visit.go(path)
        visit.page.evaluate("document.querySelectorAll('[lang=en]').forEach(one => one.remove())")
        seen.append(visit.page.locator("main").inner_text())

    assert "Läufe" in seen[0]
    assert [line for text in seen for line in english_lines(text)] == []


def colours(visit: Visit) -> dict[str, list[int]]:
    """Return red, green and blue of the text of a chart, of a table and of the page."""
    places = {".report svg text": "fill", ".report td": "color", "h1": "color"}
    read = "([place, name]) => getComputedStyle(document.querySelector(place))[name]"
    shown = {place: visit.page.evaluate(read, [place, name]) for place, name in places.items()}
    return {place: [int(one) for one in re.findall(r"\d+", colour)[:3]] for place, colour in shown.items()}
