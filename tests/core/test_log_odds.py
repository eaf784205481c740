"""Log odds: as scipy's, to the last digits, wherever a probability can be."""

import numpy as np
import pytest
from scipy import special

from dog.core.log_odds import expit, logit


def test_both_agree_with_scipy() -> None:
    odds = np.concatenate([np.linspace(-40, 40, 4001), [-1000.0, 1000.0]])
    chances = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 4001), [1e-300]])

    np.testing.assert_allclose(expit(odds), special.expit(odds), rtol=4e-15, atol=0)
    np.testing.assert_allclose(logit(chances), special.logit(chances), rtol=1e-12, atol=4e-16)
    assert np.isnan(expit(np.nan))
    assert np.isnan(logit(np.nan))


@pytest.mark.parametrize("chance", [1e-6, 0.1, 0.5, 0.9, 1 - 1e-6])
def test_there_and_back(chance: float) -> None:
    assert expit(logit(chance)) == pytest.approx(chance, rel=1e-9)
