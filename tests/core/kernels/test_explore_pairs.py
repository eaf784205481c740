import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.kernels.explore_pairs import exploration_odds_of, exploration_odds_of_pairs
from tests.core.kernels.oracles import assert_same


@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.3, 0.5, 1.0, 2.0]), st.floats(0, 3))
def test_odds_of_doubt_follow_their_formula(seed: int, trust: float, deviations: float) -> None:
    random = np.random.default_rng(seed)
    pitches = random.integers(0, 5, 12).astype(np.float64)
    expected, ratios = pitches * random.uniform(0, 1, 12), random.uniform(0.2, 4, 12)

    found = exploration_odds_of_pairs(pitches, expected, ratios, trust, deviations)

    likely = np.minimum(pitches, expected * ratios**trust)
    share = likely / np.maximum(pitches, 1)
    assert_same(found, np.exp(deviations * trust / np.sqrt(2 + likely * (1 - share))))


def test_a_pair_by_itself_gets_what_it_gets_among_others() -> None:
    pitches, expected, ratios = np.array([[0.0, 4.0, 9.0], [0.0, 1.5, 9.0], [1.0, 1.7, 0.4]])

    found = exploration_odds_of_pairs(pitches, expected, ratios, 0.5, 1.0)

    assert found.tolist() == [
        exploration_odds_of(n, x, r, 0.5, 1.0) for n, x, r in zip(pitches, expected, ratios, strict=True)
    ]
