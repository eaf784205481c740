"""What a card shows of an item."""

import re
from html import unescape

import orjson
import pytest

from dog.storage.store import Store
from tests.console.inbox.conftest import Rep


def first_card(rep: Rep, contact_id: str = "c1") -> str:
    return rep.open(contact_id).partition("</article>")[0]


def words(html: str) -> str:
    """Return the text of a part of the page, as one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_the_lines_of_a_menu_hold_what_they_add_to_the_event(rep: Rep) -> None:
    adds = [orjson.loads(unescape(text)) for text in re.findall(r'data-adds="([^"]*)"', first_card(rep))]

    assert adds[1] == {"reason": {"trigger": "market"}}
    assert adds[9] == {}
    assert adds[10] == {"replace": {"attribute": "channel", "from": "call", "to": "email"}}


def test_a_card_tells_the_chance_the_way_and_its_factors(rep: Rep) -> None:
    shown = words(first_card(rep))

    assert "Fax machine" in shown
    assert "6 in 10 (60 %)" in shown
    assert "call (the first choice)" in shown
    assert "Receipt o Chance by the models 60.0 % = rank value 0.600" in shown


def test_a_chance_has_a_word_once_the_usual_one_is_known(
    rep: Rep, published: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    del published
    monkeypatch.setattr("dog.services.lists.pair_facts.LEAST_SETTLED", 10)
    shown = first_card(rep)
    chance = words(shown.partition('class="chance">')[2].partition("</p>")[0])

    assert re.fullmatch(r"(Very good|Good|Usual|Low|Very low), \d+ in \d+ \(\d+ %\)", chance), chance


def test_all_numbers_of_the_score_are_at_hand_for_the_script(rep: Rep) -> None:
    (packed,) = re.findall(r'data-receipt="([^"]*)"', first_card(rep))
    rows = dict(orjson.loads(unescape(packed)))

    assert rows["consolidated"].startswith("0.6")
    assert "performance multiplier" in rows
    assert "<table" not in first_card(rep)


def test_a_card_has_a_field_for_a_note(rep: Rep) -> None:
    assert re.search(r'<input[^>]*data-note[^>]*aria-label="Note for Fax machine"', first_card(rep))
