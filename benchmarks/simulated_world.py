"""The simulated world of `closed_loop.py`: what really happens, and what the models can see of it."""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit, logit

BASE_RATE = 0.08
REFRESH_WEEKS = 26


@dataclass(frozen=True)
class Size:
    """How large a world is."""

    contacts: int = 500
    products: int = 60
    weeks: int = 104


@dataclass(frozen=True)
class World:
    """The true chances and the models' noise, the same for every arm of a seed."""

    seen: np.ndarray  # what models can see, in log odds, (weeks, contacts, products) made on demand
    drift: np.ndarray  # (weeks, products)
    deviation: np.ndarray  # of each pair, lasting, seen by no model, (contacts, products)
    noise: np.ndarray  # of each model at each refresh, (refreshes, models, contacts, products)
    luck: np.random.Generator = field(repr=False)

    def chance(self, week: int) -> np.ndarray:
        """Return the true chance of every pair in a week."""
        return np.asarray(expit(self.seen + self.drift[week] + self.deviation))


def make_world(seed: int, size: Size, *, predictive: bool = True) -> World:
    """Generate a world; without `predictive` pairs have no deviation of their own, so past wins teach nothing."""
    random = np.random.default_rng(seed)
    contact, product = random.normal(0, 0.5, size.contacts), random.normal(0, 0.6, size.products)
    taste = random.normal(0, 0.6, (size.contacts, 4)) @ random.normal(0, 0.6, (4, size.products))
    drift = np.cumsum(random.normal(0, 0.03, (size.weeks, size.products)), axis=0)
    collapsed = np.arange(size.products) < size.products // 6
    drift[size.weeks // 2 :, collapsed] -= 2.0
    deviation = random.normal(0, 0.9 if predictive else 0.0, (size.contacts, size.products))
    refreshes = size.weeks // REFRESH_WEEKS + 1
    spread = np.array([1.2, 0.7, 0.7])[None, :, None, None]
    noise = random.normal(0, 1, (refreshes, 3, size.contacts, size.products)) * spread
    seen = logit(BASE_RATE) - 0.5 + contact[:, None] + product[None, :] + taste
    return World(seen, drift, deviation, noise, random)
