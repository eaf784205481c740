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

    The terms are 0 where they were not proved on products that the model had not seen. Activity is what they had to
    beat.
    """

    terms: tuple[tuple[float, float, float], ...] = NO_TERMS
    activity: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTerms:
    """What cold products are multiplied with: taste, factors and likeness of contacts, shape (contacts, ...) each.

    Likeness is the mean of the encoded attributes of a contact's products.
    """

    tastes: Floats
    folded: Floats
    likeness: Floats

    def average(self) -> "ContactTerms":
        """Return the average contact; zeros if there is none."""
        columns = (self.tastes, self.folded, self.likeness)
        tastes, folded, likeness = (column.sum(axis=0, keepdims=True) / max(1, len(column)) for column in columns)
        return ContactTerms(tastes=tastes, folded=folded, likeness=likeness)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdTerms:
    """The cold products as rows that a contact is multiplied with; each term is 0 for the average contact.

    Parameters
    ----------
    products
        Their numbers in ascending order, shape (cold,).
    rows
        Vector, factors and encoded attributes of each, times their weights, shape (cold, columns).
    centres
        What the average contact gets of the taste, and of the other two terms, shape (2, cold).

    """

    products: np.ndarray
    rows: Floats
    centres: Floats

    @classmethod
    def of(
        cls,
        products: np.ndarray,
        columns: tuple[Floats, Floats, Floats],
        average: ContactTerms,
        weights: ColdWeights,
        buyers: np.ndarray,
    ) -> "ColdTerms":
        """Return the terms of products, given vectors, factors and encoded attributes, and numbers of their buyers."""
        table = np.array(weights.terms)[buyer_band(buyers)]
        vectors, factors, attributes = (column * table[:, place, None] for place, column in enumerate(columns))
        of_events = factors @ average.folded[0] + attributes @ average.likeness[0]
        return cls(
            products=products,
            rows=np.concatenate([vectors, factors, attributes], axis=1),
            centres=np.stack([vectors @ average.tastes[0], of_events]),
        )

    def joined(self, others: "ColdTerms") -> "ColdTerms":
        """Return these terms and those of products with greater numbers."""
        return ColdTerms(
            products=np.concatenate([self.products, others.products]),
            rows=np.concatenate([self.rows, others.rows]),
            centres=np.concatenate([self.centres, others.centres], axis=1),
        )

    def log_odds(self, contacts: ContactTerms, has_events: np.ndarray, places: np.ndarray | slice) -> Floats:
        """Return what contacts add to the log odds of the products at some places, shape (contacts, places).

        `has_events` has shape (contacts,): without events factors and likeness are not known and add nothing.
        """
        known = has_events[:, None].astype(np.float64)
        columns = np.concatenate([contacts.tastes, known * contacts.folded, known * contacts.likeness], axis=1)
        centres = self.centres[:, places]
        return np.asarray(columns @ self.rows[places].T - centres[0] - known * centres[1])
