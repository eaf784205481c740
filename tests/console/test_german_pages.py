"""The console of a German browser: what a rep reads is German, sentences of the service included."""

import re
from collections.abc import Callable

import pytest

from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.console.conftest import ADMIN, Visit

pytestmark = pytest.mark.browser
ENGLISH = re.compile(
    r"\b(?:about|and|by|for|is|like|not|of|on|that|the|this|what|where|with|yet|you|your)\b", re.IGNORECASE
)
AT = "2026-11-20T11:00:00Z"


@pytest.fixture
def window(open_window: Callable[..., Visit], make_key: Callable[..., str]) -> Visit:
    visit = open_window(locale="de-DE")
    visit.log_in(make_key())
    return visit


def english_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if ENGLISH.search(line)]


def test_no_sentence_of_the_inbox_is_english(published: Store, window: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    del published
    monkeypatch.setattr("dog.services.lists.pair_facts.LEAST_SETTLED", 10)
    page = window.page
    window.go("/#c1")
    page.wait_for_selector("article.option")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    reasons = page.locator("article.option .why").all_inner_texts()
    labels = page.evaluate("[...document.querySelectorAll('[aria-label]')].map(one => one.ariaLabel)")

    assert any("gekauft" in reason and "angeboten" in reason for reason in reasons), reasons
    assert english_lines(page.locator("main").inner_text()) == []
    assert english_lines("\n".join(labels)) == []


@pytest.mark.parametrize(
    ("product", "told"),
    [("p9", "das Produkt ist nicht im Katalog"), ("p2", "es wurde verworfen und ruht bis")],
)
def test_the_reason_why_a_product_is_not_on_a_list_is_german(
    window: Visit, runtime: Runtime, product: str, told: str
) -> None:
    discard = {"event_id": "e1", "type": "discard", "contact_id": "c1", "product_id": "p2"}
    answer_feedback(runtime, "default", [discard | {"occurred_at": AT}], substitute=False, sender=ADMIN)
    page = window.page
    window.go("/rules")
    page.fill("[name=contact_id]", "c1")
    page.fill("[name=product_id]", product)
    page.press("[name=product_id]", "Enter")
    page.wait_for_selector("#why .result")
    shown = page.locator("#why").inner_text()

    assert told in shown
    assert english_lines(shown) == []
