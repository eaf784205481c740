"""Verdicts beyond one contact: who voted, what acts until when, and what an admin lifts."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from dog.console.verdicts_page import PAGE_ROWS, scope_title
from dog.core.iso_weeks import iso_time
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.list_verdicts import list_verdicts
from dog.services.runtime import Runtime
from dog.storage.api_keys import list_keys
from dog.storage.audit_log import read_audit_entries
from dog.storage.sender import Sender
from dog.storage.store import Store
from tests.console.conftest import HOSTILE, Visit, picture


def discard(runtime: Runtime, voter: int, contact_id: str, reason: dict[str, str], **more: Any) -> None:
    event = {
        "event_id": f"v{voter}-{contact_id}-{more.get('product_id', 'p1')}",
        "type": "discard",
        "contact_id": contact_id,
        "product_id": "p1",
        "occurred_at": iso_time(runtime.clock()),
        "actor_id": f"rep {voter}",
        "reason": reason,
        **more,
    }
    sender = Sender(key_id=f"k{voter}", names_actors=True)
    answer = answer_feedback(runtime, "default", [event], substitute=False, sender=sender)
    assert answer["accepted"] == 1


def discard_for_the_market(runtime: Runtime, voter: int, contact_id: str = "c1") -> None:
    """Vote against the category office."""
    discard(runtime, voter, contact_id, {"trigger": "market"})


def rows(visit: Visit) -> list[str]:
    expect(visit.page.locator("#verdicts-table tbody tr").first).to_be_visible()
    return [" ".join(text.split()) for text in visit.page.locator("tbody tr").all_inner_texts()]


@pytest.mark.browser
def test_verdicts_are_listed_in_words_and_lifted_by_an_admin(window: Visit, runtime: Runtime) -> None:
    for voter, contact in enumerate(("c1", "c2")):
        discard_for_the_market(runtime, voter, contact)
    window.page.click("text=Verdicts")
    acting, waiting = rows(window)
    picture(window, "verdicts")
    button = window.page.get_by_role("button", name="Lift: office, Segment gold")
    button.focus()
    window.page.keyboard.press("Enter")
    expect(window.page.locator("#said")).to_contain_text("Lifted")
    expect(window.page.locator("tbody tr").first).to_contain_text("lifted")
    left = [row["scope"] for row in list_verdicts(runtime, "default")["items"]]
    audited = [entry for _, entry in read_audit_entries(runtime.redis, "default", limit=10)]
    lifted = next(entry for entry in audited if entry["act"] == "verdict.lift")

    assert acting.startswith("Segment gold category office market lowers ×0.82 12 Mar 2 of 2 against by rep 0, rep 1")
    assert f"2 contacts {HOSTILE}, Ann Miller" in acting or f"2 contacts Ann Miller, {HOSTILE}" in acting
    assert "1 product Fax machine" in acting
    assert waiting.startswith("Everybody category office market none yet 2 of 3 against by rep 0, rep 1")
    assert left == ["tenant"]
    assert lifted["name"] == "Ada"


@pytest.mark.browser
def test_a_key_is_named_and_who_may_only_read_has_no_button(
    open_window: Callable[..., Visit], make_key: Callable[..., str], runtime: Runtime
) -> None:
    visit = open_window()
    visit.log_in(make_key("read"))
    key_id = list_keys(runtime.redis, "default")[0].key_id
    event = {
        "event_id": "e1",
        "type": "discard",
        "contact_id": "c3",
        "occurred_at": iso_time(runtime.clock()),
        "reason": {"trigger": "discomfort", "attribute": "account"},
    }
    answer_feedback(runtime, "default", [event], substitute=False, sender=Sender(key_id=key_id))
    visit.page.click("text=Verdicts")

    assert rows(visit)[0].startswith(
        "Account a2 all its contacts rests 4 Dec 1 of 1 against by Ada 1 contact Cid Okafor"
    )
    assert visit.page.get_by_role("button", name="Lift").count() == 0
    assert visit.errors == []


@pytest.mark.browser
def test_a_page_without_verdicts_says_so(window: Visit) -> None:
    window.page.click("text=Verdicts")

    expect(window.page.locator(".empty")).to_contain_text("There are none")
    expect(window.page.locator("#verdicts-next")).to_have_count(0)


@pytest.mark.browser
def test_more_verdicts_than_a_page_holds_are_on_the_next(window: Visit, runtime: Runtime, shop: Store) -> None:
    contacts = [{"contact_id": f"d{n}", "account_id": f"b{n}"} for n in range(PAGE_ROWS + 1)]
    import_rows(shop, "contacts", contacts, runtime.settings.zone)
    about = {"trigger": "discomfort", "attribute": "account"}
    for number in range(PAGE_ROWS + 1):
        discard(runtime, 0, f"d{number}", about, event_id=f"e{number}")
    window.page.click("text=Verdicts")
    first = rows(window)
    window.page.click("#verdicts-next")
    expect(window.page.locator("tbody tr")).to_have_count(1)
    last = rows(window)
    window.page.click("#verdicts-first")
    expect(window.page.locator("tbody tr")).to_have_count(PAGE_ROWS)

    assert len(first) == PAGE_ROWS
    assert not set(first) & set(last)


def test_a_title_names_where_votes_act() -> None:
    def title(scope: str, within: str | None = None) -> str:
        return scope_title({"scope": scope, "within": within, "subject": "a1"})

    assert [title("segment", "gold"), title("segment"), title("tenant"), title("admin")] == [
        "Segment gold",
        "Contacts without a segment",
        "Everybody",
        "Everybody",
    ]
    assert (title("actor", "Ann"), title("account")) == ("Lists of Ann", "Account a1")
