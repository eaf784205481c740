"""Three sentences about the last month, from figures."""

from dataclasses import replace

import pytest

from dog.console.console_app import create_console
from dog.console.desk.month_words import describe_month, describe_move
from dog.core.learning.pitch_cohorts import Cohort
from dog.services.desk.largest_moves import PairMove, Reason
from dog.services.desk.month_review import GroupRate, MonthReview
from dog.services.runtime import Runtime

MONTH = Cohort(pitches=100, won=5, lost=20, expected=9.0, scored=100, to_come=3.0)
BEFORE = Cohort(pitches=80, won=12, lost=68)
COFFEE = GroupRate(group="product", value="p1", pitches=40, rate=0.3, other=0.1)
GOLD = GroupRate(group="segment", value="gold", pitches=40, rate=0.05, other=0.2)
REVIEW = MonthReview(
    month=MONTH, before=BEFORE, against_before="less", against_expected="same", moved=COFFEE, look_at=GOLD
)


def test_a_month_is_told_in_three_sentences(runtime: Runtime) -> None:
    with create_console(runtime).test_request_context():
        said = describe_month(REVIEW, {"p1": "Coffee"})

    assert said[0] == (
        "100 pitches in the last four weeks (80 in the four weeks before): 5 won so far, "
        "and about 8.0 % will have won once all are settled."
    )
    assert said[1:] == [
        "That is less than in the four weeks before (15.0 %), and about as many as the models expected (9.0 %).",
        "Moved most: Coffee, 30.0 % after 10.0 %; look at segment gold, 5.0 % where the models expected 20.0 %.",
    ]


def test_what_is_not_known_is_not_told(runtime: Runtime) -> None:
    alone = replace(REVIEW, before=Cohort(), against_before=None, against_expected=None, moved=None, look_at=None)
    with create_console(runtime).test_request_context():
        assert describe_month(replace(alone, month=Cohort()), {}) == ["No pitch was made in the last four weeks."]
        said = describe_month(alone, {})
        channel = replace(GOLD, group="channel", value="phone")
        about_channel = describe_month(replace(alone, against_before="same", look_at=channel), {})

    assert said[1] == "There is nothing to compare that with yet."
    assert said[2].startswith("No product, channel or segment moved")
    assert about_channel[1] == "That is about as many as in the four weeks before (–)."
    assert about_channel[2] == "Look at channel phone: 5.0 % where the models expected 20.0 %."


@pytest.mark.parametrize(
    ("reason", "expected", "said"),
    [
        ("won", 0.41, "2 of 3 won, 0.4 expected"),
        ("lost", 0.0, "2 of 3 won"),
        ("faded", 0.0, "fade: old evidence counts for less"),
        ("others", 0.0, "what other pairs of its product taught"),
    ],
)
def test_a_move_has_a_reason(reason: Reason, expected: float, said: str, runtime: Runtime) -> None:
    move = PairMove(contact=b"", product=0, before=1.0, after=2.0, wins=2, losses=1, expected=expected, reason=reason)
    with create_console(runtime).test_request_context():
        assert describe_move(move) == said
