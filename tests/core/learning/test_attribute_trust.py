"""Trust in channels: the rows it is learned from, and where it goes."""

import numpy as np
import pytest

from dog.core.events import EventType
from dog.core.learning.attribute_counts import value_key
from dog.core.learning.attribute_trust import attribute_pitches, learn_trust
from dog.core.learning.trust import SettledPitches, Trust
from dog.core.records import VALUE_COUNTS
from tests.core.learning.test_attribute_counts import ANN, CALL, CID, EMAIL, GOLD, MORNING, chunk


def test_a_pitch_is_a_row_for_its_channel_and_one_for_its_time() -> None:
    of = chunk([CID, ANN])
    rows = np.flatnonzero(of.outcomes["type"] == EventType.PITCH)[:3]  # the last is pending
    held = {1: np.array([(0, EMAIL, 0, 5, 0.5), (0, CALL, 2, 2, 0.2)], VALUE_COUNTS)}
    found = attribute_pitches(of, rows, np.array([1.0, 0.0, 1.0]), held)

    assert found.product.tolist() == [
        value_key(0, GOLD, EMAIL),
        value_key(0, GOLD, CALL),
        value_key(1, GOLD, MORNING),
        value_key(1, GOLD, MORNING),
    ]
    assert found.won.tolist() == [0, 1, 0, 1]
    assert np.exp(found.pair_log_ratio) == pytest.approx([2 / (2 + 10 / 7), 4 / (2 + 4 / 7), 1, 1])


def settled(won: np.ndarray, calls: np.ndarray) -> SettledPitches:
    keys = np.where(calls, value_key(0, GOLD, CALL), value_key(0, GOLD, EMAIL))
    nothing = np.zeros(len(won))
    return SettledPitches(
        product=keys, score=nothing + 0.2, product_log_ratio=nothing, pair_log_ratio=np.log(1 + calls), won=won
    )


def test_trust_in_contacts_rises_where_their_channels_win_as_they_did_and_falls_where_they_do_not() -> None:
    rng = np.random.default_rng(1)
    calls = rng.random(3000) < 0.5
    told = learn_trust(Trust(), settled((rng.random(3000) < np.where(calls, 0.36, 0.2)) * 1.0, calls), 0, {})
    false = learn_trust(Trust(), settled((rng.random(3000) < 0.2) * 1.0, calls), 0, {})

    assert told.values[1] > 0.7
    assert false.values[1] < 0.3


def test_trust_stays_where_no_pitch_had_the_attribute() -> None:
    rows = settled(np.ones(4), np.array([True, False, True, False]))

    assert learn_trust(Trust(), rows, 1, {}) == Trust()
    assert learn_trust(Trust(), rows, 0, {value_key(0, GOLD, CALL): 2.0}) != Trust()
