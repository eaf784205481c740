"""Traffic split: shares as stated, chances that come true."""

import numpy as np
import pytest

from dog.core.traffic_split import CONTROLS, assign, inclusion_chances, with_plain

SHARES = {"no_multiplier": 0.1, "no_rules": 0.2, "random_eligible": 0.3}


def test_each_variant_gets_its_share_of_the_contacts() -> None:
    draws = (np.arange(10_000) + 0.5) / 10_000
    given = [assign(draw, SHARES) for draw in draws.tolist()]

    assert {name: given.count(name) for name in set(given)} == {
        "no_multiplier": 1000,
        "no_rules": 2000,
        "random_eligible": 3000,
        "policy": 4000,
    }


def test_a_larger_last_share_takes_contacts_from_the_policy_alone() -> None:
    draws = np.random.default_rng(1).random(2000).tolist()
    moved = {
        (before, after)
        for draw in draws
        if (before := assign(draw, SHARES)) != (after := assign(draw, {**SHARES, "random_eligible": 0.4}))
    }

    assert moved == {("policy", "random_eligible")}


@pytest.mark.parametrize("k", [1, 3, 8, 20])
def test_chances_are_the_frequencies_with_which_items_come(k: int) -> None:
    chance = np.random.default_rng(k)
    options, trials = 8, 20_000
    candidates = np.array([0, 1, 2, 3, 5, 6, 7])
    lists = {
        "policy": candidates[:k],
        "no_multiplier": candidates[::-1][:k],
        "no_rules": np.arange(options)[:k],
    }
    came = np.zeros(options)
    for draw in chance.random(trials).tolist():
        variant = assign(draw, SHARES)
        came[chance.permutation(candidates)[:k] if variant == "random_eligible" else lists[variant]] += 1
    chances = inclusion_chances(options, lists, candidates, k, SHARES)

    assert np.abs(came / trials - chances).max() < 4 * 0.5 / np.sqrt(trials)
    assert ((chances >= 0) & (chances <= 1)).all()


def test_chances_add_up_to_the_length_of_the_list() -> None:
    lists = {name: np.arange(n, n + 3) for n, name in enumerate(with_plain(SHARES)) if name != "random_eligible"}

    assert inclusion_chances(9, lists, np.arange(9), 3, SHARES).sum() == pytest.approx(3.0)


def test_the_rest_goes_to_the_policy() -> None:
    assert with_plain(SHARES)["policy"] == pytest.approx(0.4)
    assert set(SHARES) == set(CONTROLS)
