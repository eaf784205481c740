"""What speaks for a cold product: taste, factors and likeness, each with a weight by the number of its buyers."""

from dataclasses import dataclass

import numpy as np

from dog.models.start.taste import Floats

BUYER_STARTS = (0, 1, 5)
"""Fewest buyers of each band of cold products."""
NO_TERMS = ((0.0, 0.0, 0.0),) * len(BUYER_STARTS)


def buyer_band(buyers: np.ndarray) -> np.ndarray:
    """Return the band of numbers of buyers.

    >>> buyer_band(np.array([0, 1, 4, 5])).tolist()
    [0, 1, 1, 2]

    """
    return np.asarray(np.searchsorted(BUYER_STARTS, buyers, side="right") - 1)


def activity_of(event_counts: np.ndarray) -> Floats:
    """Return the activity of contacts: the logarithm of one more than their number of products."""
    return np.log1p(np.asarray(event_counts, np.float64))


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdWeights:
    """Weights of taste, factors and likeness by band of buyers, and of a contact's activity.

    All are 0 where they were not proved on products that the model had not seen.
    """

    terms: tuple[tuple[float, float, float], ...] = NO_TERMS
    activity: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdTerms:
    """The cold products as rows that a contact is multiplied with; each term is 0 for the average contact.

    Parameters
    ----------
    products
        Their numbers, shape (cold,).
    vectors, factors, attributes
        Of each, times its weight, shapes (cold, dimension), (cold, factors), (cold, columns).
    centres
        What the average contact gets of each term, shape (3, cold).

    """

    products: np.ndarray
    vectors: Floats
    factors: Floats
    attributes: Floats
    centres: Floats

    @classmethod
    def of(
        cls,
        products: np.ndarray,
        rows: tuple[Floats, Floats, Floats],
        averages: tuple[Floats, Floats, Floats],
        weights: ColdWeights,
        buyers: np.ndarray,
    ) -> "ColdTerms":
        """Return the terms of products, given their rows, the average contact and their buyers, shape (cold,)."""
        table = np.array(weights.terms)[buyer_band(buyers)]
        weighed = [row * table[:, place, None] for place, row in enumerate(rows)]
        centres = np.stack([row @ average for row, average in zip(weighed, averages, strict=True)])
        return cls(products=products, vectors=weighed[0], factors=weighed[1], attributes=weighed[2], centres=centres)

    def joined(self, others: "ColdTerms") -> "ColdTerms":
        """Return these terms and those of products with greater numbers."""
        both = {
            name: np.concatenate([getattr(self, name), getattr(others, name)])
            for name in ("products", "vectors", "factors", "attributes")
        }
        return ColdTerms(**both, centres=np.concatenate([self.centres, others.centres], axis=1))

    def log_odds(
        self, rows: np.ndarray | slice, tastes: Floats, folded: Floats, likeness: Floats, has_events: np.ndarray
    ) -> Floats:
        """Return what contacts add to the log odds of some of the products, shape (contacts, rows).

        `rows` are places among the cold products. `tastes` has shape (contacts, dimension), `folded` (contacts,
        factors), `likeness` (contacts, columns): the mean encoded attributes of each contact's products. Without events
        the latter two are not known and add nothing.
        """
        centres = self.centres[:, rows]
        found = tastes @ self.vectors[rows].T - centres[0]
        more = folded @ self.factors[rows].T - centres[1] + likeness @ self.attributes[rows].T - centres[2]
        return np.asarray(found + np.where(has_events[:, None], more, 0.0))
