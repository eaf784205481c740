"""A contact's list on the page."""

from tests.console.conftest import HOSTILE
from tests.console.inbox.conftest import Rep

NAMES = ["Fax machine", "Desk phone", "Standing desk", "Office chair", HOSTILE, "Whiteboard"]


def test_the_options_are_shown_best_first_and_names_that_look_like_html_as_they_are(rep: Rep) -> None:
    shown = rep.open("c1")
    places = [shown.index(f"<h2>{name}</h2>") for name in NAMES if name != HOSTILE]

    assert places == sorted(places)
    assert HOSTILE not in shown + rep.open("c2")
    assert "<h2>&lt;img src=x onerror=alert(1)&gt;</h2>" in shown


def test_the_same_decision_id_shows_the_same_list(rep: Rep) -> None:
    assert rep.open("c1", "d1") == rep.open("c1", "d1")
