"""Results of shadow lists are described with their intervals where they are known."""

import pytest

from dog.console.runs.shadow_words import both_ways, count_wins, describe_wins

HELD = {"value": 0.032, "low": -0.01, "high": 0.06, "week_low": None, "week_high": None}


pytestmark = pytest.mark.usefixtures("english")


def test_too_few_wins_tell_nothing() -> None:
    assert describe_wins({"held_more": {**HELD, "low": None}}).startswith("Too few contacts")


def test_intervals_over_weeks_are_told_where_they_are_known() -> None:
    few, many = (describe_wins({"held_more": HELD | more}) for more in ({}, {"week_low": -0.02, "week_high": 0.07}))

    assert "less that on the served ones: +3.2 % (95 % interval over contacts -1.0 % to +6.0 %)." in few
    assert "weeks" not in few
    assert "Over weeks it is -2.0 % to +7.0 %." in many


def test_wins_are_counted_by_the_lists_that_held_them() -> None:
    wins = {"both": 4, "served": 3, "challenger": 2, "neither": 1}

    assert count_wins({"wins": wins})[1:3] == [("the served list alone", 3), ("the challenger's list alone", 2)]


def test_gains_come_before_losses() -> None:
    assert both_ways({"gain": {"p4": 3}, "lose": {"p1": -3}}) == [("p4", 3), ("p1", -3)]
