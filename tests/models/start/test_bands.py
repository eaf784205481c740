"""Known answer C8."""

import numpy as np

from dog.core.log_odds import expit
from dog.models.start.bands import Band


def test_c8_log_odds_of_popularity_and_taste() -> None:
    band = Band(intercept=-0.5, popularity=0.9, taste=0.8)

    found = band.log_odds(np.log([0.3 / 0.7]), np.array([-0.072092371505]), np.zeros(1))

    np.testing.assert_allclose(found, [-1.320241971552], atol=1e-11)
    np.testing.assert_allclose(expit(found), [0.210778038534], atol=1e-11)
