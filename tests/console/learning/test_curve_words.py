"""What is said of a curve."""

from collections.abc import Iterator
from typing import Any

import pytest

from dog.console.console_app import create_console
from dog.console.learning.curve_words import fade_sentences, move_sentence, next_contacts, warning_sentences
from dog.core.learning.lap_pace import LapPace, NearContact
from dog.services.publishing.recursion_outlook import RecursionOutlook
from dog.services.runtime import Runtime

NEAR = NearContact(contact=b"1", to_go=3, weeks=2.0)


@pytest.fixture(autouse=True)
def _request(runtime: Runtime) -> Iterator[None]:
    with create_console(runtime).test_request_context():
        yield


def outlook(**given: Any) -> RecursionOutlook:
    pace = LapPace(laps_between=500, weeks=4.0, contacts=2, recent=12, total=400, soon=1, nearest=[NEAR])
    known: dict[str, Any] = {"pace": pace, "scope": "contact", "is_off": False, "counted_at_ms": 0, "names": ["c1"]}
    return RecursionOutlook(**{**known, **given})


def test_a_break_is_told_where_and_after_how_many_fades() -> None:
    told = warning_sentences([{"code": "bounds_broken", "win_rate": 0.125, "recursions": 1}])

    assert told == [
        "At a win rate of 12.5 % it boosts where it should reduce, or reduces where it should boost. After 1 fade."
    ]


def test_moves_are_counted_with_the_step_that_limits_them() -> None:
    told = move_sentence({"pairs": 1200, "up": 1000, "down": 5, "median": 1.1, "largest": 1.25}, 1.25)

    assert told == (
        "The next recompute moves 1,005 of 1,200 multipliers: 1,000 up, 5 down. "
        "The largest move is ×1.25; a week allows ×1.25."
    )


def test_fades_are_told_by_the_pace_of_lists() -> None:
    assert list(fade_sentences(outlook(), 15, "contact")) == [
        "Lists of a contact each week: 1.5. 15 lists take 2 months.",
        "1 contact will fade within 4 weeks.",
    ]
    assert next_contacts(outlook()) == [{"contact_id": "c1", "to_go": 3, "time": "2 weeks"}]
    assert list(fade_sentences(outlook(scope="tenant"), 500, "tenant"))[1] == (
        "The pairs of every contact fade after 101 more lists."
    )


def test_fades_of_strength_0_name_nobody() -> None:
    assert list(fade_sentences(outlook(is_off=True), 500, "contact"))[1] == "Fading is switched off: its strength is 0."
    assert next_contacts(outlook(is_off=True)) == []
