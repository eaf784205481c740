"""The curves over past win rates and pitches seen, in worlds whose truth is known."""

from tests.offline.evaluation.test_win_rate_advice import DIFFER, EQUAL, weigh


def test_shrinking_helps_most_where_few_pitches_were_seen() -> None:
    curve = {point.label: point.figures for point in weigh(DIFFER).few_shot}

    assert curve["0"]["shrunk rate"].value == curve["0"]["product's rate"].value
    assert curve["1"]["shrunk rate"].value < curve["1"]["raw rate"].value - 0.05
    assert curve["10 to 19"]["shrunk rate"].high < curve["10 to 19"]["product's rate"].value


def test_next_wins_rise_with_past_wins_only_where_pairs_differ() -> None:
    differ = [point.figures["next_rate"] for point in weigh(DIFFER).next_by_rate[1:]]
    equal = [point.figures["next_rate"] for point in weigh(EQUAL).next_by_rate[1:]]

    assert differ[-1].low > differ[0].high
    assert equal[-1].low < 0.12 < equal[-1].high
