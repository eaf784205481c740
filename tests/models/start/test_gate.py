import numpy as np

from dog.models.start.episodes import EpisodeQuality
from dog.models.start.gate import Interval, compare


def test_a_gain_for_certain_switches_on() -> None:
    chance = np.random.default_rng(0)
    base = chance.random(400)

    verdict = compare(EpisodeQuality(base, base + chance.normal(0.05, 0.1, 400)), EpisodeQuality(base, base))

    assert verdict.on
    assert verdict.auc.low < 0.05 < verdict.auc.high


def test_noise_does_not_switch_on() -> None:
    chance = np.random.default_rng(1)
    base = chance.random(400)

    assert not compare(EpisodeQuality(base, base + chance.normal(0.0, 0.1, 400)), EpisodeQuality(base, base)).on


def test_one_value_has_no_interval() -> None:
    assert Interval.of(np.array([0.3])).low == -np.inf
