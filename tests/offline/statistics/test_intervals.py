"""The bootstrap over contacts: covers the truth, and is as wide as few contacts make it."""

import numpy as np
import pytest

from dog.offline.statistics.intervals import MIN_CONTACTS, bootstrap, bootstrap_mean


def test_the_interval_covers_the_truth_where_the_contacts_differ() -> None:
    covered = 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        own = chance.beta(2, 6, 120)
        contact = np.repeat(np.arange(120), 8)
        wins = (chance.random(960) < own[contact]).astype(float)
        found = bootstrap_mean(contact, wins, seed=seed)
        covered += found.low <= 0.25 <= found.high

    assert 0.90 <= covered / 200 <= 0.99


def test_contacts_repeated_make_no_interval_narrower() -> None:
    wins = (np.random.default_rng(0).random(100) < 0.3).astype(float)
    contact = np.arange(100)

    once = bootstrap_mean(contact, wins)
    tenfold = bootstrap_mean(np.tile(contact, 10), np.tile(wins, 10))

    assert (tenfold.low, tenfold.high) == pytest.approx((once.low, once.high))


def test_both_ways_to_bootstrap_a_mean_agree() -> None:
    chance = np.random.default_rng(0)
    contact, values = chance.integers(0, 50, 300), chance.random(300)

    slow = bootstrap(contact, lambda weights: float(np.average(values, weights=weights)), seed=3)
    quick = bootstrap_mean(contact, values, seed=3)

    assert (slow.value, slow.low, slow.high) == pytest.approx((quick.value, quick.low, quick.high))


def test_too_few_contacts_get_no_interval() -> None:
    found = bootstrap_mean(np.arange(MIN_CONTACTS - 1), np.ones(MIN_CONTACTS - 1))

    assert found.value == 1
    assert np.isnan(found.low)
    assert np.isnan(found.high)


def test_the_same_seed_gives_the_same_interval() -> None:
    contact, values = np.arange(60), np.random.default_rng(0).random(60)

    assert bootstrap_mean(contact, values, seed=1) == bootstrap_mean(contact, values, seed=1)
    assert bootstrap_mean(contact, values, seed=1) != bootstrap_mean(contact, values, seed=2)
