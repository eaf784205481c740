"""Fold a contact into a factorisation that was fitted to others: its factors, given what it bought."""

from dataclasses import dataclass, field

import numpy as np

from dog.models.start.taste import Floats

REGULARISATION = 10.0
BOUGHT_ONCE = float(np.log(2.0))
"""Confidence in a product bought once: the logarithm of 1 + 1, as `dog.models.collaborative` counts."""

PAGE = 500
"""Contacts that are folded in at once."""


@dataclass(frozen=True, slots=True)
class FoldIn:
    """Factors of the products, shape (products, factors), and what folding in repeats for every contact."""

    factors: Floats
    gram: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        size = self.factors.shape[1]
        object.__setattr__(self, "gram", self.factors.T @ self.factors + REGULARISATION * np.eye(size))

    def fold(self, products: np.ndarray) -> Floats:
        """Return the factors of a contact that bought some products, shape (events,); those of nobody are 0.

        w = (Y'Y + 10 I + (ln 2 - 1) sum y y')^-1 ln 2 sum y

        References
        ----------
        Hu, Koren, Volinsky 2008, "Collaborative Filtering for Implicit Feedback Datasets", equation 4.

        """
        if not len(products):
            return np.zeros(len(self.gram))
        own = self.factors[products]
        return np.linalg.solve(self.gram + (BOUGHT_ONCE - 1) * own.T @ own, BOUGHT_ONCE * own.sum(axis=0))

    def fold_all(self, events: np.ndarray) -> Floats:
        """Return the factors of contacts, given their events as rows of products, -1 behind the last."""
        padded = np.concatenate([self.factors, np.zeros((1, len(self.gram)))])  # the last row is that of the -1
        found = np.zeros((len(events), len(self.gram)))
        for first in range(0, len(events), PAGE):
            page = slice(first, first + PAGE)
            own = padded[events[page]]
            grams = self.gram + (BOUGHT_ONCE - 1) * (own.transpose(0, 2, 1) @ own)
            found[page] = np.linalg.solve(grams, BOUGHT_ONCE * own.sum(axis=1)[:, :, None])[:, :, 0]
        return found
