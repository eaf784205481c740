"""The rivals of `closed_loop.py`: Thompson sampling, and LinUCB and SquareCB of kept libraries."""

from typing import Any

import numpy as np

from benchmarks.loop_choosers import Outcomes, Sight, Unreinforced
from benchmarks.simulated_world import Size, World
from dog.core.log_odds import clipped_log_odds

SQUARE_CB = "--cb_explore_adf --squarecb --gamma_scale 100000 -q CP -b 20 -l 0.05"
"""Features of contact (C) and product (P), and pairs of them; the best of a dozen settings on a seed not reported."""
SLOTS = 3


def thompson(
    wins: np.ndarray, pitches: np.ndarray, alpha: np.ndarray, beta: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Sample each pair's rate from its Beta posterior; with alpha = beta = 1 these are mabwiser's expectations.

    The library samples one arm at a time, which would take hours here, and takes no prior from a score. A test compares
    this function with it.
    """
    return random.beta(alpha + wins, beta + pitches - wins)


class Thompson(Unreinforced):
    """Sample from a Beta posterior whose prior is the score times the product's wins over its expected wins."""

    def __init__(self, size: Size, strength: float, seed: int) -> None:
        self.size, self.strength, self.random = size, strength, np.random.default_rng([seed, 2])
        self.wins, self.pitches, self.expected = np.zeros((3, size.contacts * size.products))

    def order(self, sight: Sight) -> np.ndarray:
        shape = (self.size.contacts, self.size.products)
        won, expected = (part.reshape(shape).sum(axis=0) for part in (self.wins, self.expected))
        ratio = np.tile((5 + won) / (5 + expected), self.size.contacts)
        prior = np.clip(sight.score * ratio, 1e-4, 0.95) * self.strength
        return thompson(self.wins, self.pitches, prior, self.strength - prior, self.random)

    def learn(self, week: int, news: Outcomes, pending: Outcomes) -> None:
        np.add.at(self.wins, news.pair, news.won)
        np.add.at(self.pitches, news.pair, 1)
        np.add.at(self.expected, news.pair, news.score)


class LinUcb(Unreinforced):
    """Choose by the upper confidence bound of one linear model of mabwiser over features of contact and product.

    Features: the score, level and tastes of the contact, level and tastes of the product, how far the tastes meet, and
    the product's number. The library knows no features of arms, so that its one arm is to pitch the pair at hand.
    """

    def __init__(self, world: World, size: Size, alpha: float) -> None:
        from mabwiser.mab import MAB, LearningPolicy  # noqa: PLC0415  # the other ways do without

        contact = np.repeat(world.contact_features, size.products, axis=0)
        product = np.tile(world.product_features, (size.contacts, 1))
        meets, number = contact[:, 1:] * product[:, 1:], np.tile(np.eye(size.products), (size.contacts, 1))
        self.features = np.hstack([np.ones((len(contact), 2)), contact, product, meets, number])
        self.bandit = MAB(["pitch"], LearningPolicy.LinUCB(alpha=alpha))
        self.fitted = False

    def order(self, sight: Sight) -> np.ndarray:
        self.features[:, 1] = sight.score
        if not self.fitted:
            return sight.score
        return np.array([expected["pitch"] for expected in self.bandit.predict_expectations(self.features)])

    def tag(self, pairs: np.ndarray) -> np.ndarray:
        return self.features[pairs]

    def learn(self, week: int, news: Outcomes, pending: Outcomes) -> None:
        if len(news.pair):
            train = self.bandit.partial_fit if self.fitted else self.bandit.fit
            train(["pitch"] * len(news.pair), news.won.astype(int).tolist(), news.tag)
            self.fitted = True


class SquareCb(Unreinforced):
    """Sample three products by SquareCB of Vowpal Wabbit, over features of contact and product and the scores.

    Features as of `LinUcb`, and a number for the contact, hence one for each pair. As in the published algorithm the
    regression learns from the pitches as they are, not weighted by how unlikely they were: so it won more, too.
    """

    def __init__(self, world: World, size: Size, seed: int) -> None:
        from vowpalwabbit import Workspace  # noqa: PLC0415  # in its own venv

        self.world, self.size, self.random = world, size, np.random.default_rng([seed, 2])
        self.bandit: Any = Workspace(f"{SQUARE_CB} --quiet --random_seed {seed + 1}")
        self.lines: list[list[list[str]]] = []  # of each change of scores, of each contact

    def order(self, sight: Sight) -> np.ndarray:
        if sight.rescored or not self.lines:
            self.lines.append(self._write(sight))
        chances = np.array([self.bandit.predict(lines) for lines in self.lines[-1]])
        return sample_slots(chances, self.random).ravel()

    def tag(self, pairs: np.ndarray) -> np.ndarray:
        return np.full((len(pairs), 1), len(self.lines) - 1)

    def learn(self, week: int, news: Outcomes, pending: Outcomes) -> None:
        contact, product = np.divmod(news.pair, self.size.products)
        for row in self.random.permutation(len(news.pair)):
            shared, *options = self.lines[news.tag[row, 0]][contact[row]]
            self.bandit.learn([shared, f"0:{-int(news.won[row])}:1 {options[product[row]]}"])

    def _write(self, sight: Sight) -> list[list[str]]:
        """Write the features of each contact, then of each of its products, in Vowpal Wabbit's text format."""
        odds = clipped_log_odds(np.vstack([sight.score, sight.models]))
        scores = np.vstack([sight.score, odds]).reshape(-1, self.size.contacts, self.size.products)
        products = [f"|P p{one} {_named('q', row)}" for one, row in enumerate(self.world.product_features.tolist())]
        written = []
        for contact, row in enumerate(self.world.contact_features.tolist()):
            said = [f" |S {_named('s', of_pair)}" for of_pair in scores[:, contact].T.tolist()]
            options = [option + score for option, score in zip(products, said, strict=True)]
            written.append([f"shared |C c{contact} {_named('f', row)}", *options])
        return written


def _named(name: str, values: list[float]) -> str:
    return " ".join(f"{name}{number}:{value:.4f}" for number, value in enumerate(values))


def sample_slots(chances: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Sample three products of each contact, one after the other, each by SquareCB among those that are left.

    `chances` are SquareCB's of all products, shape (contacts, products): 1 / (A + gamma gap) of all but the best, from
    which the gaps follow, and from these the chances among those left. The library samples one product alone. Return
    the value to rank by: 3, 2 and 1 for those sampled, then less the larger the gap, for what a longer list adds.
    """
    contacts, products = chances.shape
    rows = np.arange(contacts)
    gaps = 1 / np.maximum(chances, 1e-12) - products
    gaps[rows, chances.argmax(axis=1)] = 0.0
    value = 1 / (2 + np.maximum(gaps, 0.0))
    for slot in range(SLOTS):
        gaps = np.where(value >= 1, np.inf, gaps)
        best = gaps.argmin(axis=1)
        share = 1 / (products - slot + gaps - gaps[rows, best][:, None])
        share[rows, best] = 0.0
        share[rows, best] = 1 - share.sum(axis=1)
        drawn = (share.cumsum(axis=1) < random.random((contacts, 1))).sum(axis=1).clip(0, products - 1)
        drawn = np.where(value[rows, drawn] >= 1, best, drawn)
        value[rows, drawn] = SLOTS - slot
    return value
