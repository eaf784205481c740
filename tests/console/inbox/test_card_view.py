"""What a card shows of an item."""

import re
from html import unescape

import orjson

from tests.console.inbox.conftest import Rep


def test_the_lines_of_a_menu_hold_what_they_add_to_the_event(rep: Rep) -> None:
    first = rep.open("c1").partition("</article>")[0]
    adds = [orjson.loads(unescape(text)) for text in re.findall(r'data-adds="([^"]*)"', first)]

    assert adds[1] == {"reason": {"trigger": "market"}}
    assert adds[9] == {}
    assert adds[10] == {"replace": {"attribute": "channel", "from": "call", "to": "email"}}


def test_the_receipt_lists_every_number_of_the_score(rep: Rep) -> None:
    first = rep.open("c1").partition("</article>")[0]

    assert "consolidated</th><td>0.6" in first
    assert ">performance multiplier</th>" in first
