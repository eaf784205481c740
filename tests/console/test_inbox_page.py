"""A rep's first ten minutes: every key, what it writes, what it says."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from dog.services.pairs.worklist import find_contacts, next_contact
from dog.services.runtime import Runtime
from dog.storage.api_keys import list_keys, revoke_key
from dog.storage.store import Store
from tests.conftest import NOW
from tests.console.conftest import HOSTILE, Visit, picture

pytestmark = pytest.mark.browser


def cards(visit: Visit) -> list[str]:
    """Name the products on the list, best first."""
    return visit.page.locator("article.option:not(.gone) h2").all_inner_texts()


def open_contact(visit: Visit, text: str) -> None:
    """Find a contact by keyboard and open it."""
    visit.page.wait_for_selector(".answered", state="attached")
    visit.page.keyboard.press("/")
    visit.page.keyboard.type(text)
    visit.page.wait_for_selector("#found button")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#contact h1")).to_contain_text(text)
    expect(visit.page.locator("#said")).to_contain_text("recommendations")
    expect(visit.page.locator("article.option:focus")).to_have_count(1)  # a key before that is lost


def test_a_rep_works_a_list_through_without_the_mouse(window: Visit) -> None:
    open_contact(window, "Ann Miller")
    said, keyboard = window.page.locator("#said"), window.page.keyboard
    expect(window.page.locator("article.option")).to_have_count(6)
    before = cards(window)
    expect(window.page.locator("article.option .why").nth(1)).to_have_text(
        "Bought desk phone twice, last on 30 Oct. Not offered yet."
    )
    keyboard.press("a")
    expect(said).to_contain_text("Accepted Fax machine: 1.00 → 1.")
    keyboard.press("d")
    picture(window, "inbox")
    keyboard.press("1")
    expect(said).to_contain_text("Noted for Ann Miller: Desk phone rests until 4 Dec.")
    keyboard.press("r")
    keyboard.press("1")
    expect(said).to_contain_text("Noted for Ann Miller: call is chosen last. email is chosen first.")
    expect(window.page.locator("article.option")).to_have_count(3)

    assert before == ["Fax machine", "Desk phone", "Standing desk", "Office chair", HOSTILE, "Whiteboard"]
    assert cards(window) == before[3:]

    keyboard.press("u")
    expect(said).to_contain_text("Taken back: Standing desk")
    expect(window.page.locator("article.option")).to_have_count(4)

    assert "Standing desk" in cards(window)


def test_keys_pressed_faster_than_answers_come_all_count_once(window: Visit) -> None:
    open_contact(window, "Ann Miller")
    expect(window.page.locator("article.option")).to_have_count(6)
    for _ in range(4):
        window.page.keyboard.press("a")
    expect(window.page.locator("article.option")).to_have_count(2)

    assert window.page.locator(".done li").count() == 5  # four actions and the undo button


def test_j_and_k_move_and_o_opens_the_receipt(window: Visit) -> None:
    open_contact(window, "Ann Miller")
    expect(window.page.locator("article.option").first).to_be_focused()
    window.page.keyboard.press("j")
    window.page.keyboard.press("j")
    window.page.keyboard.press("k")
    expect(window.page.locator("article.option").nth(1)).to_be_focused()
    window.page.keyboard.press("o")

    expect(window.page.locator("article.option").nth(1).locator(".receipt")).to_be_visible()


def test_names_that_look_like_html_are_shown_as_they_are(window: Visit) -> None:
    open_contact(window, HOSTILE)
    expect(window.page.locator("article.option")).to_have_count(6)

    assert window.page.locator("#page img").count() == 0
    assert HOSTILE in cards(window)


def test_the_next_contact_is_one_without_a_list_this_week_until_none_is_left(window: Visit) -> None:
    names = set()
    for _ in range(3):
        window.page.wait_for_selector("article.option")
        names.add(window.page.inner_text("#contact h1"))
        seen = window.page.inner_text("#contact")
        window.page.keyboard.press("n")
        expect(window.page.locator("#contact")).not_to_have_text(seen, use_inner_text=True)
    expect(window.page.locator(".empty")).to_contain_text("Every contact has had a list this week")

    assert names == {"Ann Miller", HOSTILE, "Cid Okafor"}


@pytest.mark.parametrize(("reason", "rests"), [("5", "contact"), ("6", "account")])
def test_a_contact_that_rests_says_until_when_and_the_next_one_follows(window: Visit, reason: str, rests: str) -> None:
    open_contact(window, "Ann Miller")
    window.page.keyboard.press("d")
    expect(window.page.locator(".menu.open")).to_have_count(1)
    window.page.keyboard.press(reason)
    told = window.page.locator(".empty")
    expect(told).to_contain_text(f"The {rests} rests until 4 Dec: it was discarded.")
    window.page.keyboard.press("n")

    expect(window.page.locator("#contact h1")).not_to_have_text("Ann Miller")


def test_at_360_pixels_nothing_is_cut_off(open_window: Callable[..., Visit], make_key: Callable[..., str]) -> None:
    visit = open_window(360, 760)
    visit.log_in(make_key("feedback"))
    visit.page.wait_for_selector("article.option")
    wide = visit.page.evaluate("document.documentElement.scrollWidth")
    picture(visit, "inbox_360")
    visit.page.locator("article.option").first.get_by_role("button", name="Discard").click()
    visit.page.get_by_role("button", name="Wrong product for them").first.click()
    expect(visit.page.locator("#said")).to_contain_text("Noted for")

    assert wide == 360
    assert visit.errors == []


def test_when_the_key_is_revoked_the_next_action_leads_to_the_login(
    open_window: Callable[..., Visit], make_key: Callable[..., str], runtime: Runtime
) -> None:
    visit = open_window()
    visit.log_in(make_key("feedback"))
    visit.page.wait_for_selector("article.option")
    revoke_key(runtime.redis, "default", list_keys(runtime.redis, "default")[0].key_id, NOW)
    visit.page.keyboard.press("a")

    expect(visit.page.locator("#key")).to_be_visible()


def test_a_key_without_the_scope_sees_no_inbox(open_window: Callable[..., Visit], make_key: Callable[..., str]) -> None:
    visit = open_window()
    visit.log_in(make_key("read"))

    expect(visit.page.locator("#page")).to_contain_text("needs a key with the scope 'feedback'")


def test_one_finds_contacts_by_id_and_by_part_of_a_name(runtime: Runtime, shop: Store) -> None:
    del shop

    assert list(find_contacts(runtime, "default", "c3")[0]) == ["c3"]
    assert list(find_contacts(runtime, "default", "okaf")[0].values()) == ["Cid Okafor"]
    assert find_contacts(runtime, "default", "nobody") == ({}, True)


def test_the_next_contact_is_not_the_one_just_done(runtime: Runtime, shop: Store) -> None:
    del shop
    first = next_contact(runtime, "default", None)
    second = next_contact(runtime, "default", first)

    assert first is not None
    assert second not in (first, None)
