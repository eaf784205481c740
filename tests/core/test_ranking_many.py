from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.ranking import GroupCap, RankPin, select
from dog.core.ranking_many import select_many


@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.integers(0, 2), st.booleans())
def test_many_lists_chosen_together_are_those_chosen_one_by_one(seed: int, k: int, caps: int, pinned: bool) -> None:
    random = np.random.default_rng(seed)
    starts = np.cumsum([0, *random.integers(0, 8, 4)])
    options = int(starts[-1])
    scores = np.where(random.random(options) < 0.1, np.nan, random.integers(0, 4, options) / 4)
    eligible, order = random.random(options) < 0.8, random.permutation(options)
    all_caps = [GroupCap(random.integers(-1, 3, options), int(random.integers(1, 3))) for _ in range(caps)]
    pins = [RankPin(1, random.random(options) < 0.3)] if pinned else []

    places, sizes = select_many(starts, scores, eligible, order, k, caps=all_caps, pins=pins)
    ends = np.cumsum(sizes)
    for number, (first, last) in enumerate(pairwise(starts)):
        own = slice(first, last)
        own_caps = [GroupCap(cap.groups[own], cap.at_most) for cap in all_caps]
        own_pins = [RankPin(pin.rank, pin.matches[own]) for pin in pins]
        alone = first + select(scores[own], eligible[own], order[own], k, caps=own_caps, pins=own_pins)

        assert places[ends[number] - sizes[number] : ends[number]].tolist() == alone.tolist()
