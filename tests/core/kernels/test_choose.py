import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.ranking import GroupCap, RankPin, select
from tests.core.kernels import oracles

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.integers(0, 12), st.integers(0, 3), st.integers(0, 4))
def test_the_best_are_those_of_a_full_sort(seed: int, k: int, caps: int, pins: int) -> None:
    random = np.random.default_rng(seed)
    options = int(random.integers(0, 40))
    scores = np.where(random.random(options) < 0.1, np.nan, random.integers(0, 5, options) / 4)
    eligible, ties = random.random(options) < 0.8, random.permutation(options)
    all_caps = [(random.integers(-1, 4, options), int(random.integers(1, 4))) for _ in range(caps)]
    all_pins = [(int(random.integers(1, 8)), random.random(options) < 0.3) for _ in range(pins)]
    chosen = select(
        scores,
        eligible,
        ties,
        k,
        caps=[GroupCap(groups, at_most) for groups, at_most in all_caps],
        pins=[RankPin(rank, matches) for rank, matches in all_pins],
    )
    candidates = np.flatnonzero(eligible & ~np.isnan(scores)).tolist()

    assert chosen.tolist() == oracles.selected(scores, candidates, ties, k, caps=all_caps, pins=all_pins)
