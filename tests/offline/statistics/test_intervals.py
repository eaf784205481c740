"""The bootstrap over contacts and weeks: covers the truth, and is as wide as few contacts, or weeks, make it."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.intervals import (
    MIN_CONTACTS,
    MIN_WEEKS,
    Clusters,
    Drawn,
    Estimate,
    bootstrap,
    bootstrap_mean,
    number,
)


def test_the_interval_covers_the_truth_where_the_contacts_differ() -> None:
    covered = 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        own = chance.beta(2, 6, 120)
        contact = np.repeat(np.arange(120), 8)
        wins = (chance.random(960) < own[contact]).astype(float)
        found = bootstrap_mean(Clusters(contact), wins, seed=seed)
        covered += found.low <= 0.25 <= found.high

    assert 0.90 <= covered / 200 <= 0.99


def test_contacts_repeated_make_no_interval_narrower() -> None:
    wins = (np.random.default_rng(0).random(100) < 0.3).astype(float)
    contact = np.arange(100)

    once = bootstrap_mean(Clusters(contact), wins)
    tenfold = bootstrap_mean(Clusters(np.tile(contact, 10)), np.tile(wins, 10))

    assert (tenfold.low, tenfold.high) == pytest.approx((once.low, once.high))


def test_both_ways_to_bootstrap_a_mean_agree() -> None:
    chance = np.random.default_rng(0)
    clusters = Clusters(chance.integers(0, 50, 300), chance.integers(0, 9, 300))
    values = chance.random(300)

    def mean(drawn: Drawn) -> Floats:
        weights = drawn.times[drawn.position]
        return np.asarray(values @ weights / weights.sum(axis=0))

    assert dataclasses.astuple(bootstrap(clusters, mean, seed=3)) == pytest.approx(
        dataclasses.astuple(bootstrap_mean(clusters, values, seed=3))
    )


@given(st.lists(st.integers(-5, 10**12), max_size=20))
def test_values_are_numbered_in_their_order(values: list[int]) -> None:
    numbers, count = number(np.array(values, np.int64))

    distinct = sorted(set(values))
    assert (numbers.tolist(), count) == ([distinct.index(value) for value in values], len(distinct))


def test_too_few_contacts_get_no_interval() -> None:
    found = bootstrap_mean(Clusters(np.arange(MIN_CONTACTS - 1)), np.ones(MIN_CONTACTS - 1))

    assert found.value == 1
    assert np.isnan(found.low)
    assert np.isnan(found.high)


def test_the_same_seed_gives_the_same_interval() -> None:
    clusters, values = Clusters(np.arange(60)), np.random.default_rng(0).random(60)

    assert bootstrap_mean(clusters, values, seed=1) == bootstrap_mean(clusters, values, seed=1)
    assert bootstrap_mean(clusters, values, seed=1) != bootstrap_mean(clusters, values, seed=2)


def test_the_interval_over_few_weeks_covers_the_truth_where_campaigns_differ() -> None:
    covered, by_contacts = 0, 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        week = np.repeat(np.arange(7), chance.integers(50, 400, 7))
        values = chance.normal(0.0, 0.2, 7)[week] + chance.normal(0.0, 1.0, len(week))
        found = bootstrap_mean(Clusters(np.arange(len(week)), week), values, seed=seed)
        covered += found.week_low <= 0 <= found.week_high
        by_contacts += found.low <= 0 <= found.high

    assert covered / 200 >= 0.88
    assert by_contacts / 200 < 0.7  # contacts alone would claim too much


def test_too_few_weeks_get_no_interval_and_allow_no_claim() -> None:
    week = np.arange(60) % (MIN_WEEKS - 1)
    found = bootstrap_mean(Clusters(np.arange(60), week), np.ones(60))

    assert (found.low, found.high) == (1, 1)
    assert np.isnan([found.week_low, found.week_high]).all()
    assert [found.above(0), found.at_least(0), found.below(2), found.at_most(2)] == [False] * 4


@pytest.mark.parametrize(("week_low", "claimed"), [(0.01, True), (-0.01, False)])
def test_a_claim_needs_both_intervals(week_low: float, claimed: bool) -> None:
    found = Estimate(0.1, 0.05, 0.15, week_low=week_low, week_high=0.2)

    assert found.above(0) is claimed
    assert found.at_least(0) is claimed
    assert not found.below(0)
    assert Estimate(-0.1, -0.15, -0.05, week_low=-0.2, week_high=-week_low).below(0) is claimed
