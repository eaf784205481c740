"""The console of a German browser: what a rep reads is German, sentences of the service included."""

import re
from collections.abc import Callable

import pytest

from dog.storage.store import Store
from tests.console.conftest import Visit

pytestmark = pytest.mark.browser
ENGLISH = re.compile(
    r"\b(?:about|and|by|for|is|like|not|of|on|that|the|this|what|where|with|yet|you|your)\b", re.IGNORECASE
)


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
    window.go("/#c1")
    window.page.wait_for_selector("article.option")
    window.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    reasons = window.page.locator("article.option .why").all_inner_texts()

    assert any("gekauft" in reason and "angeboten" in reason for reason in reasons), reasons
    assert english_lines(window.page.locator("main").inner_text()) == []
    assert (
        english_lines(
            "\n".join(one.get_attribute("aria-label") or "" for one in window.page.locator("[aria-label]").all())
        )
        == []
    )
