import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.kernels.weigh_pairs import SCORE_PRIOR, evidence_of, expected_wins_of_pairs, weigh_pairs
from dog.core.records import PAIRS

PRODUCTS, GLOBAL_RATE, TENANT_RATIO = 4, 0.12, 1.3


def random_evidence(
    random: np.random.Generator, pairs: int = 12
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    pairs = 12
    pitches = random.integers(0, 5, pairs) * random.choice([1.0, 0.7], pairs)
    scored = np.minimum(random.integers(0, 4, pairs), pitches)
    return np.minimum(random.integers(0, 4, pairs), pitches), pitches, scored * random.uniform(0, 0.5, pairs), scored


def expected_wins(pitches: np.ndarray, expected: np.ndarray, scored: np.ndarray) -> np.ndarray:
    return np.divide(expected * pitches, scored, out=pitches * GLOBAL_RATE, where=scored > 0)


@given(st.integers(0, 2**32))
def test_pitches_without_a_score_count_as_the_others_of_their_pair(seed: int) -> None:
    _, pitches, expected, scored = random_evidence(np.random.default_rng(seed))

    found = expected_wins_of_pairs(pitches, expected, scored, GLOBAL_RATE)

    assert found.tolist() == expected_wins(pitches, expected, scored).tolist()


@given(st.integers(0, 2**32), st.sampled_from([np.nan, 0.25]), st.booleans(), st.booleans())
def test_each_pair_has_the_ratios_and_rates_of_the_formulas(
    seed: int, neutral: float, by_score: bool, is_raw: bool
) -> None:
    random = np.random.default_rng(seed)
    wins, pitches, expected, scored = random_evidence(random)
    of = random.integers(0, PRODUCTS, len(wins))
    ratios, rates, score_ratios = random.uniform(0.1, 2, (3, PRODUCTS))

    found = weigh_pairs(
        of,
        wins,
        pitches,
        expected,
        scored,
        ratios,
        rates,
        score_ratios,
        GLOBAL_RATE,
        TENANT_RATIO,
        neutral,
        20.0,
        by_score,
        is_raw,
    )

    limited = np.minimum(pitches, TENANT_RATIO * ratios[of] * expected_wins(pitches, expected, scored))
    raw = np.divide(wins, pitches, out=np.full(len(wins), np.nan), where=pitches > 0)
    prior, middle = rates[of], rates[of] if np.isnan(neutral) else np.full(len(of), neutral)
    if by_score:
        mean = np.divide(expected, scored, out=np.full(len(wins), GLOBAL_RATE), where=scored > 0)
        middle = np.clip(mean, *SCORE_PRIOR)
        prior = np.clip(middle * score_ratios[of], *SCORE_PRIOR)
    shrunk = prior + (wins - pitches * prior) / (20.0 + pitches)
    rows = [ratios[of], limited, (2 + wins) / (2 + limited), raw, prior, middle, raw if is_raw else shrunk]
    np.testing.assert_array_equal(found, np.array(rows))


@pytest.mark.parametrize("with_parts", [False, True])
def test_the_evidence_of_records_has_pending_pitches_in_part_where_asked(with_parts: bool) -> None:
    pairs = np.zeros(2, PAIRS)
    pairs["evidence_wins"], pairs["evidence_pitches"] = [1, 0], [3, 2]
    pairs["evidence_expected"], pairs["evidence_scored"] = [0.5, 0.1], [2, 1]
    pairs["part_pitches"], pairs["part_expected"], pairs["part_scored"] = [0, 0.5], [0, 0.25], [0, 0.5]

    found = evidence_of(pairs, with_parts)

    added = np.array([[0, 0], [0, 0.5], [0, 0.25], [0, 0.5]]) * with_parts
    np.testing.assert_array_equal(found, np.array([[1, 0], [3, 2], [0.5, 0.1], [2, 1]]) + added)
