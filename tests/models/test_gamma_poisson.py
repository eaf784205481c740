import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dog.models.gamma_poisson import shrink_rates


def test_units_that_differ_by_chance_only_share_the_mean_rate() -> None:
    alike = np.array([[1.0], [2.0], [2.0], [3.0]])  # variance 0.5 where chance alone makes 2

    rates = shrink_rates(alike, np.ones(4))

    assert rates.ravel().tolist() == [2.0, 2.0, 2.0, 2.0]


def test_the_prior_is_found_again_in_simulated_data() -> None:
    random = np.random.default_rng(2)
    shape, rate, looks = 2.0, 4.0, 10.0
    counts = random.poisson(random.gamma(shape, 1 / rate, (50_000, 1)) * looks).astype(float)

    rates = shrink_rates(counts, np.full(len(counts), looks))

    # the closed form of the posterior mean: (shape + count) / (rate + looks)
    assert np.abs(rates * (rate + looks) / (shape + counts) - 1).max() < 0.03


def test_the_less_a_unit_was_observed_the_nearer_it_stays_to_the_mean() -> None:
    counts = np.array([[0.0], [20.0], [0.0], [200.0]])
    exposures = np.array([10.0, 10.0, 100.0, 100.0])

    rates = shrink_rates(counts, exposures).ravel()

    assert 0 < rates[2] < rates[0] < rates[1] < rates[3] < 2


def test_a_kind_that_never_happened_has_rate_0() -> None:
    assert shrink_rates(np.zeros((3, 1)), np.ones(3)).tolist() == [[0.0], [0.0], [0.0]]


def test_kinds_do_not_touch_each_other() -> None:
    random = np.random.default_rng(3)
    counts, exposures = random.poisson(3.0, (50, 2)).astype(float), random.uniform(1, 5, 50)

    together = shrink_rates(counts, exposures)

    assert shrink_rates(counts[:, [1]], exposures) == pytest.approx(together[:, [1]])


@given(
    counts=arrays(np.float64, (5, 3), elements=st.integers(0, 1000).map(float)),
    exposures=arrays(np.float64, 5, elements=st.floats(0.1, 100)),
)
def test_a_shrunk_rate_lies_between_the_raw_one_and_the_mean(counts: np.ndarray, exposures: np.ndarray) -> None:
    raw, mean = counts / exposures[:, np.newaxis], counts.sum(axis=0) / exposures.sum()

    rates = shrink_rates(counts, exposures)

    assert (rates >= np.minimum(raw, mean) * (1 - 1e-9)).all()
    assert (rates <= np.maximum(raw, mean) * (1 + 1e-9)).all()
