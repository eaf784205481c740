"""Fit how the vectors of products are distributed, to products with enough buyers."""

import numpy as np

from dog.models.start.cold_products import ColdPrior
from dog.models.start.fit_taste import JITTER, fit_prior
from dog.models.start.histories import Histories
from dog.models.start.taste import Floats, Moments, TastePrior, TasteUpdate

SEED_OF_BUYERS = 0
MOST_BUYERS = 20
"""Buyers that a product's vector is adapted with."""
RIDGE = 5.0
"""Draws the effects of attributes towards 0: a category has a dozen products, a segment hundreds of contacts."""


def fit_cold_prior(histories: Histories, tastes: Floats, encoded: Floats, warm: np.ndarray) -> ColdPrior:
    """Fit the prior to the products with enough buyers; each counts with at most twenty of these.

    `tastes` are those of the contacts, `encoded` the encoded attributes of the products, `warm` which products to
    learn from, shape (products,).
    """
    moments = buyer_moments(tastes, histories.sizes.astype(np.float64))
    prior = fit_prior(moments, tastes, buyers_of(histories)[warm], encoded[warm], ridge=RIDGE)
    centre = encoded[warm].mean(axis=0) if warm.any() else np.zeros(encoded.shape[1])
    shifted = TastePrior(
        mean=prior.mean - centre @ prior.attribute_effects,
        attribute_effects=prior.attribute_effects,
        covariance=prior.covariance,
    )
    return ColdPrior(TasteUpdate(moments, shifted))


def buyer_moments(tastes: Floats, activity: Floats, most_buyers: int = MOST_BUYERS) -> Moments:
    """Return the moments of the tastes of buyers: contacts count by their activity, their number of events.

    `tastes` has shape (contacts, dimension), `activity` (contacts,). The order of buyers tells nothing, so that the
    expected sum of k tastes is k times their mean.
    """
    weights = activity / max(float(activity.sum()), 1e-12)
    mean = weights @ tastes
    spread = (tastes.T * weights) @ tastes - np.outer(mean, mean)
    return Moments(
        mean=mean,
        covariance=spread + JITTER * np.eye(len(mean)),
        position_sums=np.arange(most_buyers + 1)[:, None] * mean,
    )


def buyers_of(histories: Histories, most: int = MOST_BUYERS) -> np.ndarray:
    """Return some buyers of each product, at random, -1 behind the last, shape (products, most)."""
    contacts = np.repeat(np.arange(len(histories)), histories.sizes)
    order = np.random.default_rng(SEED_OF_BUYERS).permutation(len(contacts))
    order = order[np.argsort(histories.products[order], kind="stable")]
    starts = np.searchsorted(histories.products[order], np.arange(histories.product_count + 1))
    by_product = Histories(starts=starts, products=contacts[order], product_count=len(histories))
    return by_product.between(0, most)
