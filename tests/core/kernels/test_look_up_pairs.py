import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.kernels.look_up_pairs import EXPLORATION, NO_RECORD, look_up_pairs, pair_history
from dog.core.learning.evidence import stored_evidence
from dog.core.learning.priors import Priors
from dog.core.learning.reinforcement import order_odds
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.records import PAIRS

PRODUCTS = 5


def random_pairs(random: np.random.Generator) -> np.ndarray:
    products = np.flatnonzero(random.random(PRODUCTS) < 0.6)
    pairs = np.zeros(len(products), PAIRS)
    pairs["product"], pairs["multiplier"] = products, random.uniform(0.5, 2, len(products))
    for name in ("wins", "losses", "pending"):
        pairs[name] = random.integers(0, 4, len(products))
    pairs["evidence_wins"], pairs["evidence_pitches"] = pairs["wins"], pairs["wins"] + pairs["losses"]
    pairs["evidence_scored"] = np.minimum(random.integers(0, 4, len(products)), pairs["evidence_pitches"])
    pairs["evidence_expected"] = pairs["evidence_scored"] * random.uniform(0, 0.5, len(products))
    return pairs


def priors(random: np.random.Generator, trust: float) -> Priors:
    ratios = np.append(random.uniform(0.5, 2, PRODUCTS), 1.0)
    return Priors(
        global_rate=0.1,
        product_rates=np.full(PRODUCTS + 1, 0.1),
        product_strength=20.0,
        pair_strength=20.0,
        score_ratios=np.ones(PRODUCTS + 1),
        tenant_ratio=1.2,
        product_ratios=ratios,
        trust=(0.5, trust),
    )


@given(st.integers(0, 2**32), st.sampled_from([0.3, 0.5, 1.0]), st.integers(1, 3))
def test_options_get_the_pairs_own_multiplier_and_doubt_else_the_products(
    seed: int, trust: float, contact_count: int
) -> None:
    random = np.random.default_rng(seed)
    known, settings = priors(random, trust), Reinforcement(explore=1.0)
    by_contact = [random_pairs(random) for _ in range(contact_count)]
    pairs, bounds = np.concatenate(by_contact), np.cumsum([0, *map(len, by_contact)])
    products = random.integers(0, PRODUCTS + 3, 4 * contact_count)
    baseline = random.uniform(0.5, 2, PRODUCTS + 1)
    exploration = np.array([(0.1, 1.2, trust, 1.0, 1.4)], EXPLORATION)

    performance, odds, places = look_up_pairs(
        np.arange(0, 4 * contact_count + 1, 4), products, bounds, pairs, baseline, known.product_ratios, exploration
    )

    for option, product in enumerate(products.tolist()):
        own = np.flatnonzero(by_contact[option // 4]["product"] == product)
        if not len(own):
            assert (places[option], odds[option]) == (NO_RECORD, 1.4)
            assert performance[option] == baseline[min(product, PRODUCTS)]
            continue
        record = by_contact[option // 4][own]
        assert pairs[places[option]] == record[0]
        assert performance[option] == record["multiplier"][0]
        evidence = stored_evidence(record)
        assert odds[option] == pytest.approx(order_odds(np.array([product]), evidence, known, settings)[0], rel=1e-14)


def test_pairs_without_a_record_have_no_history_and_no_win_rate() -> None:
    pairs = np.zeros(2, PAIRS)
    pairs["wins"], pairs["losses"], pairs["pending"] = [1, 0], [3, 0], [2, 5]

    wins, pitches, rates = pair_history(pairs, np.array([0, NO_RECORD, 1]))

    assert wins.tolist() == [1, 0, 0]
    assert pitches.tolist() == [6, 0, 5]
    np.testing.assert_array_equal(rates, [0.25, np.nan, np.nan])
