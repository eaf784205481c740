"""How good a ranking is, episode by episode, and by how much it is better than another."""

from dataclasses import dataclass

import numpy as np

from dog.models.start.episodes import Episodes, list_quality
from dog.models.start.taste import Floats

WAYS = 20
"""Products to choose from in the N-way test: one wanted, the others neither wanted nor bought before."""
TRIALS = 10
"""Draws of such a choice for each episode; their mean is its accuracy."""
RESAMPLES = 500
METRICS = ("ndcg", "auc", "ways")


def draw_choices(episodes: Episodes, chance: np.random.Generator) -> np.ndarray:
    """Return products to choose from, the wanted one first, shape (episodes, trials, 20), drawn evenly."""
    return np.stack([_draw(episodes, chance) for _ in range(TRIALS)], axis=1)


def _draw(episodes: Episodes, chance: np.random.Generator) -> np.ndarray:
    draws = chance.random(episodes.open.shape, np.float32)
    wanted = np.where(episodes.wanted, draws, np.inf).argmin(axis=1)
    others = np.where(episodes.open & ~episodes.wanted, draws, np.inf)
    return np.column_stack([wanted, np.argpartition(others, WAYS - 1, axis=1)[:, : WAYS - 1]])


def n_way(scores: Floats, choices: np.ndarray) -> Floats:
    """Return the share of trials in which the wanted product has the highest score of the choices; ties share.

    Examples
    --------
    >>> n_way(np.array([[0.9, 0.1, 0.5], [0.5, 0.1, 0.5]]), np.array([[[0, 1, 2]], [[0, 1, 2]]])).tolist()
    [1.0, 0.5]

    """
    own = np.take_along_axis(scores[:, None], choices, axis=2)
    best = own.max(axis=2, keepdims=True)
    return np.asarray(((own[:, :, 0] == best[:, :, 0]) / (own == best).sum(axis=2)).mean(axis=1))


def figures(scores: Floats, episodes: Episodes, choices: np.ndarray) -> Floats:
    """Return NDCG@10, AUC and 20-way accuracy of each episode, shape (3, episodes)."""
    ndcg, auc = list_quality(scores, episodes)
    return np.stack([ndcg, auc, n_way(scores, choices)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """A mean, and its difference to popularity with a 95 % interval."""

    mean: float
    gain: float
    low: float
    high: float


def gains(own: Floats, popular: Floats, seed: int = 0) -> list[Gain]:
    """Return the gains of each metric, given figures of shape (3, episodes); intervals by bootstrap over contacts."""
    apart = own - popular
    count = apart.shape[1]
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    low, high = np.percentile(drawn @ apart.T / count, (2.5, 97.5), axis=0)
    return [
        Gain(mean=mean, gain=gain, low=at_least, high=at_most)
        for mean, gain, at_least, at_most in zip(
            own.mean(axis=1).tolist(), apart.mean(axis=1).tolist(), low.tolist(), high.tolist(), strict=True
        )
    ]
