import numpy as np

from dog.models.start.band_calibration import FoldScores, calibrate_proved
from dog.models.start.episodes import cut
from dog.models.start.taste import Floats
from tests.models.start.worlds import KINDS, simulate

WORLD = simulate(300)


def scored(fold: int, tastes: Floats) -> FoldScores:
    own = np.arange(len(WORLD.data.histories)) % 4 == fold
    episodes = cut(WORLD.data.histories.select(own), 1)
    shape = episodes.open.shape
    return FoldScores(
        fold=fold,
        episodes=episodes,
        offsets=np.full(shape, -2.0),
        tastes=tastes[: shape[0], : shape[1]],
        folded=np.zeros(shape),
        cold=np.zeros(shape),
    )


def test_a_taste_that_knows_the_kind_is_proved() -> None:
    folds = []
    for fold in range(4):
        one = scored(fold, np.zeros((300, 60)))
        kinds = np.arange(60) % len(KINDS)
        alike = (kinds == kinds[one.episodes.known[:, :1]]).astype(float)
        folds.append(scored(fold, alike))

    band, verdict = calibrate_proved(folds)

    assert verdict.on
    assert band.on
    assert band.taste > 0.1


def test_a_taste_of_noise_is_not() -> None:
    tastes = np.random.default_rng(0).normal(size=(300, 60))

    band, verdict = calibrate_proved([scored(fold, tastes) for fold in range(4)])

    assert not verdict.on
    assert (band.on, band.taste, band.fold_in) == (False, 0.0, 0.0)
