"""Sums for the priors: exact for any order and pieces."""

from dataclasses import fields

import numpy as np

from dog.core.learning.absorption import take_out
from dog.core.learning.evidence import Evidence
from dog.core.learning.priors import PairSums, add_sums, fit_priors, sum_pairs, take_out_of_sums


def test_neither_order_nor_pieces_move_the_priors_by_a_bit() -> None:
    random = np.random.default_rng(3)
    product = random.integers(0, 7, 5000)
    pitches = random.random(5000) * 30
    wins, expected = pitches * random.random(5000), pitches * random.random(5000) * 0.3
    scored = np.where(random.random(5000) < 0.5, pitches, 0.0)
    evidence = {"wins": wins, "pitches": pitches, "expected": expected, "scored": scored}
    order = random.permutation(5000)
    shuffled = {name: values[order] for name, values in evidence.items()}
    pieces = [
        sum_pairs(product[order][part], Evidence(**{name: values[part] for name, values in shuffled.items()}), 7)
        for part in (slice(0, 17), slice(17, 4000), slice(4000, None))
    ]

    whole = fit_priors(sum_pairs(product, Evidence(**evidence), 7))
    joined = fit_priors(add_sums(pieces, 7))

    for name in whole.__slots__:
        np.testing.assert_array_equal(getattr(whole, name), getattr(joined, name))


def test_the_numbers_of_the_products_do_not_matter() -> None:
    random = np.random.default_rng(4)
    product = random.integers(0, 50, 2000)
    pitches = random.random(2000) * 9
    wins = pitches * random.random(2000)
    evidence = Evidence(wins=wins, pitches=pitches, expected=0 * pitches, scored=0 * pitches)
    renamed = random.permutation(50)

    first = fit_priors(sum_pairs(product, evidence, 50))
    second = fit_priors(sum_pairs(renamed[product], evidence, 50))

    assert first.pair_strength == second.pair_strength
    assert first.product_strength == second.product_strength
    np.testing.assert_array_equal(first.product_rates, second.product_rates[renamed])


def test_taking_a_share_out_of_sums_is_summing_what_is_left() -> None:
    product, share = np.array([0, 0, 1]), 0.25
    whole = Evidence(
        wins=np.array([2.0, 1.0, 3.0]),
        pitches=np.array([4.0, 2.0, 8.0]),
        expected=np.array([1.0, 0.5, 2.0]),
        scored=np.array([4.0, 2.0, 8.0]),
    )
    some = np.array([True, False, True])
    left = take_out(whole, np.where(some, share, 0.0))
    found = take_out_of_sums(sum_pairs(product, whole, 2), sum_pairs(product[some], whole.take(some), 2), share)

    for field in fields(PairSums):
        expected = getattr(sum_pairs(product, left, 2), field.name).sum(axis=0)
        np.testing.assert_allclose(getattr(found, field.name).sum(axis=0), expected, rtol=1e-12)
