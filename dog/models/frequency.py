"""Purchase frequency: how often a contact is expected to buy a product in the days ahead.

Expected purchases = expected visits of the contact x share of its visits at which it buys the product.
Both are shrunk towards the mean. A visit is a day on which the contact bought anything.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from dog.models.bgnbd import expected_visits, fit_bgnbd
from dog.models.gamma_poisson import shrink_rates
from dog.models.purchases import Floats, PairScores, count_matrix, purchases_before, visits


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencySettings:
    """Days ahead in which purchases are expected, and half-lives in days of a visit and of what was bought at it.

    With `gamma_poisson` a contact's rate of visits drifts and old visits fade; with `bg_nbd` it is constant until the
    contact leaves for good, and visits do not fade.
    """

    ahead_days: float = 30.0
    visit_model: Literal["gamma_poisson", "bg_nbd"] = "gamma_poisson"
    visit_half_life_days: float = 45.0
    product_half_life_days: float = 365.0

    def __post_init__(self) -> None:
        if min(self.ahead_days, self.visit_half_life_days, self.product_half_life_days) <= 0:
            raise ValueError("ahead_days and the half-lives must be above 0")


def fit_frequency(
    transactions: pd.DataFrame, cutoff: pd.Timestamp, settings: FrequencySettings | None = None
) -> PairScores:
    """Return expected purchases in the days ahead; arguments and `NotReady` as in `purchases_before`.

    References
    ----------
    Shrinkage by Gamma-Poisson empirical Bayes; visits may follow BG/NBD (Fader, Hardie, Lee 2005) instead.
    """
    settings = settings or FrequencySettings()
    purchases = purchases_before(transactions, cutoff)
    contact, age_days, _ = visits(purchases)
    half_life = settings.product_half_life_days
    visit_count = _faded_count(contact, age_days, half_life)
    bought = count_matrix(purchases, _fade(purchases.age_days, half_life))
    per_visit = shrink_rates(bought, visit_count)
    if settings.visit_model == "bg_nbd":
        ahead = _bg_nbd_visits(contact, age_days, settings.ahead_days)
    else:
        ahead = _gamma_poisson_visits(contact, age_days, settings)
    return PairScores(purchases, ahead[:, np.newaxis] * per_visit)


def _fade(age_days: np.ndarray, half_life_days: float) -> Floats:
    return np.exp2(-age_days / half_life_days)


def _faded_count(contact: np.ndarray, age_days: np.ndarray, half_life_days: float) -> Floats:
    return np.bincount(contact, _fade(age_days, half_life_days)).astype(np.float64)


def _gamma_poisson_visits(contact: np.ndarray, age_days: np.ndarray, settings: FrequencySettings) -> Floats:
    half_life = settings.visit_half_life_days
    # all contacts are observed over all of the data: one that came late counts as one that seldom comes
    looked = _fade(np.arange(age_days.max() + 1), half_life).sum()
    count = _faded_count(contact, age_days, half_life)
    rates: Floats = shrink_rates(count[:, np.newaxis], np.full(len(count), looked))[:, 0]
    return rates * settings.ahead_days


def _bg_nbd_visits(contact: np.ndarray, age_days: np.ndarray, ahead_days: float) -> Floats:
    repeats: Floats = np.bincount(contact).astype(np.float64) - 1
    first_age: Floats = np.zeros(len(repeats))
    last_age: Floats = np.full(len(repeats), np.inf)
    np.maximum.at(first_age, contact, age_days)
    np.minimum.at(last_age, contact, age_days)
    last, observed = first_age - last_age, first_age + 1.0
    return expected_visits(fit_bgnbd(repeats, last, observed), repeats, last, observed, ahead_days)
