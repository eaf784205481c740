from datetime import date
from typing import Any

import numpy as np
import pytest

from dog.core.kernels.rank_by_rules import FALSE, TRUE, UNKNOWN
from dog.core.rulebook import contact_facts
from tests.core.rulebook.test_rule_tables import tables


def test_values_that_conditions_take_for_different_ones_have_states_of_their_own() -> None:
    made = tables("contact.vip", "contact.age = 1")
    values = [(True, True), (True, 1), (1, 1.0), (1.0, True), (None, None), ("1", "1")]
    given = [{"contact.vip": [vip], "contact.age": [age]} for vip, age in values]
    fresh = [tables("contact.vip", "contact.age = 1").of_contacts.read(one, {}, 1).states.tolist() for one in given]

    assert [made.of_contacts.read(one, {}, 1).states.tolist() for one in given] == fresh


def test_many_contacts_have_the_states_that_each_has_alone() -> None:
    made = tables("contact.age > 30 AND context.hour < 12", "contact.segment = 'gold'")
    ages, segments = [20.0, 40.0, None], ["gold", None, "iron"]
    together = made.of_contacts.read({"contact.age": ages, "contact.segment": segments}, {"hour": 8}, 3).states
    alone = [
        made.of_contacts.read({"contact.age": [age], "contact.segment": [segment]}, {"hour": 8}, 1)
        .states[:, 0]
        .tolist()
        for age, segment in zip(ages, segments, strict=True)
    ]

    assert together.T.tolist() == alone == [[FALSE, TRUE], [TRUE, UNKNOWN], [UNKNOWN, FALSE]]


def test_states_are_kept_of_a_bounded_number_of_values(monkeypatch: Any) -> None:
    monkeypatch.setattr(contact_facts, "MOST_CACHED", 3)
    made = tables("contact.age > 30")
    for age in range(10):
        made.of_contacts.read({"contact.age": [float(age)]}, {}, 1)

    assert max(len(fact.cached) for _, fact in made.of_contacts.parts) <= 3


def test_what_programs_read_and_what_is_null_is_that_of_many_contacts() -> None:
    made = tables("contact.age + context.hour > score.cf", "contact.segment IS NULL OR score.cf > 1")
    ages, segments = [20.0, None], ["gold", None]
    given: dict[str, list[Any]] = {"contact.age": ages, "contact.segment": segments}

    together = made.of_contacts.read(given, {"hour": 8}, 2)
    alone = [
        made.of_contacts.read({name: [values[place]] for name, values in given.items()}, {"hour": 8}, 1)
        for place in (0, 1, 0)
    ]

    assert together.nulls.T.tolist() == [[False, False, False], [True, True, False]]
    for place, one in zip((0, 1, 0), alone, strict=True):
        np.testing.assert_array_equal(one.values[:, 0], together.values[:, place])
        np.testing.assert_array_equal(one.nulls[:, 0], together.nulls[:, place])


@pytest.mark.parametrize(
    ("when", "value"),
    [
        ("context.hour > 8", np.array([9.0])),
        ("context.season = '2026-01-01'", date(2026, 1, 1)),
        ("context.season <> 'q4'", "long" * 100),
    ],
)
def test_a_value_that_is_long_or_not_of_json_is_read_each_time(when: str, value: Any) -> None:
    made = tables(when)
    (name,) = (column.removeprefix("context.") for column in made.of_contacts.attributes)

    assert made.of_contacts.read({}, {name: value}, 1).states.tolist() == [[TRUE]]
    assert not any(fact.cached for _, fact in made.of_contacts.parts)
