"""What really happens, the same for every arm of a seed, and what the models can see of it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, logit

BASE_RATE = 0.08
REFRESH_WEEKS = 26
NOISES = (1.2, 0.7, 0.7)
"""Standard deviation of each model's error, in log odds."""
DEVIATION = 0.9
FLEETING = 1.2
"""Standard deviation of what is redrawn every week in the fleeting world."""

Kind = Literal["lasting", "known", "fleeting"]
KINDS: tuple[Kind, ...] = ("lasting", "known", "fleeting")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a world is."""

    contacts: int = 500
    products: int = 60
    weeks: int = 104

    @property
    def shape(self) -> tuple[int, int]:
        """Contacts x products."""
        return self.contacts, self.products


@dataclass(frozen=True, slots=True)
class World:
    """Log odds of a win, in parts; arrays of shape (contacts, products) unless said otherwise.

    Parameters
    ----------
    seed, kind, size
        The draw; `lasting`: pairs have a lasting deviation that no model sees; `known`: they have none;
        `fleeting`: all that tells pairs apart is redrawn every week, so that past wins teach nothing at all.
    seen
        What models see of a pair, apart from their errors.
    drift
        Of each product, shape (weeks, products); models see it as it was at their last refresh.
    deviation
        Of each pair, seen by no model.

    """

    seed: int
    kind: Kind
    size: Size
    seen: np.ndarray
    drift: np.ndarray
    deviation: np.ndarray

    def visible(self, week: int) -> np.ndarray:
        """Tell what a model without error, refreshed this week, would say; in log odds."""
        if self.kind == "fleeting":
            return np.asarray(self.seen + self._draw(3, week).normal(0, FLEETING, self.size.shape))
        return np.asarray(self.seen + self.drift[week])

    def chance(self, week: int) -> np.ndarray:
        """Give the true chance of every pair in a week."""
        return np.asarray(expit(self.visible(week) + self.deviation))

    def views(self, week: int) -> np.ndarray:
        """Show what each model says in a week without what it learnt, in log odds, (models, contacts, products).

        A model errs the same way until its next refresh; in the fleeting world it errs anew every week, since an
        error that lasts is something that win rates can teach.
        """
        refresh = week if self.kind == "fleeting" else week // REFRESH_WEEKS * REFRESH_WEEKS
        errors = self._draw(4, refresh).normal(0, 1, (len(NOISES), *self.size.shape))
        return np.asarray(self.visible(refresh) + errors * np.array(NOISES)[:, None, None])

    def luck(self, week: int) -> np.ndarray:
        """Draw the number in [0, 1) that must fall below a pair's chance for a pitch of this week to be won."""
        return self._draw(5, week).random(self.size.shape)

    def _draw(self, purpose: int, week: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, purpose, week])


def make_world(seed: int, size: Size, kind: Kind = "lasting") -> World:
    """Draw a world."""
    random = np.random.default_rng([seed, 0])
    contact, product = random.normal(0, 0.5, size.contacts), random.normal(0, 0.6, size.products)
    taste = random.normal(0, 0.6, (size.contacts, 4)) @ random.normal(0, 0.6, (4, size.products))
    drift = np.cumsum(random.normal(0, 0.03, (size.weeks, size.products)), axis=0)
    drift[size.weeks // 2 :, : size.products // 6] -= 2.0  # a category collapses
    deviation = random.normal(0, DEVIATION, size.shape)
    seen = logit(BASE_RATE) - 0.5 + contact[:, None] + product + taste
    if kind == "fleeting":
        seen = np.full(size.shape, logit(BASE_RATE) - 0.5)
    return World(seed, kind, size, seen, drift, deviation if kind == "lasting" else np.zeros(size.shape))
