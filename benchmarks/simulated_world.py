"""The simulated world of `closed_loop.py`: what really happens, what the models see of it, and what is recorded."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from scipy.special import expit, logit

BASE_RATE = 0.08
REFRESH_WEEKS = 26
FEATURE_NOISE = 0.5
"""Standard deviation; that of the features themselves is 0.5 to 0.6."""
MATURE_WEEKS = 13
"""Weeks after which a pitch without an answer counts as lost."""


@dataclass(frozen=True)
class Size:
    """How large a world is."""

    contacts: int = 500
    products: int = 60
    weeks: int = 104


@dataclass(frozen=True)
class Scenario:
    """What a world is like."""

    name: str
    about: str
    refresh: bool = True  # whether models are trained again every 26 weeks
    predictive: bool = True  # whether pairs deviate from what the models can see
    outcome_weeks: int = 0  # how late every outcome is known
    wins_a_week: float | None = None  # share of the wins still to come that come each week; losses come by maturation
    logged_losses: float = 1.0  # share of the lost pitches that are recorded
    logged_wins: float = 1.0
    pool: Literal["stacking", "mean"] = "stacking"  # how the service makes one score of those of the models
    rep_picks_of: int | None = None  # length of the list of which a rep, who knows the contact, pitches three


_MEAN = "; models are pooled by their weighted mean, as in version 1"
SCENARIOS: tuple[Scenario, ...] = (
    Scenario("present", "outcomes are known at once, models are trained again every 26 weeks, and stacked"),
    Scenario("no refresh", "the models are never trained again", refresh=False),
    Scenario("8 weeks late", "every outcome is known eight weeks after the pitch", outcome_weeks=8),
    Scenario(
        "silent losses",
        "wins come after four weeks on average; a loss is known by 13 weeks of silence alone",
        wins_a_week=0.2,
    ),
    Scenario("half logged", "half of the pitches are recorded, drawn at random", logged_losses=0.5, logged_wins=0.5),
    Scenario("wins logged", "every won pitch is recorded, and half of the lost ones", logged_losses=0.5),
    Scenario("rep picks", "a rep who knows the contact pitches three of a list of six", rep_picks_of=6),
    Scenario("control", "pairs deviate in nothing from what the models can see", predictive=False),
    Scenario("mean pool", f"the present world{_MEAN}", pool="mean"),
    Scenario("mean pool, no refresh", f"models are never trained again{_MEAN}", refresh=False, pool="mean"),
    Scenario("mean pool, control", f"pairs deviate in nothing{_MEAN}", predictive=False, pool="mean"),
)


@dataclass(frozen=True)
class World:
    """The true chances and the models' noise, the same for every arm of a seed."""

    seen: np.ndarray  # what models can see, in log odds, (contacts, products)
    drift: np.ndarray  # (weeks, products)
    deviation: np.ndarray  # of each pair, lasting, seen by no model, (contacts, products)
    noise: np.ndarray  # of each model at each refresh, (refreshes, models, contacts, products)
    luck: np.random.Generator = field(repr=False)
    contact_features: np.ndarray  # each contact's level and tastes, (contacts, 5)
    product_features: np.ndarray  # each product's level and what tastes it meets, (products, 5)

    def chance(self, week: int) -> np.ndarray:
        """Return the true chance of every pair in a week."""
        return np.asarray(expit(self.seen + self.drift[week] + self.deviation))


def make_world(seed: int, size: Size, *, predictive: bool = True) -> World:
    """Generate a world; without `predictive` pairs have no deviation of their own, so past wins teach nothing."""
    random = np.random.default_rng(seed)
    contact, product = random.normal(0, 0.5, size.contacts), random.normal(0, 0.6, size.products)
    tastes, meets = random.normal(0, 0.6, (size.contacts, 4)), random.normal(0, 0.6, (4, size.products))
    drift = np.cumsum(random.normal(0, 0.03, (size.weeks, size.products)), axis=0)
    collapsed = np.arange(size.products) < size.products // 6
    drift[size.weeks // 2 :, collapsed] -= 2.0
    deviation = random.normal(0, 0.9 if predictive else 0.0, (size.contacts, size.products))
    refreshes = size.weeks // REFRESH_WEEKS + 1
    spread = np.array([1.2, 0.7, 0.7])[None, :, None, None]
    noise = random.normal(0, 1, (refreshes, 3, size.contacts, size.products)) * spread
    seen = logit(BASE_RATE) - 0.5 + contact[:, None] + product[None, :] + tastes @ meets
    of_contact, of_product = np.column_stack([contact, tastes]), np.column_stack([product, meets.T])
    return World(seen, drift, deviation, noise, random, of_contact, of_product)


def seen_features(world: World, seed: int) -> World:
    """Return the world as its rivals see it: features of contacts and products through noise, as models see pairs."""
    random = np.random.default_rng([seed, 9])
    features = (world.contact_features, world.product_features)
    of_contact, of_product = (exact + random.normal(0, FEATURE_NOISE, exact.shape) for exact in features)
    return replace(world, contact_features=of_contact, product_features=of_product)


def known_after(scenario: Scenario, won: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw after how many weeks each outcome is known, the shape of `won`; the same number of draws for any `won`."""
    if scenario.wins_a_week is None:
        return np.full(won.shape, scenario.outcome_weeks)
    age = random.geometric(scenario.wins_a_week, won.shape) - 1
    return np.where(won, np.minimum(age, MATURE_WEEKS - 1), MATURE_WEEKS)


def logged(scenario: Scenario, won: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw which pitches are recorded, the shape of `won`."""
    share = np.where(won, scenario.logged_wins, scenario.logged_losses)
    return np.asarray(random.random(won.shape) < share)
