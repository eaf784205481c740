"""The popularity that a product's attributes lead to expect, and what its first buyers make of it."""

from dataclasses import dataclass

import numpy as np

from dog.core.log_odds import expit
from dog.models.start.taste import Floats

RIDGE = 5.0
STRENGTH = 2.0
"""Expected buyers that count as much as what the attributes say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetPrior:
    """Popularity by attributes: log odds of the score's offset, and of the share of contacts that buy.

    Parameters
    ----------
    means
        Of warm products, shape (2,).
    effects
        Of each encoded attribute, shape (columns, 2).
    contacts
        Contacts that the model was fitted to.

    """

    means: Floats
    effects: Floats
    contacts: float

    def offsets(self, encoded: Floats, buyers: Floats, exposure: Floats) -> Floats:
        """Return the log odds of popularity of cold products, shape (products,).

        `buyers` counts their buyers; `exposure` is the share of all events that occurred since a product is known, in
        [0, 1]. A product of which nothing is known has the popularity of products with its attributes; one that nobody
        buys though it is known for long sinks: ln((2 + buyers) / (2 + expected buyers)).
        """
        expected = self.means + encoded @ self.effects
        expected_buyers = self.contacts * exposure * expit(expected[:, 1])
        return np.asarray(expected[:, 0] + np.log((STRENGTH + buyers) / (STRENGTH + expected_buyers)))


def fit_offset_prior(offsets: Floats, share_log_odds: Floats, encoded: Floats, contacts: float) -> OffsetPrior:
    """Fit the popularity of warm products to their attributes by ridge regression; arguments by product."""
    target = np.column_stack([offsets, share_log_odds])
    if not len(target):
        return OffsetPrior(means=np.zeros(2), effects=np.zeros((encoded.shape[1], 2)), contacts=contacts)
    means, centre = target.mean(axis=0), encoded.mean(axis=0)
    centred = encoded - centre
    effects = np.linalg.solve(centred.T @ centred + RIDGE * np.eye(encoded.shape[1]), centred.T @ (target - means))
    return OffsetPrior(means=means - centre @ effects, effects=effects, contacts=contacts)
