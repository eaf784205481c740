"""What a week describes of channels and times, by name."""

import numpy as np
import pytest

from dog.core.learning.attribute_counts import AttributeSums, value_key
from dog.core.learning.attribute_ratios import ValueTally, segment_ratios
from dog.core.learning.exact_sums import UNITS
from dog.core.learning.pitch_results import NO_PITCHES, WEEKS
from dog.core.learning.trust import Trust
from dog.services.weekly.learn_attributes import LearnedAttributes, learn_attributes
from dog.storage.store import Store
from dog.storage.value_numbers import number_values


def sums(*rows: tuple[int, int, int, float]) -> AttributeSums:
    """Sum rows of key, wins, pitches and expected wins, all of one week."""
    return AttributeSums(
        sums={key: (wins, pitches * UNITS, round(expected * UNITS)) for key, wins, pitches, expected in rows},
        weeks=np.array([key * WEEKS for key, *_ in rows], np.int64),
    )


def test_segments_and_values_are_described_by_name_with_their_tallies(store: Store) -> None:
    email, call, gold = number_values(store, [("channel", "email"), ("channel", "call"), ("segment", "gold")])
    keys = value_key(0, gold, email), value_key(0, gold, call), value_key(0, 0, email)
    found = learn_attributes(
        store, {}, sums((keys[0], 1, 10, 1.5), (keys[1], 4, 10, 1.5), (keys[2], 0, 2, 0.25)), NO_PITCHES
    )

    assert found.described["channel"]["segments"] == {
        "gold": {"email": [1, 10.0, 1.5, 1], "call": [4, 10.0, 1.5, 1]},
        "": {"email": [0, 2.0, 0.25, 1]},
    }
    assert found.described["channel"]["numbers"] == {"email": email, "call": call}
    assert found.described.keys() == {"channel"}
    own = segment_ratios({"email": ValueTally(1, 10, 1.5, 1), "call": ValueTally(4, 10, 1.5, 1)})
    assert found.ratios == pytest.approx({keys[0]: own["email"].ratio, keys[1]: own["call"].ratio, keys[2]: 1.0})


def test_without_pitches_by_a_channel_nothing_is_described(store: Store) -> None:
    assert learn_attributes(store, {}, AttributeSums(), NO_PITCHES) == LearnedAttributes()


def test_trust_is_kept_from_week_to_week(store: Store) -> None:
    state = Trust.from_list([0.0] * 6 + [0.2] + [0.0] * 6 + [0.9]).to_list()
    known = {"channel": {"segments": {}, "numbers": {}, "trust": {}, "trust_state": state}}
    found = learn_attributes(store, known, AttributeSums(), NO_PITCHES)

    assert found.described["channel"]["trust_state"] == state
    assert found.described["channel"]["trust"] == {"segment": 0.2, "contact": 0.9}
