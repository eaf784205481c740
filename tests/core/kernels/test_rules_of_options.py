import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.kernels.rank_by_rules import TRUE, UNKNOWN
from dog.core.kernels.rules_of_options import fired_rules, unknown_rules


def test_of_the_acting_rules_those_that_hold_are_marked() -> None:
    states = np.array([[2, 1, 0], [2, 2, 2], [0, 1, 2]], np.int8)

    assert fired_rules(np.array([2, 0]), states, np.array([0, 2])).tolist() == [[False, True], [True, False]]


@given(st.integers(0, 2**32 - 1))
def test_unknown_rules_come_with_the_columns_that_are_null(seed: int) -> None:
    random = np.random.default_rng(seed)
    rules, products, starts = int(random.integers(0, 5)), random.integers(0, 4, 9), np.array([0, 3, 3, 9])
    states = random.integers(0, TRUE + 1, (rules, 9)).astype(np.int8)
    sizes = random.integers(0, 4, rules)
    columns, bounds = random.integers(0, 2 + 2 + 1 + 2 + 1, sizes.sum()), np.cumsum([0, *sizes])
    calculates, of_products, of_contacts = random.random(rules) < 0.3, random.random((2, 4)) < 0.2, np.eye(2, 3) > 0
    raw, factors, history = (np.where(random.random((n, 9)) < 0.2, np.nan, 1.0) for n in (1, 9, 1))
    rows = random.permutation(9)[: int(random.integers(0, 6))]
    owners = np.repeat(np.arange(3), np.diff(starts))
    nulls = np.concatenate(
        [of_products[:, products], of_contacts[:, owners], np.isnan(np.concatenate([raw, factors[1:3], history]))]
    )
    found = unknown_rules(
        rows, starts, products, states, columns, bounds, calculates, of_products, of_contacts, raw, factors, history
    )
    own = [columns[bounds[rule] : bounds[rule + 1]] for rule in range(rules)]
    shown = [calculates[rule] or nulls[own[rule]][:, rows].any() for rule in range(rules)]
    expected = np.zeros((len(rows), rules + len(columns)), bool)
    for place, row in enumerate(rows.tolist()):
        for rule in range(rules):
            if shown[rule] and states[rule, row] == UNKNOWN:
                expected[place, rule] = True
                expected[place, rules + bounds[rule] : rules + bounds[rule + 1]] = nulls[own[rule], row]

    assert found.tolist() == expected.tolist()
