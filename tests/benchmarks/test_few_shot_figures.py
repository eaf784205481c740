import numpy as np
import pytest

from benchmarks.few_shot.calibration import draw_rows, fit_weights
from benchmarks.few_shot.list_figures import TRIALS, WAYS, draw_choices, figures, gains
from dog.models.start.episodes import Episodes, cut
from dog.models.start.histories import Histories


def episodes(count: int, products: int = 50) -> Episodes:
    chance = np.random.default_rng(1)
    return cut(Histories.of_lists([chance.permutation(products)[:8].tolist() for _ in range(count)], products), 3)


def test_the_choices_are_one_wanted_product_and_nineteen_that_are_neither_wanted_nor_bought() -> None:
    found = episodes(30)
    choices = draw_choices(found, np.random.default_rng(1))
    rows = np.arange(30)[:, None, None]

    assert choices.shape == (30, TRIALS, WAYS)
    assert found.wanted[rows, choices][:, :, 0].all()
    assert not found.wanted[rows, choices][:, :, 1:].any()
    assert found.open[rows, choices].all()
    assert all(len(set(one.tolist())) == WAYS for one in choices[:, 0])


def test_a_score_that_knows_is_right_always_and_one_that_knows_nothing_one_time_in_twenty() -> None:
    found = episodes(40)
    choices = draw_choices(found, np.random.default_rng(1))
    knows, guesses = (figures(score, found, choices) for score in (found.wanted.astype(float), found.open * 1.0))

    assert knows.min() == 1.0
    assert guesses[1].tolist() == [0.5] * 40
    assert guesses[2] == pytest.approx(1 / WAYS)


def test_a_method_that_is_popularity_gains_nothing_and_the_interval_of_a_gain_contains_it() -> None:
    chance = np.random.default_rng(2)
    popular = chance.random((3, 400))
    better = popular + chance.normal(0.1, 0.5, (3, 400))

    assert [(one.gain, one.low, one.high) for one in gains(popular, popular)] == [(0.0, 0.0, 0.0)] * 3
    for one in gains(better, popular):
        assert one.low < one.gain < one.high
        assert one.high - one.low == pytest.approx(2 * 1.96 * 0.5 / 20, rel=0.2)


def test_calibration_finds_the_weights_that_made_the_data_though_most_pairs_are_left_out() -> None:
    chance = np.random.default_rng(3)
    offset, feature = chance.normal(-2.0, 1.0, 200), chance.normal(0.0, 2.0, (2000, 200))
    wanted = chance.random((2000, 200)) < 1 / (1 + np.exp(-(0.3 + 0.8 * offset + 0.25 * feature)))
    found = Episodes(contacts=np.arange(2000), known=np.zeros((2000, 0), int), wanted=wanted, open=np.ones_like(wanted))
    rows = draw_rows(found, chance)
    weights = fit_weights(offset[rows.product], feature[rows.episode, rows.product][:, None], rows.wanted, rows.weight)

    assert len(rows.product) < 0.4 * wanted.size
    assert weights.constant == pytest.approx(0.3, abs=0.05)
    assert weights.popularity == pytest.approx(0.8, abs=0.03)
    assert weights.features[0] / weights.spreads[0] == pytest.approx(0.25, abs=0.02)
    assert weights.combine(offset, [feature]).shape == (2000, 200)
