"""Lift over the controls of a traffic split: right where the truth is known."""

import dataclasses

import numpy as np
import pytest

from dog.core.iso_weeks import WEEK_MS
from dog.offline.evaluation.impact import measure_impact
from dog.offline.history.pitches import Pitches

ARMS = {"policy": 0.8, "no_multiplier": 0.1, "random_eligible": 0.1}


def split(rates: dict[str, float], contacts: int = 4000, weeks: int = 10, seed: int = 0) -> Pitches:
    chance = np.random.default_rng(seed)
    arm = chance.choice(list(ARMS), contacts, p=list(ARMS.values()))
    contact = np.tile(np.arange(contacts), weeks)
    rate = np.array([rates[name] for name in arm])[contact]
    at_ms = np.repeat(np.arange(weeks), contacts) * WEEK_MS
    zeros = np.zeros(len(contact), np.int64)
    won = (chance.random(len(contact)) < rate).astype(float)
    return Pitches(
        contact=contact,
        product=zeros,
        pair=contact,
        week=at_ms // WEEK_MS,
        at_ms=at_ms,
        settled_ms=at_ms + 1,
        won=won,
        variant=arm[contact],
    )


def test_a_lift_that_is_there_is_seen_and_one_that_is_not_is_not() -> None:
    found = measure_impact(split({"policy": 0.12, "no_multiplier": 0.12, "random_eligible": 0.06}, seed=1))

    assert found is not None
    same, random = found.lifts
    assert (same.control, random.control) == ("no_multiplier", "random_eligible")
    assert same.difference.low < 0 < same.difference.high
    assert "No difference to no_multiplier" in same.sentence
    assert random.lift.low < 1.0 < random.lift.high
    assert "wins more than random_eligible" in random.sentence


def test_where_there_is_no_lift_few_intervals_claim_one() -> None:
    claimed = 0
    for seed in range(40):
        found = measure_impact(split(dict.fromkeys(ARMS, 0.12), contacts=1500, weeks=4, seed=seed))
        difference = None if found is None else found.lifts[0].difference
        claimed += difference is not None and (difference.low > 0 or difference.high < 0)

    assert claimed <= 6  # one in twenty is expected


def test_a_policy_that_harms_is_told_so() -> None:
    found = measure_impact(split({"policy": 0.08, "no_multiplier": 0.12, "random_eligible": 0.08}))

    assert found is not None
    assert "wins less than no_multiplier" in found.lifts[0].sentence


def test_the_time_told_is_the_time_it_takes() -> None:
    rates = {"policy": 0.11, "no_multiplier": 0.10, "random_eligible": 0.10}
    short = measure_impact(split(rates, contacts=1000, weeks=6))
    assert short is not None
    needed = short.lifts[0].weeks_to_see + short.lifts[0].weeks

    seen = 0
    for seed in range(20):
        found = measure_impact(split(rates, contacts=1000, weeks=round(needed), seed=seed + 1))
        seen += found is not None and found.lifts[0].difference.low > 0

    assert 0.55 <= seen / 20 <= 0.98  # 80% is what was promised


def test_few_contacts_tell_nothing() -> None:
    found = measure_impact(split(dict.fromkeys(ARMS, 0.1), contacts=60))

    assert found is not None
    assert np.isnan(found.lifts[0].difference.low)
    assert "too few contacts" in found.lifts[0].sentence


def test_without_a_split_there_is_no_impact_to_tell() -> None:
    pitches = split(dict.fromkeys(ARMS, 0.1), contacts=60)

    assert measure_impact(dataclasses.replace(pitches, variant=np.full(len(pitches), "policy"))) is None


def test_pitches_before_the_split_began_do_not_count() -> None:
    pitches = split({"policy": 0.1, "no_multiplier": 0.1, "random_eligible": 0.1})
    early = pitches.at_ms < 5 * WEEK_MS
    variant = np.where(early, "", pitches.variant)
    found = measure_impact(dataclasses.replace(pitches, variant=variant, won=np.where(early, 1.0, pitches.won)))

    assert found is not None
    assert found.win_rate.value == pytest.approx(0.1, abs=0.01)
    assert found.lifts[0].weeks == 4
