"""The second part of a reason, as a rep sees it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.console.conftest import Visit
from tests.console.test_inbox_page import open_contact

pytestmark = pytest.mark.browser


def reasons(visit: Visit) -> list[str]:
    """Read the second parts of the first card's reasons, in the order of their keys."""
    return visit.page.locator("article.option").first.locator(".menu.reasons .does").all_inner_texts()


def open_reasons(visit: Visit) -> None:
    """Open the reasons of a contact's first card by keyboard, once its list is on the page."""
    open_contact(visit, "Ann Miller")
    visit.page.keyboard.press("d")
    expect(visit.page.locator(".menu.open")).to_have_count(1)


def test_each_reason_names_what_it_does_before_it_is_pressed(
    open_window: Callable[..., Visit], make_key: Callable[..., str]
) -> None:
    visit = open_window()
    visit.log_in(make_key("feedback"))
    open_reasons(visit)

    assert reasons(visit) == [
        "rests Fax machine for Ann Miller for 14 days, then lowers it",
        "rests Fax machine for Ann Miller; 1 more vote lowers the category office in segment gold",
        "rests Fax machine for Ann Miller; 2 more of your verdicts lower the category office in your lists",
        "rests Fax machine for Ann Miller for 14 days, then lowers it",
        "rests Ann Miller for 14 days",
        "rests all contacts of account a1 for 14 days",
        "rests Fax machine for Ann Miller; 1 more lowers this model for this contact",
        "rests Fax machine for Ann Miller; call is chosen last for this contact",
        "rests Fax machine for Ann Miller; morning is chosen last for this contact",
        "rests Fax machine for Ann Miller for 14 days, then lowers it",
    ]


def test_the_votes_so_far_change_what_a_reason_says(
    open_window: Callable[..., Visit], make_key: Callable[..., str]
) -> None:
    for number in range(2):
        visit = open_window()
        visit.log_in(make_key("feedback"))
        open_reasons(visit)
        told = reasons(visit)[1]
        visit.page.keyboard.press("2")
        expect(visit.page.locator("#said")).to_contain_text("Noted for Ann Miller")
        if number == 0:
            expect(visit.page.locator("#said")).to_contain_text(
                "1 of 2 votes to lower office in segment gold. Instead: Standing desk, by call in the morning."
            )
            assert reasons(visit)[1].endswith("; 1 more vote of others lowers the category office in segment gold")

    assert told.endswith("; lowers the category office in segment gold; 1 more vote lowers it for everybody")
    expect(visit.page.locator("#said")).to_contain_text("office is lowered ×0.82 in segment gold until 12 Mar.")


def test_the_label_of_an_admin_names_everybody(window: Visit) -> None:
    open_contact(window, "Ann Miller")

    assert reasons(window)[2] == "rests Fax machine for Ann Miller; lowers the category office for everybody"
