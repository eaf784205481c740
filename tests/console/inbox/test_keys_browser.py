"""One key or click is one answer: a key that is held, a double click, Caps Lock, a clock that is set meanwhile."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from dog.services.runtime import Runtime
from tests.console.conftest import Visit

pytestmark = pytest.mark.browser


@pytest.fixture
def page(window: Visit) -> Page:
    expect(window.page.locator("article.option:focus")).to_have_count(1)
    return window.page


@pytest.fixture
def sent(page: Page) -> list[dict[str, Any]]:
    """Return the events that the page has sent, as they come."""
    events: list[dict[str, Any]] = []

    def note(path: str, body: Callable[[], Any]) -> None:
        if path.endswith("/inbox/event"):
            events.append(body()["event"])

    page.on("request", lambda request: note(request.url, lambda: request.post_data_json))
    return events


def expect_all_sent(page: Page) -> None:
    expect(page.locator("#outbox")).to_have_attribute("data-waiting", "0")


@pytest.mark.parametrize("again", [False, True], ids=["made by the page", "known to the service"])
def test_a_win_by_enter_is_one_event_with_its_value(page: Page, sent: list[dict[str, Any]], again: bool) -> None:
    page.keyboard.press("a")
    expect_all_sent(page)
    if again:
        contact = page.locator(".contact-list").get_attribute("data-contact")
        page.goto(page.url + f"?contact={contact}")
        page.wait_for_selector(".todo article:visible")
    page.locator(".todo article").focus()
    page.keyboard.press("w")
    page.keyboard.type("120,5")
    page.keyboard.press("Enter")
    expect(page.locator("#done li")).to_have_count(2)
    expect_all_sent(page)

    assert [(event["type"], event.get("value")) for event in sent] == [("accept", None), ("win", 120.5)]


def test_a_key_that_is_held_gives_one_answer(page: Page, sent: list[dict[str, Any]]) -> None:
    for _ in range(5):
        page.keyboard.down("a")
    page.keyboard.up("a")
    expect_all_sent(page)

    assert [event["type"] for event in sent] == ["accept"]


def test_a_button_that_is_clicked_twice_gives_one_answer(page: Page, sent: list[dict[str, Any]]) -> None:
    page.keyboard.press("a")
    page.keyboard.press("a")
    page.locator(".todo").get_by_role("button", name="Lost").first.dblclick()
    expect_all_sent(page)

    assert [event["type"] for event in sent] == ["accept", "accept", "loss"]


def test_keys_act_while_caps_lock_is_on(page: Page, sent: list[dict[str, Any]]) -> None:
    page.locator("article.option").first.dispatch_event(
        "keydown", {"key": "A", "modifierCapsLock": True, "bubbles": True}
    )
    expect(page.locator("#done li")).to_have_count(1)
    expect_all_sent(page)

    assert [event["type"] for event in sent] == ["accept"]


@pytest.mark.parametrize(
    ("typed", "value"), [("1234", 1234), ("99.95", 99.95), ("1,234", None), ("1.234,50", None), ("-5", None)]
)
def test_a_value_is_taken_where_it_can_mean_one_number_alone(
    page: Page, sent: list[dict[str, Any]], typed: str, value: float | None
) -> None:
    page.keyboard.press("a")
    page.locator(".todo article").focus()
    page.keyboard.press("w")
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    refused = page.locator(".todo [name=value]:invalid")
    expect(refused if value is None else page.locator("#done li").nth(1)).to_be_visible()
    expect_all_sent(page)

    assert [event["value"] for event in sent if event["type"] == "win"] == ([] if value is None else [value])


@pytest.mark.parametrize("hours", [-30, 2])
def test_an_answer_has_the_services_time_when_the_computers_clock_is_set(
    page: Page, sent: list[dict[str, Any]], runtime: Runtime, hours: int
) -> None:
    page.evaluate("ms => { const now = Date.now; Date.now = () => now() + ms; }", hours * 3_600_000)
    page.keyboard.press("a")
    expect_all_sent(page)
    page.keyboard.press("a")
    expect_all_sent(page)
    pressed = [datetime.fromisoformat(event["occurred_at"]).timestamp() for event in sent]

    assert len(pressed) == 2
    assert all(abs(at - runtime.clock() / 1000) < 60 for at in pressed)
    expect(page.locator("#done li[data-state=kept]")).to_have_count(2)


def test_an_undo_button_keeps_the_focus_while_its_answer_is_sent(page: Page) -> None:
    held: list[Route] = []
    page.route("**/inbox/event", lambda route, _request: held.append(route))
    with page.expect_request("**/inbox/event"):
        page.keyboard.press("a")
    button = page.get_by_role("button", name="Undo: Accepted")
    button.focus()
    held[0].continue_()
    expect(page.locator("#done li[data-state=kept]")).to_have_count(1)

    expect(button).to_be_focused()


def test_escape_closes_the_palette_also_with_a_text_in_it(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("p1")
    page.keyboard.press("Escape")

    expect(page.locator("dialog[open]")).to_have_count(0)


def test_over_http_from_another_machine_the_inbox_says_what_it_needs(
    open_window: Callable[..., Visit], make_key: Callable[..., str]
) -> None:
    visit = open_window()
    visit.page.add_init_script(
        """Object.defineProperty(window, "isSecureContext", {value: false});
        for (const [of, name] of [[Crypto, "randomUUID"], [Navigator, "locks"]]) delete of.prototype[name];"""
    )
    visit.log_in(make_key("feedback"))

    expect(visit.page.locator("#insecure")).to_contain_text("The inbox needs https")


def test_a_win_that_is_undone_has_the_focus_again_and_no_value(page: Page, sent: list[dict[str, Any]]) -> None:
    page.keyboard.press("a")
    expect_all_sent(page)
    contact = page.locator(".contact-list").get_attribute("data-contact")
    page.goto(page.url + f"?contact={contact}")  # which the service makes, with its to-do card
    expect(page.locator("#done li")).to_have_count(1)
    page.locator(".todo article").focus()
    for value in ("12", "34"):
        page.keyboard.press("w")
        page.keyboard.type(value)
        page.keyboard.press("Enter")
        expect(page.locator("#done li")).to_have_count(2)
        expect_all_sent(page)
        page.keyboard.press("u")
        expect(page.locator(".todo article")).to_be_focused()

    assert [event["value"] for event in sent if event["type"] == "win"] == [12, 34]


def test_an_undo_for_another_contact_leaves_the_focus_where_it_is(page: Page) -> None:
    product = page.evaluate("document.activeElement.dataset.product")
    name = page.inner_text("h1")
    page.keyboard.press("a")
    page.keyboard.press("n")
    expect(page.locator("h1")).not_to_have_text(name)
    expect(page.locator(f"article.option[data-product={product}]")).to_be_focused()
    page.keyboard.press("j")
    held = page.evaluate("document.activeElement.dataset.product")
    page.keyboard.press("u")
    expect(page.locator("#done li")).to_have_count(0)

    assert page.evaluate("document.activeElement.dataset.product") == held != product
