"""Channels compared with each other: known answers, and how little evidence leaves the default alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.learning.attribute_ratios import (
    LearnedValues,
    ValueRatio,
    ValueRecords,
    ValueTally,
    contact_ratios,
    segment_ratios,
)
from dog.core.records import VALUE_COUNTS

DEFAULT, OTHER = "email", "call"
tallies = st.builds(
    lambda won, lost, mean, weeks: ValueTally(won, won + lost, (won + lost) * mean, weeks),
    st.integers(0, 200),
    st.integers(0, 2000),
    st.floats(0.001, 0.5),
    st.integers(1, 60),
)


def records(
    segment: dict[str, ValueTally] | None = None,
    contact: dict[str, ValueTally] | None = None,
    trust: tuple[float, float] = (0.5, 0.5),
) -> ValueRecords:
    return ValueRecords(segment=segment_ratios(segment or {}), contact=contact_ratios(contact or {}), trust=trust)


def first(known: ValueRecords) -> str:
    return known.in_order([DEFAULT, OTHER])[0]


def test_a_segments_ratios_are_those_of_the_formula() -> None:
    found = segment_ratios({DEFAULT: ValueTally(6, 60, 6.0, 8), OTHER: ValueTally(6, 20, 2.0, 8)})
    damping = 1 / (1 + 3 / 8)  # 12 wins, 8 expected: each expected win counts 1.5

    assert found[OTHER].expected == pytest.approx(3)
    assert found[OTHER].ratio == pytest.approx((5 + damping * 6) / (5 + damping * 3))
    assert found[OTHER].chance == pytest.approx((damping * 3 + 0.5) / (5 + damping * 3) ** 2)


def test_a_contact_is_compared_with_what_is_expected_of_its_own_pitches() -> None:
    found = contact_ratios({DEFAULT: ValueTally(0, 5, 0.5), OTHER: ValueTally(2, 2, 0.2)})

    assert found[OTHER].expected == pytest.approx(2 * 0.2 / 0.7)
    assert found[OTHER].ratio == pytest.approx(4 / (2 + 2 * 0.2 / 0.7))


def test_a_channel_that_is_the_only_one_is_as_good_as_itself_whatever_the_models_expected() -> None:
    assert segment_ratios({OTHER: ValueTally(40, 100, 5.0, 10)})[OTHER].ratio == 1
    assert contact_ratios({OTHER: ValueTally(3, 9, 0.1)})[OTHER].ratio == 1


@given(st.dictionaries(st.sampled_from("abcd"), tallies, min_size=1))
def test_values_are_compared_with_each_other_alone(of: dict[str, ValueTally]) -> None:
    found = segment_ratios(of)
    doubled = segment_ratios({value: tally._replace(expected=2 * tally.expected) for value, tally in of.items()})

    assert sum(one.expected for one in found.values()) <= sum(one.wins for one in found.values()) * (1 + 1e-9)
    for value, one in found.items():
        assert doubled[value] == pytest.approx(one)
    assert all(one.ratio > 0 for one in found.values())


@given(tallies, tallies)
def test_one_more_win_never_lowers_a_value(one: ValueTally, other: ValueTally) -> None:
    more = one._replace(wins=one.wins + 1, pitches=one.pitches + 1)
    before, after = (contact_ratios({OTHER: it, DEFAULT: other}) for it in (one, more))

    assert after[OTHER].ratio >= before[OTHER].ratio * (1 - 1e-12)


def test_without_records_the_first_allowed_value_stays_first() -> None:
    assert records().in_order(["a", "b", "c"]) == ["a", "b", "c"]
    assert records().factor("a") == 1


@pytest.mark.parametrize("lost", [0, 1, 2, 5, 20, 1000])
def test_one_win_by_another_channel_does_not_replace_the_default(lost: int) -> None:
    mean = 0.2
    known = records(contact={DEFAULT: ValueTally(0, lost, lost * mean), OTHER: ValueTally(1, 1, mean)})

    assert first(known) == DEFAULT


def test_some_wins_where_the_default_has_none_replace_it() -> None:
    known = records(contact={DEFAULT: ValueTally(0, 8, 1.6), OTHER: ValueTally(3, 3, 0.6)})

    assert first(known) == OTHER
    assert known.factor(OTHER) > 1 > known.factor(DEFAULT)


def test_a_segment_that_wins_twice_as_often_by_call_is_called_after_some_weeks_and_not_after_one() -> None:
    def after(weeks: int) -> ValueRecords:
        each = 10 * weeks
        return records(
            {DEFAULT: ValueTally(each, 10 * each, each, weeks), OTHER: ValueTally(2 * each, 10 * each, each, weeks)}
        )

    assert first(after(1)) == DEFAULT
    assert first(after(12)) == OTHER


def test_a_contact_for_whom_the_segments_best_fails_gets_the_default_again() -> None:
    segment = {DEFAULT: ValueTally(150, 1500, 150, 15), OTHER: ValueTally(300, 1500, 150, 15)}
    against = {DEFAULT: ValueTally(6, 10, 1.0), OTHER: ValueTally(0, 10, 1.0)}

    assert first(records(segment)) == OTHER
    assert first(records(segment, against)) == DEFAULT


def test_a_channel_that_was_never_tried_does_not_replace_one_that_fails() -> None:
    of = {DEFAULT: ValueTally(100, 10_000, 1000, 60), OTHER: ValueTally(3000, 10_000, 1000, 60)}

    assert records(of).in_order([DEFAULT, "post"]) == [DEFAULT, "post"]
    assert records(of).in_order(["post", DEFAULT, OTHER])[0] == OTHER


def test_a_channel_that_is_not_trusted_changes_nothing() -> None:
    segment = {DEFAULT: ValueTally(100, 1000, 100, 26), OTHER: ValueTally(300, 1000, 100, 26)}

    assert first(records(segment, trust=(0.0, 0.0))) == DEFAULT
    assert records(segment, trust=(0.0, 0.0)).factor(OTHER) == 1


@pytest.mark.parametrize(("pitches", "others"), [(4, 0.5), (10, 0.1), (10, 0.5), (30, 0.1), (30, 0.5)])
def test_where_channels_are_alike_few_contacts_leave_the_default(pitches: int, others: float) -> None:
    rng, changed = np.random.default_rng(1), 0
    for _ in range(1000):
        calls = int(rng.binomial(pitches, others))
        of = {DEFAULT: pitches - calls, OTHER: calls}
        own = {value: ValueTally(int(rng.binomial(n, 0.1)), n, 0.1 * n) for value, n in of.items() if n}
        changed += first(records(contact=own)) == OTHER

    assert changed <= 50


@pytest.mark.parametrize(("weekly", "weeks"), [(10, 8), (10, 26), (100, 8), (100, 26)])
def test_where_channels_are_alike_few_segments_leave_the_default(weekly: int, weeks: int) -> None:
    rng, changed = np.random.default_rng(2), 0
    for _ in range(1000):
        calls = int(rng.binomial(weekly * weeks, 0.3))
        of = {DEFAULT: weekly * weeks - calls, OTHER: calls}
        own = {value: ValueTally(int(rng.binomial(n, 0.1)), n, 0.1 * n, weeks) for value, n in of.items()}
        changed += first(records(own)) == OTHER

    assert changed <= 40


def test_what_a_version_describes_is_read_by_name_and_a_stated_trust_replaces_the_learned_one() -> None:
    described = {
        "segments": {"gold": {DEFAULT: [1, 20, 2.0, 4], OTHER: [8, 20, 2.0, 4]}},
        "numbers": {DEFAULT: 1, OTHER: 2},
        "trust": {"segment": 0.4, "contact": 0.6},
    }
    own = np.array([(0, 2, 1, 3, 0.3), (0, 1, 0, 2, 0.2), (0, 9, 1, 1, 0.1)], VALUE_COUNTS)
    learned = LearnedValues.read(described, None)

    assert LearnedValues.read(described, (0.0, 1.0)).trust == (0.0, 1.0)
    assert learned.of("gold", own[:0]).segment[OTHER].wins == 8
    assert learned.of("unknown", own).segment == {}
    assert learned.of("unknown", own).contact.keys() == {DEFAULT, OTHER}  # the 9th is not a value of this version
    assert isinstance(learned.of("gold", own).contact[OTHER], ValueRatio)
